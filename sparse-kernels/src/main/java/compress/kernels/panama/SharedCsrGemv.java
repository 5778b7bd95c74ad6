package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.SharedCsr;
import java.lang.foreign.MemorySegment;

/** Pruned and shared weights times one column: {@link CsrGemv} with weights from the table. */
final class SharedCsrGemv implements Gemv.FloatMicro<SharedCsr> {
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
  public void run(SharedCsr w, int fromRow, int toRow, float[] x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r++) {
      float sum = 0;
      for (int slab = 0; slab < w.slabs(); slab++) {
        sum += dot(w, w.start(slab, r), w.start(slab, r + 1), x, slab * w.slabWidth());
      }
      out.set(JAVA_FLOAT, 4L * (r - fromRow), sum);
    }
  }

  private static float dot(SharedCsr w, int from, int to, float[] x, int base) {
    short[] positions = w.positions();
    byte[] codes = w.codes();
    float[] table = w.table();
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
      s0 = Math.fma(table[codes[i] & 0xff], x[base + (positions[i] & 0xffff)], s0);
      s1 = Math.fma(table[codes[i + 1] & 0xff], x[base + (positions[i + 1] & 0xffff)], s1);
      s2 = Math.fma(table[codes[i + 2] & 0xff], x[base + (positions[i + 2] & 0xffff)], s2);
      s3 = Math.fma(table[codes[i + 3] & 0xff], x[base + (positions[i + 3] & 0xffff)], s3);
      s4 = Math.fma(table[codes[i + 4] & 0xff], x[base + (positions[i + 4] & 0xffff)], s4);
      s5 = Math.fma(table[codes[i + 5] & 0xff], x[base + (positions[i + 5] & 0xffff)], s5);
      s6 = Math.fma(table[codes[i + 6] & 0xff], x[base + (positions[i + 6] & 0xffff)], s6);
      s7 = Math.fma(table[codes[i + 7] & 0xff], x[base + (positions[i + 7] & 0xffff)], s7);
    }
    for (; i < to; i++) {
      s0 = Math.fma(table[codes[i] & 0xff], x[base + (positions[i] & 0xffff)], s0);
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }
}
