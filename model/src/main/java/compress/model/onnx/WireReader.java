package compress.model.onnx;

import compress.model.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * Walks the fields of a protobuf message without interpreting them: what the library cannot say is
 * where in the file a field lies.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">protobuf encoding</a>
 */
final class WireReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH_DELIMITED = 2;
  static final int FIXED32 = 5;

  private final Path file;
  private final MemorySegment bytes;
  private final long end;
  private long at;
  private int field;
  private int wireType;
  private long value;
  private long start;
  private long tagStart;

  /** The message that lies at bytes {@code start} to {@code end} of {@code file}. */
  WireReader(Path file, MemorySegment bytes, long start, long end) {
    this.file = file;
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Steps to the next field; false at the end of the message. */
  boolean next() throws FormatException {
    if (at == end) {
      return false;
    }
    tagStart = at;
    long tag = varint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (tag >>> 32 != 0 || field == 0) {
      throw damaged("a field numbered " + (tag >>> 3));
    }
    switch (wireType) {
      case VARINT -> {
        start = at;
        value = varint();
      }
      case FIXED64 -> take(8);
      case FIXED32 -> take(4);
      case LENGTH_DELIMITED -> take(varint());
      default -> throw damaged("a field of wire type " + wireType);
    }
    return true;
  }

  private void take(long length) throws FormatException {
    if (length < 0 || length > end - at) {
      throw damaged(
          "a field of %s bytes, and %d are left"
              .formatted(Long.toUnsignedString(length), end - at));
    }
    start = at;
    at += length;
  }

  private long varint() throws FormatException {
    long result = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (at == end) {
        throw damaged("the end inside a number");
      }
      byte b = bytes.get(ValueLayout.JAVA_BYTE, at++);
      result |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return result;
      }
    }
    throw damaged("a number of more than 64 bits");
  }

  private FormatException damaged(String found) {
    return new FormatException(file, at, "not ONNX, or cut off or damaged: " + found);
  }

  int field() {
    return field;
  }

  boolean is(int number, int type) {
    return field == number && wireType == type;
  }

  /** The number of a varint field. */
  long value() {
    return value;
  }

  /** Where the content of the field starts, in bytes from the start of the file. */
  long start() {
    return start;
  }

  /** Where the field itself starts, its number and type included. */
  long tagStart() {
    return tagStart;
  }

  /** Where the content of the field ends. */
  long end() {
    return at;
  }

  /** Bytes of the content. */
  long length() {
    return at - start;
  }

  /** The content of the field as a message. */
  WireReader message() {
    return new WireReader(file, bytes, start, at);
  }

  /** The content of the field as bytes; for names, so no more than an array holds. */
  byte[] content() {
    return bytes.asSlice(start, length()).toArray(ValueLayout.JAVA_BYTE);
  }

  /** The content of the field as numbers one after another. */
  void packedVarints(LongConsumer each) throws FormatException {
    WireReader numbers = message();
    while (numbers.at < numbers.end) {
      each.accept(numbers.varint());
    }
  }

  String text() {
    return new String(content(), StandardCharsets.UTF_8);
  }
}
