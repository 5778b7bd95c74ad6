package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import compress.kernels.Csr;
import java.lang.foreign.MemorySegment;

/**
 * Compressed sparse rows times one column, without vectors: scattered loads one by one are as fast
 * as a gather, and eight sums hide how long an addition takes.
 */
final class CsrGemv implements Gemv.Micro<Csr> {
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
  public void run(Csr w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r++) {
      float sum = 0;
      for (int slab = 0; slab < w.slabs(); slab++) {
        sum += dot(w, w.start(slab, r), w.start(slab, r + 1), x, 4L * slab * w.slabWidth());
      }
      out.set(JAVA_FLOAT, 4L * (r - fromRow), sum);
    }
  }

  private static float dot(Csr w, int from, int to, MemorySegment x, long base) {
    MemorySegment positions = w.positions();
    MemorySegment values = w.values();
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
      s0 +=
          values.get(JAVA_FLOAT, 4L * i)
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i) & 0xffff));
      s1 +=
          values.get(JAVA_FLOAT, 4L * i + 4)
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 2) & 0xffff));
      s2 +=
          values.get(JAVA_FLOAT, 4L * i + 8)
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 4) & 0xffff));
      s3 +=
          values.get(JAVA_FLOAT, 4L * i + 12)
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 6) & 0xffff));
      s4 +=
          values.get(JAVA_FLOAT, 4L * i + 16)
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 8) & 0xffff));
      s5 +=
          values.get(JAVA_FLOAT, 4L * i + 20)
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 10) & 0xffff));
      s6 +=
          values.get(JAVA_FLOAT, 4L * i + 24)
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 12) & 0xffff));
      s7 +=
          values.get(JAVA_FLOAT, 4L * i + 28)
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 14) & 0xffff));
    }
    for (; i < to; i++) {
      s0 +=
          values.get(JAVA_FLOAT, 4L * i)
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i) & 0xffff));
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }
}
