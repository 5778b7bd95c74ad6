package compress.encode;

import compress.model.FormatException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A range of bytes read front to back that knows which file it comes from, so that what is wrong
 * with it can be said with a place. Numbers are little-endian.
 */
final class ByteInput {
  private final Path file;
  private final long fileOffset;
  private final boolean inFile;
  private final byte[] bytes;
  private final int end;
  private int position;

  private ByteInput(Path file, long fileOffset, boolean inFile, byte[] bytes, int from, int end) {
    this.file = file;
    this.fileOffset = fileOffset;
    this.inFile = inFile;
    this.bytes = bytes;
    this.position = from;
    this.end = end;
  }

  /**
   * @param fileOffset where the first of {@code bytes} lies in {@code file}
   */
  static ByteInput of(Path file, long fileOffset, byte[] bytes) {
    return new ByteInput(file, fileOffset, true, bytes, 0, bytes.length);
  }

  /** Bytes decoded from those before {@link #position}; what is wrong with them is wrong there. */
  ByteInput decoded(byte[] decoded) {
    return new ByteInput(file, place(), false, decoded, 0, decoded.length);
  }

  private long place() {
    return inFile ? fileOffset + position : fileOffset;
  }

  int remaining() {
    return end - position;
  }

  int position() {
    return position;
  }

  /** The bytes behind this, of which those from {@link #position} on are still to be read. */
  byte[] array() {
    return bytes;
  }

  int readByte() throws FormatException {
    if (position == end) {
      throw failure("the data ends too early");
    }
    return bytes[position++] & 0xff;
  }

  int readInt() throws FormatException {
    int value = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 8) {
      value |= readByte() << shift;
    }
    return value;
  }

  /**
   * A number as {@link ByteOutput#writeVarint} writes it.
   *
   * @param limit the largest that makes sense here
   * @param what for the message
   */
  long readVarint(long limit, String what) throws FormatException {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int b = readByte();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        if (value > limit) {
          throw failure("%s is %d, more than %d".formatted(what, value, limit));
        }
        return value;
      }
    }
    throw failure(what + " does not fit 63 bits");
  }

  byte[] read(int length) throws FormatException {
    return slice(length).copy();
  }

  /** The next {@code length} bytes as an input of their own; this one goes on after them. */
  ByteInput slice(int length) throws FormatException {
    if (length > remaining()) {
      throw failure("%d bytes expected, %d left".formatted(length, remaining()));
    }
    ByteInput slice = new ByteInput(file, fileOffset, inFile, bytes, position, position + length);
    position += length;
    return slice;
  }

  void skip(int length) throws FormatException {
    slice(length);
  }

  private byte[] copy() {
    return Arrays.copyOfRange(bytes, position, end);
  }

  void expectEnd() throws FormatException {
    if (position != end) {
      throw failure((end - position) + " bytes too many");
    }
  }

  /** What to throw when the bytes just read make no sense. */
  FormatException failure(String reason) {
    return new FormatException(file, place(), reason);
  }
}
