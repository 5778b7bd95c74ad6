package compress.encode;

/** Bits packed into bytes, the first in the highest place. */
final class BitOutput {
  private final ByteOutput out;
  private long pending;
  private int pendingBits;

  BitOutput(ByteOutput out) {
    this.out = out;
  }

  /** Appends the low {@code count} bits of {@code bits}, at most 32, highest first. */
  void write(int bits, int count) {
    pending = pending << count | bits & (1L << count) - 1;
    pendingBits += count;
    while (pendingBits >= 8) {
      pendingBits -= 8;
      out.writeByte((int) (pending >>> pendingBits));
    }
  }

  /**
   * A number of at least 1 as Elias' gamma code: as many zeros as it has bits after its first, then
   * the number.
   */
  void writeGamma(int number) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(number);
    write(0, bits - 1);
    write(number, bits);
  }

  /** Fills the last byte with zeros; what follows starts with a byte of its own. */
  void align() {
    if (pendingBits > 0) {
      write(0, 8 - pendingBits);
    }
  }
}
