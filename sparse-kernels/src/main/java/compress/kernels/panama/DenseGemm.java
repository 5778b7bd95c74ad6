package compress.kernels.panama;

import compress.kernels.DenseTiles;
import compress.kernels.Layout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Dense weights times a panel: 8 rows and up to 3 vectors of sums in registers, or 4 rows where
 * there are 16 registers. Each weight is loaded once for all vectors, each activation once for all
 * rows.
 *
 * <p>Weights are read through a buffer, not the segment: with eight more reads of segments in it, a
 * tile has more values than the first compiler can count. It then gives up, and where the loops are
 * short the second compiler never gets its turn.
 */
final class DenseGemm implements Spmm.Micro<DenseTiles> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long BYTES = Simd.BYTES;

  @Override
  public void run(
      DenseTiles w,
      int fromRow,
      int toRow,
      MemorySegment panel,
      long panelAt,
      int vectors,
      MemorySegment out,
      long outAt,
      long outStride) {
    int step = Simd.MANY_REGISTERS ? 8 : 4;
    long tileBytes = w.tileBytes();
    int first = fromRow / Layout.TILE;
    FloatBuffer values =
        w.values()
            .asSlice(first * tileBytes, (Layout.tiles(toRow) - first) * tileBytes)
            .asByteBuffer()
            .order(LE)
            .asFloatBuffer();
    for (int r = fromRow; r < toRow; r += step) {
      int wAt = (int) (tileBytes / 4) * (r / Layout.TILE - first) + r % Layout.TILE;
      long to = outAt + (r - fromRow) * outStride;
      if (step == 8) {
        switch (vectors) {
          case 3 -> tile8x3(values, wAt, w.columns(), panel, panelAt, out, to, outStride);
          case 2 -> tile8x2(values, wAt, w.columns(), panel, panelAt, out, to, outStride);
          default -> tile8x1(values, wAt, w.columns(), panel, panelAt, out, to, outStride);
        }
      } else {
        switch (vectors) {
          case 3 -> tile4x3(values, wAt, w.columns(), panel, panelAt, out, to, outStride);
          case 2 -> tile4x2(values, wAt, w.columns(), panel, panelAt, out, to, outStride);
          default -> tile4x1(values, wAt, w.columns(), panel, panelAt, out, to, outStride);
        }
      }
    }
  }

  private static void tile8x3(
      FloatBuffer w,
      int wAt,
      int columns,
      MemorySegment panel,
      long panelAt,
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
    for (int k = 0; k < columns; k++) {
      long p = panelAt + k * (3 * BYTES);
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(F, panel, p + BYTES, LE);
      FloatVector x2 = FloatVector.fromMemorySegment(F, panel, p + 2 * BYTES, LE);
      int a = wAt + k * Layout.TILE;
      FloatVector w0 = FloatVector.broadcast(F, w.get(a));
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      s02 = w0.fma(x2, s02);
      FloatVector w1 = FloatVector.broadcast(F, w.get(a + 1));
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      s12 = w1.fma(x2, s12);
      FloatVector w2 = FloatVector.broadcast(F, w.get(a + 2));
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      s22 = w2.fma(x2, s22);
      FloatVector w3 = FloatVector.broadcast(F, w.get(a + 3));
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
      s32 = w3.fma(x2, s32);
      FloatVector w4 = FloatVector.broadcast(F, w.get(a + 4));
      s40 = w4.fma(x0, s40);
      s41 = w4.fma(x1, s41);
      s42 = w4.fma(x2, s42);
      FloatVector w5 = FloatVector.broadcast(F, w.get(a + 5));
      s50 = w5.fma(x0, s50);
      s51 = w5.fma(x1, s51);
      s52 = w5.fma(x2, s52);
      FloatVector w6 = FloatVector.broadcast(F, w.get(a + 6));
      s60 = w6.fma(x0, s60);
      s61 = w6.fma(x1, s61);
      s62 = w6.fma(x2, s62);
      FloatVector w7 = FloatVector.broadcast(F, w.get(a + 7));
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
      FloatBuffer w,
      int wAt,
      int columns,
      MemorySegment panel,
      long panelAt,
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
    for (int k = 0; k < columns; k++) {
      long p = panelAt + k * (2 * BYTES);
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(F, panel, p + BYTES, LE);
      int a = wAt + k * Layout.TILE;
      FloatVector w0 = FloatVector.broadcast(F, w.get(a));
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      FloatVector w1 = FloatVector.broadcast(F, w.get(a + 1));
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      FloatVector w2 = FloatVector.broadcast(F, w.get(a + 2));
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      FloatVector w3 = FloatVector.broadcast(F, w.get(a + 3));
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
      FloatVector w4 = FloatVector.broadcast(F, w.get(a + 4));
      s40 = w4.fma(x0, s40);
      s41 = w4.fma(x1, s41);
      FloatVector w5 = FloatVector.broadcast(F, w.get(a + 5));
      s50 = w5.fma(x0, s50);
      s51 = w5.fma(x1, s51);
      FloatVector w6 = FloatVector.broadcast(F, w.get(a + 6));
      s60 = w6.fma(x0, s60);
      s61 = w6.fma(x1, s61);
      FloatVector w7 = FloatVector.broadcast(F, w.get(a + 7));
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
      FloatBuffer w,
      int wAt,
      int columns,
      MemorySegment panel,
      long panelAt,
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
    for (int k = 0; k < columns; k++) {
      long p = panelAt + k * (1 * BYTES);
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      int a = wAt + k * Layout.TILE;
      FloatVector w0 = FloatVector.broadcast(F, w.get(a));
      s00 = w0.fma(x0, s00);
      FloatVector w1 = FloatVector.broadcast(F, w.get(a + 1));
      s10 = w1.fma(x0, s10);
      FloatVector w2 = FloatVector.broadcast(F, w.get(a + 2));
      s20 = w2.fma(x0, s20);
      FloatVector w3 = FloatVector.broadcast(F, w.get(a + 3));
      s30 = w3.fma(x0, s30);
      FloatVector w4 = FloatVector.broadcast(F, w.get(a + 4));
      s40 = w4.fma(x0, s40);
      FloatVector w5 = FloatVector.broadcast(F, w.get(a + 5));
      s50 = w5.fma(x0, s50);
      FloatVector w6 = FloatVector.broadcast(F, w.get(a + 6));
      s60 = w6.fma(x0, s60);
      FloatVector w7 = FloatVector.broadcast(F, w.get(a + 7));
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
      FloatBuffer w,
      int wAt,
      int columns,
      MemorySegment panel,
      long panelAt,
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
    for (int k = 0; k < columns; k++) {
      long p = panelAt + k * (3 * BYTES);
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(F, panel, p + BYTES, LE);
      FloatVector x2 = FloatVector.fromMemorySegment(F, panel, p + 2 * BYTES, LE);
      int a = wAt + k * Layout.TILE;
      FloatVector w0 = FloatVector.broadcast(F, w.get(a));
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      s02 = w0.fma(x2, s02);
      FloatVector w1 = FloatVector.broadcast(F, w.get(a + 1));
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      s12 = w1.fma(x2, s12);
      FloatVector w2 = FloatVector.broadcast(F, w.get(a + 2));
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      s22 = w2.fma(x2, s22);
      FloatVector w3 = FloatVector.broadcast(F, w.get(a + 3));
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
      FloatBuffer w,
      int wAt,
      int columns,
      MemorySegment panel,
      long panelAt,
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
    for (int k = 0; k < columns; k++) {
      long p = panelAt + k * (2 * BYTES);
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(F, panel, p + BYTES, LE);
      int a = wAt + k * Layout.TILE;
      FloatVector w0 = FloatVector.broadcast(F, w.get(a));
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      FloatVector w1 = FloatVector.broadcast(F, w.get(a + 1));
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      FloatVector w2 = FloatVector.broadcast(F, w.get(a + 2));
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      FloatVector w3 = FloatVector.broadcast(F, w.get(a + 3));
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
      FloatBuffer w,
      int wAt,
      int columns,
      MemorySegment panel,
      long panelAt,
      MemorySegment out,
      long outAt,
      long outStride) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    for (int k = 0; k < columns; k++) {
      long p = panelAt + k * (1 * BYTES);
      FloatVector x0 = FloatVector.fromMemorySegment(F, panel, p, LE);
      int a = wAt + k * Layout.TILE;
      FloatVector w0 = FloatVector.broadcast(F, w.get(a));
      s00 = w0.fma(x0, s00);
      FloatVector w1 = FloatVector.broadcast(F, w.get(a + 1));
      s10 = w1.fma(x0, s10);
      FloatVector w2 = FloatVector.broadcast(F, w.get(a + 2));
      s20 = w2.fma(x0, s20);
      FloatVector w3 = FloatVector.broadcast(F, w.get(a + 3));
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
