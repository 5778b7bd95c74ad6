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
}
