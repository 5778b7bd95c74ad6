package compress.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Numbers of one type in row-major order: a view of a mapped file or of memory, never copied on the
 * way in. The segment is read-only by agreement, may start at any address, and holds exactly {@code
 * type.bytesFor(shape.size())} bytes. More than 2 GiB is normal.
 */
public record Tensor(DType type, Shape shape, MemorySegment data) {
  /** For elements that start anywhere, which those of a mapped file do. */
  public static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  public Tensor {
    if (data.byteSize() != type.bytesFor(shape.size())) {
      throw new IllegalArgumentException(
          "%s %s takes %d bytes, not %d"
              .formatted(type, shape, type.bytesFor(shape.size()), data.byteSize()));
    }
  }

  /** The values are not copied: {@code values} must not change afterwards. */
  public static Tensor of(Shape shape, float... values) {
    return new Tensor(DType.F32, shape, littleEndian(MemorySegment.ofArray(values)));
  }

  /** {@code bytes} are the packed elements; not copied. */
  public static Tensor of(DType type, Shape shape, byte[] bytes) {
    return new Tensor(type, shape, MemorySegment.ofArray(bytes));
  }

  /** The values are not copied. */
  public static Tensor ofLongs(Shape shape, long... values) {
    return new Tensor(DType.I64, shape, littleEndian(MemorySegment.ofArray(values)));
  }

  /**
   * Integers packed as {@code type} has them: the low bits of each are taken.
   *
   * @throws IllegalArgumentException if {@code type} is no integer type of at most 32 bits
   */
  public static Tensor ofIntegers(DType type, Shape shape, int... integers) {
    if (!type.isInteger() || type.bits() > Integer.SIZE) {
      throw new IllegalArgumentException(type + " does not hold integers of up to 32 bits");
    }
    byte[] bytes = new byte[Math.toIntExact(type.bytesFor(integers.length))];
    if (type.bits() >= Byte.SIZE) {
      int each = type.bits() / Byte.SIZE;
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (integers[i / each] >> i % each * Byte.SIZE);
      }
    } else {
      int perByte = Byte.SIZE / type.bits();
      int low = (1 << type.bits()) - 1;
      for (int i = 0; i < integers.length; i++) {
        bytes[i / perByte] |= (byte) ((integers[i] & low) << i % perByte * type.bits());
      }
    }
    return of(type, shape, bytes);
  }

  /**
   * Floats rounded to the nearest of {@code type}, half to even; past the largest they become
   * infinite.
   *
   * @throws IllegalArgumentException if {@code type} is none of F16, BF16, F32 and F64
   */
  public static Tensor ofFloats(DType type, Shape shape, float... values) {
    if (type == DType.F32) {
      return of(shape, values);
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(type.bytesFor(values.length)))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case F16 -> bytes.putShort(Float.floatToFloat16(value));
        case BF16 -> bytes.putShort(toBFloat16(value));
        case F64 -> bytes.putDouble(value);
        default -> throw new IllegalArgumentException(type + " is none of F16, BF16, F32, F64");
      }
    }
    return of(type, shape, bytes.array());
  }

  private static short toBFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value)
        ? (short) (bits >>> 16 | 0x40)
        : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  private static MemorySegment littleEndian(MemorySegment segment) {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException("compress needs a little-endian machine");
    }
    return segment;
  }

  public long size() {
    return shape.size();
  }

  /**
   * Element {@code i} in row-major order as the nearest float. Complex types give their real part.
   */
  public float floatAt(long i) {
    return switch (type) {
      case F32, C64 -> data.get(FLOAT, type == DType.F32 ? 4 * i : 8 * i);
      case F64, C128 -> (float) data.get(DOUBLE, type == DType.F64 ? 8 * i : 16 * i);
      case F16 -> Float.float16ToFloat(data.get(SHORT, 2 * i));
      case BF16 -> Float.intBitsToFloat(data.get(SHORT, 2 * i) << 16);
      case F8_E4M3 -> SmallFloat.E4M3FN.toFloat(byteAt(i));
      case F8_E4M3FNUZ -> SmallFloat.E4M3FNUZ.toFloat(byteAt(i));
      case F8_E5M2 -> SmallFloat.E5M2.toFloat(byteAt(i));
      case F8_E5M2FNUZ -> SmallFloat.E5M2FNUZ.toFloat(byteAt(i));
      case F8_E8M0 -> SmallFloat.e8m0(byteAt(i));
      case F4_E2M1 -> SmallFloat.E2M1.toFloat(packedAt(i));
      case U64 -> unsignedToFloat(longAt(i));
      case U8, I8, U16, I16, I32, I64, BOOL, U32, U4, I4, U2, I2 -> longAt(i);
    };
  }

  /**
   * Element {@code i} of an integer tensor; of type U64 as its bit pattern.
   *
   * @throws IllegalArgumentException if the type is not an integer
   */
  public long longAt(long i) {
    return switch (type) {
      case U8, BOOL -> byteAt(i);
      case I8 -> data.get(ValueLayout.JAVA_BYTE, i);
      case U16 -> data.get(SHORT, 2 * i) & 0xffff;
      case I16 -> data.get(SHORT, 2 * i);
      case I32 -> data.get(INT, 4 * i);
      case U32 -> data.get(INT, 4 * i) & 0xffff_ffffL;
      case I64, U64 -> data.get(LONG, 8 * i);
      case U4, U2 -> packedAt(i);
      case I4, I2 -> packedAt(i) << 32 - type.bits() >> 32 - type.bits();
      default -> throw new IllegalArgumentException(type + " is not an integer type");
    };
  }

  private int byteAt(long i) {
    return data.get(ValueLayout.JAVA_BYTE, i) & 0xff;
  }

  private int packedAt(long i) {
    int perByte = 8 / type.bits();
    int shift = (int) (i % perByte) * type.bits();
    return byteAt(i / perByte) >>> shift & (1 << type.bits()) - 1;
  }

  private static float unsignedToFloat(long v) {
    // Halved with the lost bit kept, so that rounding sees it.
    return v >= 0 ? v : (float) (v >>> 1 | v & 1) * 2;
  }

  /**
   * All elements as floats, in row-major order. A fresh array.
   *
   * @throws IllegalStateException if there are more than an array holds
   */
  public float[] toFloats() {
    float[] floats = new float[arrayLength()];
    if (type == DType.F32) {
      MemorySegment.copy(data, FLOAT, 0, floats, 0, floats.length);
    } else {
      for (int i = 0; i < floats.length; i++) {
        floats[i] = floatAt(i);
      }
    }
    return floats;
  }

  /** All elements of an integer tensor, in row-major order. A fresh array. */
  public long[] toLongs() {
    long[] longs = new long[arrayLength()];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = longAt(i);
    }
    return longs;
  }

  private int arrayLength() {
    if (size() > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "a tensor of " + size() + " elements does not fit an array; split it first");
    }
    return (int) size();
  }

  /** The packed elements as a read-only buffer; copied only if they lie in an array of numbers. */
  public ByteBuffer toByteBuffer() {
    boolean inNumbers = data.heapBase().isPresent() && !(data.heapBase().get() instanceof byte[]);
    return inNumbers
        ? ByteBuffer.wrap(data.toArray(ValueLayout.JAVA_BYTE)).asReadOnlyBuffer()
        : data.asByteBuffer().asReadOnlyBuffer();
  }

  /** The same numbers under another shape of the same size. */
  public Tensor reshaped(Shape to) {
    return new Tensor(type, to, data);
  }

  /** Same type, same shape, same bytes: NaN equals itself, and -0 is not 0. */
  public boolean sameAs(Tensor other) {
    return type == other.type && shape.equals(other.shape) && data.mismatch(other.data) == -1;
  }
}
