package compress.kernels.panama;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Loops that do nothing but multiply and add, or nothing but read: what the machine can do. */
public final class Probe {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  /** Sums at once, enough to hide how long one operation takes on two units. */
  private static final int CHAINS = 12;

  private Probe() {}

  public static int vectorBits() {
    return F.vectorBitSize();
  }

  /** Multiplications and additions that {@link #multiplyAdd} does. */
  public static double flops(int rounds) {
    return 2.0 * CHAINS * Simd.L * rounds;
  }

  /** A number that is of no use but to keep the loop from being left out. */
  public static float multiplyAdd(int rounds) {
    return Simd.HAS_FMA ? fused(rounds) : separate(rounds);
  }

  private static float fused(int rounds) {
    FloatVector a = FloatVector.broadcast(F, 0.999f);
    FloatVector b = FloatVector.broadcast(F, 0.001f);
    FloatVector s0 = FloatVector.broadcast(F, 0f);
    FloatVector s1 = FloatVector.broadcast(F, 1f);
    FloatVector s2 = FloatVector.broadcast(F, 2f);
    FloatVector s3 = FloatVector.broadcast(F, 3f);
    FloatVector s4 = FloatVector.broadcast(F, 4f);
    FloatVector s5 = FloatVector.broadcast(F, 5f);
    FloatVector s6 = FloatVector.broadcast(F, 6f);
    FloatVector s7 = FloatVector.broadcast(F, 7f);
    FloatVector s8 = FloatVector.broadcast(F, 8f);
    FloatVector s9 = FloatVector.broadcast(F, 9f);
    FloatVector s10 = FloatVector.broadcast(F, 10f);
    FloatVector s11 = FloatVector.broadcast(F, 11f);
    for (int i = 0; i < rounds; i++) {
      s0 = s0.fma(a, b);
      s1 = s1.fma(a, b);
      s2 = s2.fma(a, b);
      s3 = s3.fma(a, b);
      s4 = s4.fma(a, b);
      s5 = s5.fma(a, b);
      s6 = s6.fma(a, b);
      s7 = s7.fma(a, b);
      s8 = s8.fma(a, b);
      s9 = s9.fma(a, b);
      s10 = s10.fma(a, b);
      s11 = s11.fma(a, b);
    }
    return s0.add(
            s1.add(s2.add(s3.add(s4.add(s5.add(s6.add(s7.add(s8.add(s9.add(s10.add(s11)))))))))))
        .reduceLanes(VectorOperators.ADD);
  }

  private static float separate(int rounds) {
    FloatVector a = FloatVector.broadcast(F, 0.999f);
    FloatVector b = FloatVector.broadcast(F, 0.001f);
    FloatVector s0 = FloatVector.broadcast(F, 0f);
    FloatVector s1 = FloatVector.broadcast(F, 1f);
    FloatVector s2 = FloatVector.broadcast(F, 2f);
    FloatVector s3 = FloatVector.broadcast(F, 3f);
    FloatVector s4 = FloatVector.broadcast(F, 4f);
    FloatVector s5 = FloatVector.broadcast(F, 5f);
    FloatVector s6 = FloatVector.broadcast(F, 6f);
    FloatVector s7 = FloatVector.broadcast(F, 7f);
    FloatVector s8 = FloatVector.broadcast(F, 8f);
    FloatVector s9 = FloatVector.broadcast(F, 9f);
    FloatVector s10 = FloatVector.broadcast(F, 10f);
    FloatVector s11 = FloatVector.broadcast(F, 11f);
    for (int i = 0; i < rounds; i++) {
      s0 = s0.mul(a).add(b);
      s1 = s1.mul(a).add(b);
      s2 = s2.mul(a).add(b);
      s3 = s3.mul(a).add(b);
      s4 = s4.mul(a).add(b);
      s5 = s5.mul(a).add(b);
      s6 = s6.mul(a).add(b);
      s7 = s7.mul(a).add(b);
      s8 = s8.mul(a).add(b);
      s9 = s9.mul(a).add(b);
      s10 = s10.mul(a).add(b);
      s11 = s11.mul(a).add(b);
    }
    return s0.add(
            s1.add(s2.add(s3.add(s4.add(s5.add(s6.add(s7.add(s8.add(s9.add(s10.add(s11)))))))))))
        .reduceLanes(VectorOperators.ADD);
  }

  /** Reads all of {@code data}, whose size is a multiple of 1024. */
  public static float sum(MemorySegment data) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    long step = 4L * Simd.BYTES;
    for (long at = 0; at < data.byteSize(); at += step) {
      s0 = s0.add(FloatVector.fromMemorySegment(F, data, at, LE));
      s1 = s1.add(FloatVector.fromMemorySegment(F, data, at + Simd.BYTES, LE));
      s2 = s2.add(FloatVector.fromMemorySegment(F, data, at + 2L * Simd.BYTES, LE));
      s3 = s3.add(FloatVector.fromMemorySegment(F, data, at + 3L * Simd.BYTES, LE));
    }
    return s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
  }
}
