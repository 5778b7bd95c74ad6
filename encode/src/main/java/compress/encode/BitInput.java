package compress.encode;

import compress.model.FormatException;

/**
 * Reads what {@link BitOutput} wrote. Past the end come zeros, so that a loop need not check every
 * bit: {@link #align} does, once, after it.
 */
final class BitInput {
  private final ByteInput in;
  private final byte[] bytes;
  private final int start;
  private final int end;
  private int next;
  // The bits ahead, first in the highest place.
  private long ahead;
  private int aheadBits;

  BitInput(ByteInput in) {
    this.in = in;
    this.bytes = in.array();
    this.start = in.position();
    this.end = start + in.remaining();
    this.next = start;
  }

  private void fill() {
    while (aheadBits <= Long.SIZE - 8) {
      long b = next < end ? bytes[next] & 0xff : 0;
      next++;
      ahead |= b << Long.SIZE - 8 - aheadBits;
      aheadBits += 8;
    }
  }

  /** The next {@code count} bits, 1 to 32, without moving on. */
  int peek(int count) {
    if (aheadBits < count) {
      fill();
    }
    return (int) (ahead >>> Long.SIZE - count);
  }

  /** Moves on by bits that were peeked at. */
  void skip(int count) {
    ahead <<= count;
    aheadBits -= count;
  }

  int read(int count) {
    if (count == 0) {
      return 0;
    }
    int bits = peek(count);
    skip(count);
    return bits;
  }

  /** A number as {@link BitOutput#writeGamma} writes it. */
  int readGamma() throws FormatException {
    int zeros = 0;
    while (read(1) == 0) {
      if (++zeros > 30) {
        throw in.failure("a gamma code of more than 31 bits");
      }
    }
    return 1 << zeros | read(zeros);
  }

  /** Moves the input behind the last byte that bits were read from. */
  void align() throws FormatException {
    int unread = aheadBits / 8;
    int used = next - unread - start;
    if (used > in.remaining()) {
      throw in.failure("the data ends too early");
    }
    int padding = aheadBits % 8;
    if (padding > 0 && peek(padding) != 0) {
      throw in.failure("bits other than 0 after the last code");
    }
    in.skip(used);
    ahead = 0;
    aheadBits = 0;
    next = start + used;
  }
}
