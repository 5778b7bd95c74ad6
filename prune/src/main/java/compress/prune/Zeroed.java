package compress.prune;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Hashed;
import compress.model.Mask;
import compress.model.Patched;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.VectorCodebook;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Pruned values, stored the way the values were: what is removed becomes a zero of its kind. Shared
 * vectors, hashed buckets and outliers have no place for zeros of their own; they become plain
 * floats.
 */
final class Zeroed {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Zeroed() {}

  /** Whether the type of {@code values} can say zero: an exponent alone cannot. */
  static boolean canHoldZero(Values values) {
    return switch (values) {
      case Dense d -> d.tensor().type() != DType.F8_E8M0;
      case Affine a -> true;
      case Codebook c -> c.codebook().type() != DType.F8_E8M0;
      case VectorCodebook _, Hashed _, Patched _ -> true;
    };
  }

  /**
   * {@code values} with zeros where {@code mask} keeps nothing; all else bit for bit as it was.
   * Dense numbers become +0, affine integers their zero point. A codebook's entries point to its
   * zero, which is put first if it has none.
   */
  static Values of(Values values, Mask mask) {
    return switch (values) {
      case Dense d -> new Dense(dense(d.tensor(), mask));
      case Affine a -> new Affine(integers(a, mask), a.scale(), a.zeroPoint(), a.granularity());
      case Codebook c -> codebook(c, mask);
      case VectorCodebook _, Hashed _, Patched _ -> {
        float[] kept = values.toFloats();
        mask.apply(kept);
        yield new Dense(Tensor.of(values.shape(), kept));
      }
    };
  }

  private static Tensor dense(Tensor tensor, Mask mask) {
    MemorySegment data = copy(tensor.data());
    for (int i = 0; i < tensor.size(); i++) {
      if (!mask.keeps(i)) {
        set(data, tensor.type(), i, 0);
      }
    }
    return new Tensor(tensor.type(), tensor.shape(), data);
  }

  private static Tensor integers(Affine affine, Mask mask) {
    Tensor integers = affine.integers();
    long[] zeros =
        affine
            .zeroPoint()
            .map(Tensor::toLongs)
            .orElseGet(() -> new long[(int) affine.scale().size()]);
    MemorySegment data = copy(integers.data());
    for (int i = 0; i < integers.size(); i++) {
      if (!mask.keeps(i)) {
        set(data, integers.type(), i, zeros[affine.scaleOf(i)]);
      }
    }
    return new Tensor(integers.type(), integers.shape(), data);
  }

  private static Codebook codebook(Codebook before, Mask mask) {
    float[] shared = before.codebook().toFloats();
    int zero = 0;
    while (zero < shared.length && shared[zero] != 0) {
      zero++;
    }
    boolean add = zero == shared.length;
    if (add && shared.length == 1 << 16) {
      throw new IllegalArgumentException("a full codebook of 65,536 values has no room for zero");
    }
    zero = add ? 0 : zero;
    Tensor table = add ? withZeroFirst(before.codebook()) : before.codebook();
    DType type = table.size() <= 256 ? before.indices().type() : DType.U16;
    Tensor indices = before.indices();
    MemorySegment data = Arena.ofAuto().allocate(type.bytesFor(indices.size()));
    for (int i = 0; i < indices.size(); i++) {
      set(data, type, i, mask.keeps(i) ? before.index(i) + (add ? 1 : 0) : zero);
    }
    return new Codebook(table, new Tensor(type, indices.shape(), data));
  }

  /** Zero is all zero bits in each type that has it. */
  private static Tensor withZeroFirst(Tensor table) {
    int count = Math.toIntExact(table.size());
    Shape shape = Shape.of(count + 1);
    MemorySegment data = Arena.ofAuto().allocate(table.type().bytesFor(count + 1));
    if (table.type().bits() >= Byte.SIZE) {
      long bytes = table.type().bits() / Byte.SIZE;
      data.asSlice(bytes).copyFrom(table.data());
    } else {
      for (int i = 0; i < count; i++) {
        set(data, table.type(), i + 1, bits(table, i));
      }
    }
    return new Tensor(table.type(), shape, data);
  }

  private static MemorySegment copy(MemorySegment data) {
    return Arena.ofAuto().allocate(data.byteSize()).copyFrom(data);
  }

  /** The bits of an element of fewer than 8. */
  private static int bits(Tensor tensor, long i) {
    int bits = tensor.type().bits();
    int perByte = Byte.SIZE / bits;
    int shift = (int) (i % perByte) * bits;
    return tensor.data().get(ValueLayout.JAVA_BYTE, i / perByte) >>> shift & (1 << bits) - 1;
  }

  /** Sets element {@code i} to the low bits of {@code value}. */
  private static void set(MemorySegment data, DType type, long i, long value) {
    switch (type.bits()) {
      case 8 -> data.set(ValueLayout.JAVA_BYTE, i, (byte) value);
      case 16 -> data.set(SHORT, 2 * i, (short) value);
      case 32 ->
          data.set(
              ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
              4 * i,
              (int) value);
      case 64 ->
          data.set(
              ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 8 * i, value);
      default -> {
        int bits = type.bits();
        int perByte = Byte.SIZE / bits;
        int shift = (int) (i % perByte) * bits;
        int others = ~((1 << bits) - 1 << shift);
        int old = data.get(ValueLayout.JAVA_BYTE, i / perByte);
        int now = old & others | ((int) value & (1 << bits) - 1) << shift;
        data.set(ValueLayout.JAVA_BYTE, i / perByte, (byte) now);
      }
    }
  }
}
