package compress.encode;

import java.util.Arrays;

/** Bytes that grow at the end. Numbers are little-endian. */
final class ByteOutput {
  private byte[] bytes = new byte[64];
  private int size;

  int size() {
    return size;
  }

  void writeByte(int b) {
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, grown(1));
    }
    bytes[size++] = (byte) b;
  }

  void write(byte[] source) {
    write(source, 0, source.length);
  }

  void write(byte[] source, int from, int length) {
    if (length > bytes.length - size) {
      bytes = Arrays.copyOf(bytes, grown(length));
    }
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  private int grown(int more) {
    int needed = Math.addExact(size, more);
    return Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 8, 2L * bytes.length));
  }

  void writeInt(int value) {
    for (int shift = 0; shift < Integer.SIZE; shift += 8) {
      writeByte(value >>> shift);
    }
  }

  /** Seven bits a byte, lowest first; the top bit says that more follow. */
  void writeVarint(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a varint is not negative: " + value);
    }
    long rest = value;
    for (; rest >= 0x80; rest >>>= 7) {
      writeByte((int) rest | 0x80);
    }
    writeByte((int) rest);
  }

  /** Forgets all bytes after the first {@code size}. */
  void truncate(int newSize) {
    size = Math.min(size, newSize);
  }

  byte at(int index) {
    return bytes[index];
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }
}
