package compress.kernels.panama;

import compress.kernels.Blocks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Strips of 8 or 4 rows times a panel: a position and a load of activations serve all rows of a
 * strip, so the loop is as dense as that of {@link DenseGemm}.
 */
final class BlockSpmm implements Spmm.Micro<Blocks> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long BYTES = Simd.BYTES;

  static boolean takes(Blocks w) {
    return w.stripRows() == 4 || w.stripRows() == 8;
  }

  @Override
  public long workBefore(Blocks w, int row) {
    int strip = Math.min(w.strips(), Math.ceilDiv(row, w.stripRows()));
    return strip + (long) w.starts()[strip];
  }

  @Override
  public void run(
      Blocks w,
      int fromRow,
      int toRow,
      MemorySegment panel,
      long panelAt,
      int vectors,
      MemorySegment out,
      long outAt,
      long outStride) {
    int height = w.stripRows();
    int end = Math.min(toRow / height, w.strips());
    long stride = vectors * BYTES;
    for (int strip = fromRow / height; strip < end; strip++) {
      long to = outAt + (strip * height - fromRow) * outStride;
      if (height == 4) {
        strip4(w, strip, panel, panelAt, vectors, out, to, outStride);
      } else if (Simd.MANY_REGISTERS) {
        strip8(w, strip, panel, panelAt, vectors, out, to, outStride);
      } else {
        int[] p = w.positions();
        float[] v = w.values();
        int first = w.starts()[strip];
        int last = w.starts()[strip + 1];
        for (long at = 0; at < stride; at += BYTES) {
          tile8x1(p, v, first, last, panel, panelAt + at, stride, out, to + at, outStride);
        }
      }
    }
  }

  private static void strip8(
      Blocks w,
      int strip,
      MemorySegment panel,
      long panelAt,
      int vectors,
      MemorySegment out,
      long outAt,
      long outStride) {
    int[] p = w.positions();
    float[] v = w.values();
    int first = w.starts()[strip];
    int last = w.starts()[strip + 1];
    switch (vectors) {
      case 3 -> tile8x3(p, v, first, last, panel, panelAt, 3 * BYTES, out, outAt, outStride);
      case 2 -> tile8x2(p, v, first, last, panel, panelAt, 2 * BYTES, out, outAt, outStride);
      default -> tile8x1(p, v, first, last, panel, panelAt, BYTES, out, outAt, outStride);
    }
  }

  private static void strip4(
      Blocks w,
      int strip,
      MemorySegment panel,
      long panelAt,
      int vectors,
      MemorySegment out,
      long outAt,
      long outStride) {
    int[] p = w.positions();
    float[] v = w.values();
    int first = w.starts()[strip];
    int last = w.starts()[strip + 1];
    switch (vectors) {
      case 3 -> tile4x3(p, v, first, last, panel, panelAt, 3 * BYTES, out, outAt, outStride);
      case 2 -> tile4x2(p, v, first, last, panel, panelAt, 2 * BYTES, out, outAt, outStride);
      default -> tile4x1(p, v, first, last, panel, panelAt, BYTES, out, outAt, outStride);
    }
  }

  private static void tile8x3(
      int[] positions,
      float[] values,
      int from,
      int to,
      MemorySegment panel,
      long panelAt,
      long panelStride,
      MemorySegment out,
      long outAt,
      long outStride) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = FloatVector.zero(F);
    FloatVector s02 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s11 = FloatVector.zero(F);
    FloatVector s12 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s21 = FloatVector.zero(F);
    FloatVector s22 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    FloatVector s31 = FloatVector.zero(F);
    FloatVector s32 = FloatVector.zero(F);
    FloatVector s40 = FloatVector.zero(F);
    FloatVector s41 = FloatVector.zero(F);
    FloatVector s42 = FloatVector.zero(F);
    FloatVector s50 = FloatVector.zero(F);
    FloatVector s51 = FloatVector.zero(F);
    FloatVector s52 = FloatVector.zero(F);
    FloatVector s60 = FloatVector.zero(F);
    FloatVector s61 = FloatVector.zero(F);
    FloatVector s62 = FloatVector.zero(F);
    FloatVector s70 = FloatVector.zero(F);
    FloatVector s71 = FloatVector.zero(F);
    FloatVector s72 = FloatVector.zero(F);
    for (int i = from; i < to; i++) {
      long p = panelAt + positions[i] * panelStride;
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(F, panel, p + BYTES, LE);
      FloatVector x2 = FloatVector.fromMemorySegment(F, panel, p + 2 * BYTES, LE);
      FloatVector w0 = FloatVector.broadcast(F, values[8 * i]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      s02 = w0.fma(x2, s02);
      FloatVector w1 = FloatVector.broadcast(F, values[8 * i + 1]);
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      s12 = w1.fma(x2, s12);
      FloatVector w2 = FloatVector.broadcast(F, values[8 * i + 2]);
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      s22 = w2.fma(x2, s22);
      FloatVector w3 = FloatVector.broadcast(F, values[8 * i + 3]);
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
      s32 = w3.fma(x2, s32);
      FloatVector w4 = FloatVector.broadcast(F, values[8 * i + 4]);
      s40 = w4.fma(x0, s40);
      s41 = w4.fma(x1, s41);
      s42 = w4.fma(x2, s42);
      FloatVector w5 = FloatVector.broadcast(F, values[8 * i + 5]);
      s50 = w5.fma(x0, s50);
      s51 = w5.fma(x1, s51);
      s52 = w5.fma(x2, s52);
      FloatVector w6 = FloatVector.broadcast(F, values[8 * i + 6]);
      s60 = w6.fma(x0, s60);
      s61 = w6.fma(x1, s61);
      s62 = w6.fma(x2, s62);
      FloatVector w7 = FloatVector.broadcast(F, values[8 * i + 7]);
      s70 = w7.fma(x0, s70);
      s71 = w7.fma(x1, s71);
      s72 = w7.fma(x2, s72);
    }
    s00.intoMemorySegment(out, outAt, LE);
    s01.intoMemorySegment(out, outAt + BYTES, LE);
    s02.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s10.intoMemorySegment(out, outAt, LE);
    s11.intoMemorySegment(out, outAt + BYTES, LE);
    s12.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s20.intoMemorySegment(out, outAt, LE);
    s21.intoMemorySegment(out, outAt + BYTES, LE);
    s22.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s30.intoMemorySegment(out, outAt, LE);
    s31.intoMemorySegment(out, outAt + BYTES, LE);
    s32.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s40.intoMemorySegment(out, outAt, LE);
    s41.intoMemorySegment(out, outAt + BYTES, LE);
    s42.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s50.intoMemorySegment(out, outAt, LE);
    s51.intoMemorySegment(out, outAt + BYTES, LE);
    s52.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s60.intoMemorySegment(out, outAt, LE);
    s61.intoMemorySegment(out, outAt + BYTES, LE);
    s62.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s70.intoMemorySegment(out, outAt, LE);
    s71.intoMemorySegment(out, outAt + BYTES, LE);
    s72.intoMemorySegment(out, outAt + 2 * BYTES, LE);
  }

  private static void tile8x2(
      int[] positions,
      float[] values,
      int from,
      int to,
      MemorySegment panel,
      long panelAt,
      long panelStride,
      MemorySegment out,
      long outAt,
      long outStride) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s11 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s21 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    FloatVector s31 = FloatVector.zero(F);
    FloatVector s40 = FloatVector.zero(F);
    FloatVector s41 = FloatVector.zero(F);
    FloatVector s50 = FloatVector.zero(F);
    FloatVector s51 = FloatVector.zero(F);
    FloatVector s60 = FloatVector.zero(F);
    FloatVector s61 = FloatVector.zero(F);
    FloatVector s70 = FloatVector.zero(F);
    FloatVector s71 = FloatVector.zero(F);
    for (int i = from; i < to; i++) {
      long p = panelAt + positions[i] * panelStride;
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(F, panel, p + BYTES, LE);
      FloatVector w0 = FloatVector.broadcast(F, values[8 * i]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      FloatVector w1 = FloatVector.broadcast(F, values[8 * i + 1]);
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      FloatVector w2 = FloatVector.broadcast(F, values[8 * i + 2]);
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      FloatVector w3 = FloatVector.broadcast(F, values[8 * i + 3]);
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
      FloatVector w4 = FloatVector.broadcast(F, values[8 * i + 4]);
      s40 = w4.fma(x0, s40);
      s41 = w4.fma(x1, s41);
      FloatVector w5 = FloatVector.broadcast(F, values[8 * i + 5]);
      s50 = w5.fma(x0, s50);
      s51 = w5.fma(x1, s51);
      FloatVector w6 = FloatVector.broadcast(F, values[8 * i + 6]);
      s60 = w6.fma(x0, s60);
      s61 = w6.fma(x1, s61);
      FloatVector w7 = FloatVector.broadcast(F, values[8 * i + 7]);
      s70 = w7.fma(x0, s70);
      s71 = w7.fma(x1, s71);
    }
    s00.intoMemorySegment(out, outAt, LE);
    s01.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s10.intoMemorySegment(out, outAt, LE);
    s11.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s20.intoMemorySegment(out, outAt, LE);
    s21.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s30.intoMemorySegment(out, outAt, LE);
    s31.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s40.intoMemorySegment(out, outAt, LE);
    s41.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s50.intoMemorySegment(out, outAt, LE);
    s51.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s60.intoMemorySegment(out, outAt, LE);
    s61.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s70.intoMemorySegment(out, outAt, LE);
    s71.intoMemorySegment(out, outAt + BYTES, LE);
  }

  private static void tile8x1(
      int[] positions,
      float[] values,
      int from,
      int to,
      MemorySegment panel,
      long panelAt,
      long panelStride,
      MemorySegment out,
      long outAt,
      long outStride) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    FloatVector s40 = FloatVector.zero(F);
    FloatVector s50 = FloatVector.zero(F);
    FloatVector s60 = FloatVector.zero(F);
    FloatVector s70 = FloatVector.zero(F);
    for (int i = from; i < to; i++) {
      long p = panelAt + positions[i] * panelStride;
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector w0 = FloatVector.broadcast(F, values[8 * i]);
      s00 = w0.fma(x0, s00);
      FloatVector w1 = FloatVector.broadcast(F, values[8 * i + 1]);
      s10 = w1.fma(x0, s10);
      FloatVector w2 = FloatVector.broadcast(F, values[8 * i + 2]);
      s20 = w2.fma(x0, s20);
      FloatVector w3 = FloatVector.broadcast(F, values[8 * i + 3]);
      s30 = w3.fma(x0, s30);
      FloatVector w4 = FloatVector.broadcast(F, values[8 * i + 4]);
      s40 = w4.fma(x0, s40);
      FloatVector w5 = FloatVector.broadcast(F, values[8 * i + 5]);
      s50 = w5.fma(x0, s50);
      FloatVector w6 = FloatVector.broadcast(F, values[8 * i + 6]);
      s60 = w6.fma(x0, s60);
      FloatVector w7 = FloatVector.broadcast(F, values[8 * i + 7]);
      s70 = w7.fma(x0, s70);
    }
    s00.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s10.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s20.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s30.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s40.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s50.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s60.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s70.intoMemorySegment(out, outAt, LE);
  }

  private static void tile4x3(
      int[] positions,
      float[] values,
      int from,
      int to,
      MemorySegment panel,
      long panelAt,
      long panelStride,
      MemorySegment out,
      long outAt,
      long outStride) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = FloatVector.zero(F);
    FloatVector s02 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s11 = FloatVector.zero(F);
    FloatVector s12 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s21 = FloatVector.zero(F);
    FloatVector s22 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    FloatVector s31 = FloatVector.zero(F);
    FloatVector s32 = FloatVector.zero(F);
    for (int i = from; i < to; i++) {
      long p = panelAt + positions[i] * panelStride;
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(F, panel, p + BYTES, LE);
      FloatVector x2 = FloatVector.fromMemorySegment(F, panel, p + 2 * BYTES, LE);
      FloatVector w0 = FloatVector.broadcast(F, values[4 * i]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      s02 = w0.fma(x2, s02);
      FloatVector w1 = FloatVector.broadcast(F, values[4 * i + 1]);
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      s12 = w1.fma(x2, s12);
      FloatVector w2 = FloatVector.broadcast(F, values[4 * i + 2]);
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      s22 = w2.fma(x2, s22);
      FloatVector w3 = FloatVector.broadcast(F, values[4 * i + 3]);
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
      s32 = w3.fma(x2, s32);
    }
    s00.intoMemorySegment(out, outAt, LE);
    s01.intoMemorySegment(out, outAt + BYTES, LE);
    s02.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s10.intoMemorySegment(out, outAt, LE);
    s11.intoMemorySegment(out, outAt + BYTES, LE);
    s12.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s20.intoMemorySegment(out, outAt, LE);
    s21.intoMemorySegment(out, outAt + BYTES, LE);
    s22.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    outAt += outStride;
    s30.intoMemorySegment(out, outAt, LE);
    s31.intoMemorySegment(out, outAt + BYTES, LE);
    s32.intoMemorySegment(out, outAt + 2 * BYTES, LE);
  }

  private static void tile4x2(
      int[] positions,
      float[] values,
      int from,
      int to,
      MemorySegment panel,
      long panelAt,
      long panelStride,
      MemorySegment out,
      long outAt,
      long outStride) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s11 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s21 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    FloatVector s31 = FloatVector.zero(F);
    for (int i = from; i < to; i++) {
      long p = panelAt + positions[i] * panelStride;
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(F, panel, p + BYTES, LE);
      FloatVector w0 = FloatVector.broadcast(F, values[4 * i]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      FloatVector w1 = FloatVector.broadcast(F, values[4 * i + 1]);
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      FloatVector w2 = FloatVector.broadcast(F, values[4 * i + 2]);
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      FloatVector w3 = FloatVector.broadcast(F, values[4 * i + 3]);
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
    }
    s00.intoMemorySegment(out, outAt, LE);
    s01.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s10.intoMemorySegment(out, outAt, LE);
    s11.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s20.intoMemorySegment(out, outAt, LE);
    s21.intoMemorySegment(out, outAt + BYTES, LE);
    outAt += outStride;
    s30.intoMemorySegment(out, outAt, LE);
    s31.intoMemorySegment(out, outAt + BYTES, LE);
  }

  private static void tile4x1(
      int[] positions,
      float[] values,
      int from,
      int to,
      MemorySegment panel,
      long panelAt,
      long panelStride,
      MemorySegment out,
      long outAt,
      long outStride) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    for (int i = from; i < to; i++) {
      long p = panelAt + positions[i] * panelStride;
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector w0 = FloatVector.broadcast(F, values[4 * i]);
      s00 = w0.fma(x0, s00);
      FloatVector w1 = FloatVector.broadcast(F, values[4 * i + 1]);
      s10 = w1.fma(x0, s10);
      FloatVector w2 = FloatVector.broadcast(F, values[4 * i + 2]);
      s20 = w2.fma(x0, s20);
      FloatVector w3 = FloatVector.broadcast(F, values[4 * i + 3]);
      s30 = w3.fma(x0, s30);
    }
    s00.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s10.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s20.intoMemorySegment(out, outAt, LE);
    outAt += outStride;
    s30.intoMemorySegment(out, outAt, LE);
  }
}
