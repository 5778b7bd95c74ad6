package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.Csr;
import java.lang.foreign.MemorySegment;

/**
 * Compressed sparse rows times one column, without vectors: scattered loads one by one are as fast
 * as a gather, and eight sums hide how long an addition takes.
 */
final class CsrGemv implements Gemv.FloatMicro<Csr> {
  @Override
  public int unit(Csr w) {
    return 1;
  }

  @Override
  public long workBefore(Csr w, int row) {
    long work = row;
    for (int slab = 0; slab < w.slabs(); slab++) {
      work += w.start(slab, row) - w.start(slab, 0);
    }
    return work;
  }

  @Override
  public void run(Csr w, int fromRow, int toRow, float[] x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r++) {
      float sum = 0;
      for (int slab = 0; slab < w.slabs(); slab++) {
        sum += dot(w, w.start(slab, r), w.start(slab, r + 1), x, slab * w.slabWidth());
      }
      out.set(JAVA_FLOAT, 4L * (r - fromRow), sum);
    }
  }

  private static float dot(Csr w, int from, int to, float[] x, int base) {
    short[] positions = w.positions();
    float[] values = w.values();
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = from;
    for (; i <= to - 8; i += 8) {
      s0 = Math.fma(values[i], x[base + (positions[i] & 0xffff)], s0);
      s1 = Math.fma(values[i + 1], x[base + (positions[i + 1] & 0xffff)], s1);
      s2 = Math.fma(values[i + 2], x[base + (positions[i + 2] & 0xffff)], s2);
      s3 = Math.fma(values[i + 3], x[base + (positions[i + 3] & 0xffff)], s3);
      s4 = Math.fma(values[i + 4], x[base + (positions[i + 4] & 0xffff)], s4);
      s5 = Math.fma(values[i + 5], x[base + (positions[i + 5] & 0xffff)], s5);
      s6 = Math.fma(values[i + 6], x[base + (positions[i + 6] & 0xffff)], s6);
      s7 = Math.fma(values[i + 7], x[base + (positions[i + 7] & 0xffff)], s7);
    }
    for (; i < to; i++) {
      s0 = Math.fma(values[i], x[base + (positions[i] & 0xffff)], s0);
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }
}
