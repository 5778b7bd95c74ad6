package compress.prune.structure;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.Dense;
import compress.model.Granularity;
import compress.model.Hashed;
import compress.model.Patched;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.VectorCodebook;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Values without some indices of an axis; what is left is bit for bit as it was. Shared vectors,
 * hashed buckets and outliers become plain floats: their places would all move.
 */
final class Slices {
  private Slices() {}

  /**
   * Keeps the indices {@code kept} of {@code axis}, ascending.
   *
   * @throws IllegalArgumentException for integers with a scale for several entries of the axis
   */
  static Values of(Values values, int axis, int[] kept) {
    return switch (values) {
      case Dense(Tensor t) -> new Dense(of(t, axis, kept));
      case Codebook(Tensor codebook, Tensor indices) ->
          new Codebook(codebook, of(indices, axis, kept));
      case Affine a -> affine(a, axis, kept);
      case VectorCodebook _, Hashed _, Patched _ ->
          new Dense(of(Tensor.of(values.shape(), values.toFloats()), axis, kept));
    };
  }

  private static Affine affine(Affine a, int axis, int[] kept) {
    int rank = a.shape().rank();
    boolean scaled =
        switch (a.granularity()) {
          case Granularity.PerTensor() -> false;
          case Granularity.PerAxis(int scaledAxis) -> Site.axis(scaledAxis, rank) == axis;
          case Granularity.PerGroup(int grouped, int size) -> {
            if (Site.axis(grouped, rank) == axis) {
              throw new IllegalArgumentException(
                  "axis %d has a scale for each %d entries".formatted(axis, size));
            }
            yield true;
          }
        };
    // Scales of groups have the axes of the weights, those of an axis only that one.
    int scaleAxis = a.granularity() instanceof Granularity.PerGroup ? axis : 0;
    return new Affine(
        of(a.integers(), axis, kept),
        scaled ? of(a.scale(), scaleAxis, kept) : a.scale(),
        scaled ? a.zeroPoint().map(z -> of(z, scaleAxis, kept)) : a.zeroPoint(),
        a.granularity());
  }

  /** The same for a tensor. */
  static Tensor of(Tensor tensor, int axis, int[] kept) {
    long[] dims = tensor.shape().toArray();
    long inner = 1;
    for (int a = axis + 1; a < dims.length; a++) {
      inner *= dims[a];
    }
    long length = dims[axis];
    long outer = tensor.size() / Math.max(1, length * inner);
    dims[axis] = kept.length;
    Shape shape = Shape.of(dims);
    MemorySegment data = Arena.ofAuto().allocate(tensor.type().bytesFor(shape.size()), 8);
    int bits = tensor.type().bits();
    long to = 0;
    for (long o = 0; o < outer; o++) {
      for (int index : kept) {
        long from = (o * length + index) * inner;
        if (bits % Byte.SIZE == 0) {
          int bytes = bits / Byte.SIZE;
          MemorySegment.copy(tensor.data(), from * bytes, data, to * bytes, inner * bytes);
        } else {
          for (long i = 0; i < inner; i++) {
            copyBits(tensor.data(), from + i, data, to + i, bits);
          }
        }
        to += inner;
      }
    }
    return new Tensor(tensor.type(), shape, data);
  }

  /** Elements of fewer than 8 bits, the first in the low bits. */
  private static void copyBits(
      MemorySegment source, long from, MemorySegment target, long to, int bits) {
    int perByte = Byte.SIZE / bits;
    int mask = (1 << bits) - 1;
    int element =
        source.get(ValueLayout.JAVA_BYTE, from / perByte) >>> (int) (from % perByte) * bits & mask;
    int shift = (int) (to % perByte) * bits;
    byte old = target.get(ValueLayout.JAVA_BYTE, to / perByte);
    target.set(
        ValueLayout.JAVA_BYTE, to / perByte, (byte) (old & ~(mask << shift) | element << shift));
  }
}
