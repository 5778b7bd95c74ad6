package compress.kernels.panama;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Copies of short rows, vector by vector. */
public final class VectorLines {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final VectorSpecies<Long> PAIRS = VectorSpecies.of(long.class, F.vectorShape());
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private VectorLines() {}

  public static void copy(
      MemorySegment from,
      long fromAt,
      MemorySegment to,
      long toAt,
      long stride,
      int count,
      int floats) {
    int whole = floats / Simd.L * Simd.L;
    VectorMask<Float> rest = F.indexInRange(whole, floats);
    for (int l = 0; l < count; l++) {
      long a = fromAt + 4L * l * floats;
      long b = toAt + l * stride;
      for (int i = 0; i < whole; i += Simd.L) {
        FloatVector.fromMemorySegment(F, from, a + 4L * i, LE)
            .intoMemorySegment(to, b + 4L * i, LE);
      }
      if (whole < floats) {
        FloatVector.fromMemorySegment(F, from, a + 4L * whole, LE, rest)
            .intoMemorySegment(to, b + 4L * whole, LE, rest);
      }
    }
  }

  /**
   * Copies numbers to two places in turn, as many as there are in whole vectors; a pair of floats
   * is taken as a long, whose lower half is the first.
   *
   * @return how many it has copied, an even number
   */
  public static int split(
      MemorySegment from, long fromAt, MemorySegment to, long evenAt, long oddAt, int floats) {
    int i = 0;
    for (; i <= floats - Simd.L; i += Simd.L) {
      LongVector pairs = LongVector.fromMemorySegment(PAIRS, from, fromAt + 4L * i, LE);
      long done = 2L * i;
      low(pairs).intoMemorySegment(to, evenAt + done, LE);
      low(pairs.lanewise(VectorOperators.LSHR, 32)).intoMemorySegment(to, oddAt + done, LE);
    }
    return i;
  }

  private static IntVector low(LongVector pairs) {
    return (IntVector) pairs.convertShape(VectorOperators.L2I, Simd.HALF, 0);
  }
}
