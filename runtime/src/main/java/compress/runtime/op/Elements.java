package compress.runtime.op;

import compress.model.DType;
import compress.model.SmallFloat;
import compress.model.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Single elements in the executor's memory. As in a {@link Tensor}, but each element takes at least
 * a byte: what files pack into less is unpacked, so that every element has an address.
 */
public final class Elements {
  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private Elements() {}

  /** Bytes that an element takes. */
  public static int bytes(DType type) {
    return Math.max(1, type.bits() / Byte.SIZE);
  }

  /** Whether the numbers are computed as floats; otherwise as integers. */
  static boolean isFloat(DType type) {
    return type.isFloat();
  }

  static void unpack(Tensor from, MemorySegment to) {
    if (from.type().bits() >= Byte.SIZE) {
      MemorySegment.copy(from.data(), 0, to, 0, from.data().byteSize());
      return;
    }
    for (long i = 0; i < from.size(); i++) {
      int perByte = Byte.SIZE / from.type().bits();
      int shift = (int) (i % perByte) * from.type().bits();
      int bits = from.data().get(BYTE, i / perByte) >>> shift & (1 << from.type().bits()) - 1;
      boolean signed = from.type().kind() == DType.Kind.SIGNED;
      int unused = Integer.SIZE - from.type().bits();
      to.set(BYTE, i, (byte) (signed ? bits << unused >> unused : bits));
    }
  }

  /** The elements of row-major memory as files have them; a copy. */
  static Tensor pack(DType type, compress.model.Shape shape, MemorySegment from) {
    byte[] bytes = new byte[Math.toIntExact(type.bytesFor(shape.size()))];
    if (type.bits() >= Byte.SIZE) {
      MemorySegment.copy(from, BYTE, 0, bytes, 0, bytes.length);
    } else {
      int perByte = Byte.SIZE / type.bits();
      int low = (1 << type.bits()) - 1;
      for (int i = 0; i < shape.size(); i++) {
        int shift = i % perByte * type.bits();
        bytes[i / perByte] |= (byte) ((from.get(BYTE, i) & low) << shift);
      }
    }
    return Tensor.of(type, shape, bytes);
  }

  /** Element {@code i} of any type as a double. */
  static double getDouble(DType type, MemorySegment s, long i) {
    return switch (type) {
      case F32 -> s.getAtIndex(FLOAT, i);
      case F64 -> s.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
      case F16 -> Float.float16ToFloat(s.getAtIndex(ValueLayout.JAVA_SHORT, i));
      case BF16 -> Float.intBitsToFloat(s.getAtIndex(ValueLayout.JAVA_SHORT, i) << 16);
      case F8_E4M3, F8_E4M3FNUZ, F8_E5M2, F8_E5M2FNUZ, F4_E2M1 ->
          small(type).orElseThrow().toFloat(s.get(BYTE, i) & 0xff);
      case F8_E8M0 -> {
        int exponent = s.get(BYTE, i) & 0xff;
        yield exponent == 255 ? Double.NaN : Math.scalb(1.0, exponent - 127);
      }
      case U64 -> {
        long v = s.getAtIndex(ValueLayout.JAVA_LONG, i);
        yield v >= 0 ? v : (v >>> 1 | v & 1) * 2.0;
      }
      default -> getLong(type, s, i);
    };
  }

  /** Element {@code i} of an integer type; of U64 its bits. */
  static long getLong(DType type, MemorySegment s, long i) {
    return switch (type) {
      case I64, U64 -> s.getAtIndex(ValueLayout.JAVA_LONG, i);
      case I32 -> s.getAtIndex(ValueLayout.JAVA_INT, i);
      case U32 -> s.getAtIndex(ValueLayout.JAVA_INT, i) & 0xffff_ffffL;
      case I16 -> s.getAtIndex(ValueLayout.JAVA_SHORT, i);
      case U16 -> s.getAtIndex(ValueLayout.JAVA_SHORT, i) & 0xffff;
      case I8, I4, I2 -> s.get(BYTE, i);
      case U8, BOOL, U4, U2 -> s.get(BYTE, i) & 0xff;
      default -> throw new IllegalArgumentException(type + " is no integer type");
    };
  }

  /** Rounds to the nearest of a float type, halves to even. */
  static void putDouble(DType type, MemorySegment s, long i, double v) {
    switch (type) {
      case F32 -> s.setAtIndex(FLOAT, i, (float) v);
      case F64 -> s.setAtIndex(ValueLayout.JAVA_DOUBLE, i, v);
      case F16 -> s.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16((float) v));
      case BF16 -> s.setAtIndex(ValueLayout.JAVA_SHORT, i, toBFloat16((float) v));
      default -> throw new IllegalArgumentException(type + " is not computed with");
    }
  }

  /** The low bits are taken. */
  static void putLong(DType type, MemorySegment s, long i, long v) {
    switch (type) {
      case I64, U64 -> s.setAtIndex(ValueLayout.JAVA_LONG, i, v);
      case I32, U32 -> s.setAtIndex(ValueLayout.JAVA_INT, i, (int) v);
      case I16, U16 -> s.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) v);
      case I8, U8, BOOL -> s.set(BYTE, i, (byte) v);
      case U4 -> s.set(BYTE, i, (byte) (v & 15));
      case I4 -> s.set(BYTE, i, (byte) (v << 60 >> 60));
      case U2 -> s.set(BYTE, i, (byte) (v & 3));
      case I2 -> s.set(BYTE, i, (byte) (v << 62 >> 62));
      default -> throw new IllegalArgumentException(type + " is no integer type");
    }
  }

  private static short toBFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value)
        ? (short) (bits >>> 16 | 0x40)
        : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** The format of a float of 8 or 4 bits. */
  static Optional<SmallFloat> small(DType type) {
    return switch (type) {
      case F8_E4M3 -> Optional.of(SmallFloat.E4M3FN);
      case F8_E4M3FNUZ -> Optional.of(SmallFloat.E4M3FNUZ);
      case F8_E5M2 -> Optional.of(SmallFloat.E5M2);
      case F8_E5M2FNUZ -> Optional.of(SmallFloat.E5M2FNUZ);
      case F4_E2M1 -> Optional.of(SmallFloat.E2M1);
      default -> Optional.empty();
    };
  }
}
