package compress.encode;

/** Reads what {@link ArithmeticEncoder} wrote, given the same probabilities. */
final class ArithmeticDecoder implements BitCoder {
  private final byte[] bytes;
  private final int end;
  private int next;
  private long low;
  private long high = 0xffff_ffffL;
  private long number;

  /** Reads to the end of {@code in}; zeros follow. */
  ArithmeticDecoder(ByteInput in) {
    bytes = in.array();
    next = in.position();
    end = next + in.remaining();
    for (int i = 0; i < 4; i++) {
      number = number << 8 | readByte();
    }
  }

  private int readByte() {
    return next < end ? bytes[next++] & 0xff : 0;
  }

  @Override
  public int code(int bit, int probabilityOfOne) {
    long split = low + ((high - low) * probabilityOfOne >>> 16);
    int read = number <= split ? 1 : 0;
    if (read != 0) {
      high = split;
    } else {
      low = split + 1;
    }
    while ((low ^ high) >>> 24 == 0) {
      low = low << 8 & 0xffff_ffffL;
      high = high << 8 & 0xffff_ffffL | 0xff;
      number = number << 8 & 0xffff_ffffL | readByte();
    }
    return read;
  }
}
