package compress.kernels.panama;

import compress.kernels.Epilogue;
import compress.kernels.Kernel;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * A product with many columns, panel by panel. A panel is as many columns as the kernel keeps
 * vectors of sums, copied so that its rows follow each other on cache lines; it stays in the second
 * cache while all rows of weights go past it.
 *
 * <p>With more panels than threads, a thread takes whole panels. Else all panels are copied first,
 * and the rows of weights are split so that each part has as many products.
 *
 * @param rowsAtOnce rows of weights that a kernel is handed, a multiple of a tile
 * @param widths of panels, in vectors, widest first; the last is 1
 */
record Spmm<L extends Layout>(Micro<L> micro, int rowsAtOnce, int... widths)
    implements Kernel.Multiply<L> {

  private static final int PARTS_PER_THREAD = 4;

  /** Some rows of weights times one panel. */
  interface Micro<L extends Layout> {
    /**
     * Writes rows {@code fromRow} to {@code toRow} of the product. Both are multiples of a tile, so
     * {@code toRow} may lie past the last row; what is written there does not matter.
     *
     * @param panel at {@code panelAt}: {@code [columns of weights][vectors]}
     * @param vectors one of the widths
     * @param out row {@code fromRow} goes to byte {@code outAt}, the next {@code outStride} bytes
     *     on
     */
    void run(
        L weights,
        int fromRow,
        int toRow,
        MemorySegment panel,
        long panelAt,
        int vectors,
        MemorySegment out,
        long outAt,
        long outStride);

    /** Products in the rows before {@code row}, in any unit. */
    default long workBefore(L weights, int row) {
      return row;
    }
  }

  /** Some columns of activations. */
  record Panel(int column, int width, int vectors) {
    boolean isWhole() {
      return width == vectors * Simd.L;
    }
  }

  @Override
  public void run(L w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Panel[] panels = panels(x.columns());
    long panelBytes = panelBytes(x);
    if (workers.threads() == 1 || panels.length >= 2 * workers.threads()) {
      workers.run(
          panels.length,
          (i, worker) -> {
            MemorySegment panel = workers.scratch(worker, 0, panelBytes);
            pack(x, panels[i], panel, 0);
            multiply(w, 0, tileEnd(w), panel, 0, panels[i], y, e, worker, workers);
          });
      return;
    }
    MemorySegment packed = workers.scratch(0, 1, panelBytes * panels.length);
    workers.run(panels.length, (i, worker) -> pack(x, panels[i], packed, i * panelBytes));
    int parts = Math.ceilDiv(PARTS_PER_THREAD * workers.threads(), panels.length);
    int[] cuts = cuts(w, parts);
    workers.run(
        parts * panels.length,
        (i, worker) -> {
          int p = i / parts;
          int from = cuts[i % parts];
          int to = cuts[i % parts + 1];
          multiply(w, from, to, packed, p * panelBytes, panels[p], y, e, worker, workers);
        });
  }

  /** Bytes that the widest panel takes. */
  long panelBytes(Matrix x) {
    return (long) x.rows() * widths[0] * Simd.BYTES;
  }

  private static int tileEnd(Layout w) {
    return Layout.tiles(w.rows()) * Layout.TILE;
  }

  /** The panels that so many columns make. */
  Panel[] panels(int columns) {
    Panel[] panels = new Panel[Math.ceilDiv(columns, Simd.L)];
    int n = 0;
    for (int c = 0; c < columns; ) {
      int left = Math.ceilDiv(columns - c, Simd.L);
      int vectors = 1;
      for (int width : widths) {
        if (width <= left) {
          vectors = width;
          break;
        }
      }
      panels[n++] = new Panel(c, Math.min(columns - c, vectors * Simd.L), vectors);
      c += vectors * Simd.L;
    }
    return java.util.Arrays.copyOf(panels, n);
  }

  /**
   * Rows at which to cut, whole tiles, so that the parts have about the same number of products.
   */
  private int[] cuts(L w, int parts) {
    int[] cuts = new int[parts + 1];
    long all = micro.workBefore(w, w.rows());
    int tile = 0;
    for (int p = 1; p < parts; p++) {
      while (tile < Layout.tiles(w.rows())
          && micro.workBefore(w, Math.min(w.rows(), tile * Layout.TILE)) < all * p / parts) {
        tile++;
      }
      cuts[p] = tile * Layout.TILE;
    }
    cuts[parts] = tileEnd(w);
    return cuts;
  }

  /** Copies the columns of a panel to {@code panelAt}, filled up with zeros. */
  static void pack(Matrix x, Panel p, MemorySegment panel, long panelAt) {
    MemorySegment from = x.data();
    long stride = 4L * x.columns();
    long width = (long) p.vectors * Simd.BYTES;
    VectorMask<Float> last = Simd.F.indexInRange((p.vectors - 1) * Simd.L, p.width);
    for (int k = 0; k < x.rows(); k++) {
      long source = k * stride + 4L * p.column;
      long target = panelAt + k * width;
      for (int v = 0; v < p.vectors - 1; v++) {
        FloatVector.fromMemorySegment(Simd.F, from, source, ByteOrder.LITTLE_ENDIAN)
            .intoMemorySegment(panel, target, ByteOrder.LITTLE_ENDIAN);
        source += Simd.BYTES;
        target += Simd.BYTES;
      }
      FloatVector.fromMemorySegment(Simd.F, from, source, ByteOrder.LITTLE_ENDIAN, last)
          .intoMemorySegment(panel, target, ByteOrder.LITTLE_ENDIAN);
    }
  }

  private void multiply(
      L w,
      int fromRow,
      int toRow,
      MemorySegment panel,
      long panelAt,
      Panel p,
      Matrix y,
      Epilogue e,
      int worker,
      Workers workers) {
    // The residual may be y itself: sums are then written elsewhere first.
    boolean direct =
        p.isWhole() && (e.residual() == null || !overlaps(e.residual().data(), y.data()));
    for (int r = fromRow; r < toRow; r += rowsAtOnce) {
      int to = Math.min(toRow, r + rowsAtOnce);
      int end = Math.min(to, w.rows());
      int whole = direct ? end / Layout.TILE * Layout.TILE : r;
      if (whole > r) {
        long at = 4L * (r * (long) y.columns() + p.column);
        micro.run(w, r, whole, panel, panelAt, p.vectors, y.data(), at, 4L * y.columns());
        Finish.apply(e, y, r, whole, p.column, p.column + p.width);
      }
      if (whole < end) {
        long stride = (long) p.vectors * Simd.BYTES;
        MemorySegment sums = workers.scratch(worker, 2, rowsAtOnce * stride);
        micro.run(w, Math.max(r, whole), to, panel, panelAt, p.vectors, sums, 0, stride);
        Sums.copy(sums, stride, e, y, Math.max(r, whole), end, p.column, p.column + p.width);
      }
    }
  }

  private static boolean overlaps(MemorySegment a, MemorySegment b) {
    return a.asOverlappingSlice(b).isPresent();
  }
}
