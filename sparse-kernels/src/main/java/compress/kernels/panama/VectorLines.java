package compress.kernels.panama;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Copies of short rows, vector by vector. */
public final class VectorLines {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long BYTES = Simd.BYTES;

  private VectorLines() {}

  public static void copy(
      MemorySegment from, long fromAt, MemorySegment to, long toAt, int floats) {
    int i = 0;
    for (; i <= floats - Simd.L; i += Simd.L) {
      FloatVector.fromMemorySegment(F, from, fromAt, LE).intoMemorySegment(to, toAt, LE);
      fromAt += BYTES;
      toAt += BYTES;
    }
    if (i < floats) {
      VectorMask<Float> inside = F.indexInRange(i, floats);
      FloatVector.fromMemorySegment(F, from, fromAt, LE, inside)
          .intoMemorySegment(to, toAt, LE, inside);
    }
  }
}
