package compress.quantize;

import compress.model.Codebook;
import compress.model.DType;
import compress.model.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The order and the type of a codebook's values. */
final class SharedValues {
  /** The bits of the smallest normal numbers: 2^-14 and 2^-126. */
  private static final short SMALLEST_F16 = 0x0400;

  private static final short SMALLEST_BF16 = 0x0080;

  private SharedValues() {}

  /**
   * The same codebook with its values ascending, 0 before all others; training may have changed
   * their order. Equal values stay apart. A value other than entry 0 that training left at exactly
   * 0 becomes the smallest normal float, lest its weights look pruned.
   */
  static Codebook ascending(Codebook codebook) {
    float[] values = codebook.codebook().toFloats();
    boolean zeroFirst = values[0] == 0;
    for (int i = zeroFirst ? 1 : 0; i < values.length; i++) {
      values[i] = values[i] == 0 ? Float.MIN_NORMAL : values[i];
    }
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(
                Comparator.comparing((Integer i) -> !(zeroFirst && i == 0))
                    .thenComparingDouble(i -> values[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    float[] sorted = new float[values.length];
    int[] placeOf = new int[values.length];
    for (int place = 0; place < order.length; place++) {
      sorted[place] = values[order[place]];
      placeOf[order[place]] = place;
    }
    return new Codebook(
        Tensor.of(codebook.codebook().shape(), sorted), renumbered(codebook, placeOf));
  }

  /**
   * The same codebook with values of the type that the network computes in, if that is F16, BF16 or
   * F64: rounded to the nearest, but never to zero. Of other types it is left as it is.
   */
  static Codebook ofType(DType type, Codebook codebook) {
    if (type != DType.F16 && type != DType.BF16 && type != DType.F64) {
      return codebook;
    }
    float[] values = codebook.codebook().toFloats();
    ByteBuffer bytes =
        ByteBuffer.allocate((int) type.bytesFor(values.length)).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case F16 -> bytes.putShort(notZero(value, Float.floatToFloat16(value), SMALLEST_F16));
        case BF16 -> bytes.putShort(notZero(value, toBFloat16(value), SMALLEST_BF16));
        default -> bytes.putDouble(value);
      }
    }
    Tensor table = Tensor.of(type, codebook.codebook().shape(), bytes.array());
    return new Codebook(table, codebook.indices());
  }

  /** To the nearest, half to even; {@code value} is finite and far from the largest. */
  private static short toBFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** {@code rounded} or, if that is zero while {@code value} is not, the smallest of its sign. */
  private static short notZero(float value, short rounded, short smallest) {
    return value != 0 && (rounded & 0x7fff) == 0 ? (short) (rounded | smallest) : rounded;
  }

  private static Tensor renumbered(Codebook codebook, int[] placeOf) {
    Tensor indices = codebook.indices();
    MemorySegment data = Arena.ofAuto().allocate(indices.data().byteSize());
    for (long i = 0; i < indices.size(); i++) {
      int place = placeOf[codebook.index(i)];
      if (indices.type() == DType.U8) {
        data.set(ValueLayout.JAVA_BYTE, i, (byte) place);
      } else {
        data.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i, (short) place);
      }
    }
    return new Tensor(indices.type(), indices.shape(), data);
  }
}
