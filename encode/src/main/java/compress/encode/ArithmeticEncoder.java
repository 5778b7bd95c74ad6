package compress.encode;

/**
 * Narrows an interval of numbers by each bit's probability and writes the digits of a number inside
 * it: about {@code -log2 p} bits each.
 *
 * @see <a href="https://doi.org/10.1145/214762.214771">Witten, Neal and Cleary 1987, Arithmetic
 *     coding for data compression</a>
 */
final class ArithmeticEncoder implements BitCoder {
  private final ByteOutput out;
  private final int start;
  // The interval's ends as unsigned 32-bit numbers, both inside; equal leading bytes are written.
  private long low;
  private long high = 0xffff_ffffL;

  ArithmeticEncoder(ByteOutput out) {
    this.out = out;
    this.start = out.size();
  }

  @Override
  public int code(int bit, int probabilityOfOne) {
    long split = low + ((high - low) * probabilityOfOne >>> 16);
    if (bit != 0) {
      high = split;
    } else {
      low = split + 1;
    }
    while ((low ^ high) >>> 24 == 0) {
      out.writeByte((int) (high >>> 24));
      low = low << 8 & 0xffff_ffffL;
      high = high << 8 & 0xffff_ffffL | 0xff;
    }
    return bit;
  }

  /**
   * Writes as few bytes as tell the interval apart. A reader takes what is missing for zeros, so
   * zeros at the end are left out.
   */
  void finish() {
    if (low > 0) {
      // The number inside the interval that has the most zeros at its end.
      int zeros = 24;
      while (low + (1L << zeros) - 1 >>> zeros << zeros > high) {
        zeros -= 8;
      }
      long number = low + (1L << zeros) - 1 >>> zeros << zeros;
      for (int shift = 24; shift >= zeros; shift -= 8) {
        out.writeByte((int) (number >>> shift));
      }
    }
    int size = out.size();
    while (size > start && out.at(size - 1) == 0) {
      size--;
    }
    out.truncate(size);
  }
}
