package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.DenseTiles;
import compress.kernels.Epilogue;
import compress.kernels.Kernel;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Weights times a few columns: where {@link DenseGemm} keeps vectors of columns and spreads
 * weights, this keeps vectors of 16 rows of weights and spreads activations, 8 columns at a time,
 * so that a panel of 16 columns has as many products for each load as one of 48. The sums are
 * turned when they are written. For vectors of 16 floats only, of which a tile of weights is one.
 * Weights of few bits are decoded to floats, three tiles at a time, which stay in the second cache
 * while all columns are multiplied.
 */
record FewColumns<L extends Layout>(Tiles<L> tiles) implements Kernel.Multiply<L> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  /** Columns at a time. */
  private static final int COLUMNS = 8;

  /** Tiles of weights at a time. */
  private static final int TILES = 3;

  /** Bytes of one column of a tile of weights. */
  private static final long ROW = 4L * Layout.TILE;

  /** Where floats come from. */
  @FunctionalInterface
  interface Tiles<L extends Layout> {
    /**
     * Tiles {@code first} to {@code end} of 16 rows, as in {@link DenseTiles}.
     *
     * @param scratch has room for them
     */
    MemorySegment floats(L weights, int first, int end, MemorySegment scratch);
  }

  static FewColumns<DenseTiles> dense() {
    return new FewColumns<>((w, first, end, scratch) ->
        w.values().asSlice(w.tileBytes() * first, w.tileBytes() * (end - first)));
  }

  static <L extends Layout> FewColumns<L> decoded(DecodedGemm.Decoder<L> decoder) {
    return new FewColumns<>((w, first, end, scratch) -> {
      long tileBytes = DenseTiles.tileBytes(w.columns());
      for (int tile = first; tile < end; tile++) {
        decoder.decode(w, tile, scratch.asSlice(tileBytes * (tile - first)));
      }
      return scratch;
    });
  }

  static boolean runsHere() {
    return Simd.L == Layout.TILE;
  }

  @Override
  public void run(L w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    int groups = Math.ceilDiv(x.columns(), COLUMNS);
    int count = Layout.tiles(w.rows());
    long tileBytes = DenseTiles.tileBytes(w.columns());
    float[] packed = workers.floats(0, groups * x.rows() * COLUMNS);
    pack(x, packed);
    workers.run(
        Math.ceilDiv(count, TILES),
        (part, worker) -> {
          float[] sums = new float[TILES * Layout.TILE * COLUMNS];
          int first = part * TILES;
          int end = Math.min(count, first + TILES);
          MemorySegment floats =
              tiles.floats(w, first, end, workers.scratch(worker, 5, tileBytes * TILES));
          int step = end - first == TILES ? TILES : 1;
          for (int tile = first; tile < end; tile += step) {
            int from = tile * Layout.TILE;
            int to = Math.min(w.rows(), (tile + step) * Layout.TILE);
            for (int g = 0; g < groups; g++) {
              long at = tileBytes * (tile - first);
              int xAt = g * x.rows() * COLUMNS;
              multiply(floats, at, step, w.columns(), packed, xAt, sums);
              write(sums, step * Layout.TILE, y, from, to, g * COLUMNS);
            }
            Finish.apply(e, y, from, to, 0, y.columns());
          }
        });
  }

  /**
   * {@code [group][row of x][column in the group]}; what is past the last column does not matter.
   */
  private static void pack(Matrix x, float[] to) {
    int columns = x.columns();
    for (int c = 0; c < columns; c++) {
      int at = c / COLUMNS * x.rows() * COLUMNS + c % COLUMNS;
      for (int r = 0; r < x.rows(); r++) {
        to[at + r * COLUMNS] = x.data().get(JAVA_FLOAT, 4 * ((long) r * columns + c));
      }
    }
  }

  private static void multiply(
      MemorySegment w, long at, int tiles, int columns, float[] x, int xAt, float[] sums) {
    if (tiles == TILES) {
      long tileBytes = DenseTiles.tileBytes(columns);
      tile3(w, at, at + tileBytes, at + 2 * tileBytes, columns, x, xAt, sums);
    } else {
      tile1(w, at, columns, x, xAt, sums);
    }
  }

  /** Sums {@code [column][row]}, to where they belong. */
  private static void write(float[] sums, int stride, Matrix y, int from, int to, int column) {
    int columns = Math.min(COLUMNS, y.columns() - column);
    MemorySegment data = y.data();
    for (int r = from; r < to; r++) {
      long at = 4 * ((long) r * y.columns() + column);
      for (int c = 0; c < columns; c++) {
        data.set(JAVA_FLOAT, at + 4L * c, sums[c * stride + r - from]);
      }
    }
  }

  private static void tile3(
      MemorySegment w,
      long at0,
      long at1,
      long at2,
      int columns,
      float[] x,
      int xAt,
      float[] sums) {
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
      FloatVector w0 = FloatVector.fromMemorySegment(F, w, at0 + k * ROW, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(F, w, at1 + k * ROW, LE);
      FloatVector w2 = FloatVector.fromMemorySegment(F, w, at2 + k * ROW, LE);
      int a = xAt + 8 * k;
      FloatVector x0 = FloatVector.broadcast(F, x[a]);
      s00 = w0.fma(x0, s00);
      s01 = w1.fma(x0, s01);
      s02 = w2.fma(x0, s02);
      FloatVector x1 = FloatVector.broadcast(F, x[a + 1]);
      s10 = w0.fma(x1, s10);
      s11 = w1.fma(x1, s11);
      s12 = w2.fma(x1, s12);
      FloatVector x2 = FloatVector.broadcast(F, x[a + 2]);
      s20 = w0.fma(x2, s20);
      s21 = w1.fma(x2, s21);
      s22 = w2.fma(x2, s22);
      FloatVector x3 = FloatVector.broadcast(F, x[a + 3]);
      s30 = w0.fma(x3, s30);
      s31 = w1.fma(x3, s31);
      s32 = w2.fma(x3, s32);
      FloatVector x4 = FloatVector.broadcast(F, x[a + 4]);
      s40 = w0.fma(x4, s40);
      s41 = w1.fma(x4, s41);
      s42 = w2.fma(x4, s42);
      FloatVector x5 = FloatVector.broadcast(F, x[a + 5]);
      s50 = w0.fma(x5, s50);
      s51 = w1.fma(x5, s51);
      s52 = w2.fma(x5, s52);
      FloatVector x6 = FloatVector.broadcast(F, x[a + 6]);
      s60 = w0.fma(x6, s60);
      s61 = w1.fma(x6, s61);
      s62 = w2.fma(x6, s62);
      FloatVector x7 = FloatVector.broadcast(F, x[a + 7]);
      s70 = w0.fma(x7, s70);
      s71 = w1.fma(x7, s71);
      s72 = w2.fma(x7, s72);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, 16);
    s02.intoArray(sums, 32);
    s10.intoArray(sums, 48);
    s11.intoArray(sums, 64);
    s12.intoArray(sums, 80);
    s20.intoArray(sums, 96);
    s21.intoArray(sums, 112);
    s22.intoArray(sums, 128);
    s30.intoArray(sums, 144);
    s31.intoArray(sums, 160);
    s32.intoArray(sums, 176);
    s40.intoArray(sums, 192);
    s41.intoArray(sums, 208);
    s42.intoArray(sums, 224);
    s50.intoArray(sums, 240);
    s51.intoArray(sums, 256);
    s52.intoArray(sums, 272);
    s60.intoArray(sums, 288);
    s61.intoArray(sums, 304);
    s62.intoArray(sums, 320);
    s70.intoArray(sums, 336);
    s71.intoArray(sums, 352);
    s72.intoArray(sums, 368);
  }

  private static void tile1(
      MemorySegment w, long at0, int columns, float[] x, int xAt, float[] sums) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    FloatVector s40 = FloatVector.zero(F);
    FloatVector s50 = FloatVector.zero(F);
    FloatVector s60 = FloatVector.zero(F);
    FloatVector s70 = FloatVector.zero(F);
    for (int k = 0; k < columns; k++) {
      FloatVector w0 = FloatVector.fromMemorySegment(F, w, at0 + k * ROW, LE);
      int a = xAt + 8 * k;
      FloatVector x0 = FloatVector.broadcast(F, x[a]);
      s00 = w0.fma(x0, s00);
      FloatVector x1 = FloatVector.broadcast(F, x[a + 1]);
      s10 = w0.fma(x1, s10);
      FloatVector x2 = FloatVector.broadcast(F, x[a + 2]);
      s20 = w0.fma(x2, s20);
      FloatVector x3 = FloatVector.broadcast(F, x[a + 3]);
      s30 = w0.fma(x3, s30);
      FloatVector x4 = FloatVector.broadcast(F, x[a + 4]);
      s40 = w0.fma(x4, s40);
      FloatVector x5 = FloatVector.broadcast(F, x[a + 5]);
      s50 = w0.fma(x5, s50);
      FloatVector x6 = FloatVector.broadcast(F, x[a + 6]);
      s60 = w0.fma(x6, s60);
      FloatVector x7 = FloatVector.broadcast(F, x[a + 7]);
      s70 = w0.fma(x7, s70);
    }
    s00.intoArray(sums, 0);
    s10.intoArray(sums, 16);
    s20.intoArray(sums, 32);
    s30.intoArray(sums, 48);
    s40.intoArray(sums, 64);
    s50.intoArray(sums, 80);
    s60.intoArray(sums, 96);
    s70.intoArray(sums, 112);
  }
}
