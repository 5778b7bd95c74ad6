package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import compress.kernels.SharedCsr;
import java.lang.foreign.MemorySegment;

/** Pruned and shared weights times one column: {@link CsrGemv} with weights from the table. */
final class SharedCsrGemv implements Gemv.Micro<SharedCsr> {
  @Override
  public int unit(SharedCsr w) {
    return 1;
  }

  @Override
  public long workBefore(SharedCsr w, int row) {
    long work = row;
    for (int slab = 0; slab < w.slabs(); slab++) {
      work += w.start(slab, row) - w.start(slab, 0);
    }
    return work;
  }

  @Override
  public void run(SharedCsr w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r++) {
      float sum = 0;
      for (int slab = 0; slab < w.slabs(); slab++) {
        sum += dot(w, w.start(slab, r), w.start(slab, r + 1), x, 4L * slab * w.slabWidth());
      }
      out.set(JAVA_FLOAT, 4L * (r - fromRow), sum);
    }
  }

  private static float dot(SharedCsr w, int from, int to, MemorySegment x, long base) {
    MemorySegment positions = w.positions();
    MemorySegment codes = w.codes();
    MemorySegment table = w.table();
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
          table.get(JAVA_FLOAT, 4L * (codes.get(JAVA_BYTE, i) & 0xff))
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i) & 0xffff));
      s1 +=
          table.get(JAVA_FLOAT, 4L * (codes.get(JAVA_BYTE, i + 1) & 0xff))
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 2) & 0xffff));
      s2 +=
          table.get(JAVA_FLOAT, 4L * (codes.get(JAVA_BYTE, i + 2) & 0xff))
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 4) & 0xffff));
      s3 +=
          table.get(JAVA_FLOAT, 4L * (codes.get(JAVA_BYTE, i + 3) & 0xff))
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 6) & 0xffff));
      s4 +=
          table.get(JAVA_FLOAT, 4L * (codes.get(JAVA_BYTE, i + 4) & 0xff))
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 8) & 0xffff));
      s5 +=
          table.get(JAVA_FLOAT, 4L * (codes.get(JAVA_BYTE, i + 5) & 0xff))
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 10) & 0xffff));
      s6 +=
          table.get(JAVA_FLOAT, 4L * (codes.get(JAVA_BYTE, i + 6) & 0xff))
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 12) & 0xffff));
      s7 +=
          table.get(JAVA_FLOAT, 4L * (codes.get(JAVA_BYTE, i + 7) & 0xff))
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i + 14) & 0xffff));
    }
    for (; i < to; i++) {
      s0 +=
          table.get(JAVA_FLOAT, 4L * (codes.get(JAVA_BYTE, i) & 0xff))
              * x.get(JAVA_FLOAT, base + 4L * (positions.get(JAVA_SHORT, 2L * i) & 0xffff));
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }
}
