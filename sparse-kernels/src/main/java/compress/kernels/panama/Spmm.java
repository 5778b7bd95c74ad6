package compress.kernels.panama;

import compress.kernels.Epilogue;
import compress.kernels.Input;
import compress.kernels.Kernel;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.Patches;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

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
    implements Kernel.MultiplyPanels<L> {

  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long BYTES = Simd.BYTES;

  private static final int PARTS_PER_THREAD = 4;

  /** Some rows of weights times one panel. */
  interface Micro<L extends Layout> {
    /**
     * Writes rows {@code fromRow} to {@code toRow} of the product. Both are multiples of the unit,
     * so {@code toRow} may lie past the last row; what is written there does not matter.
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

    /** Rows that go together; cuts are at multiples of it, itself a multiple of a tile. */
    default int unit() {
      return Layout.TILE;
    }

    /** Whether nothing is written past the last row. */
    default boolean staysInside() {
      return false;
    }

    /** Products in the rows before {@code row}, a multiple of the unit or the last; any measure. */
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
  public void runPanels(L w, Input x, Matrix y, Epilogue e, Workers workers) {
    Panel[] panels = panels(x.columns());
    long panelBytes = panelBytes(x);
    if (workers.threads() == 1 || panels.length >= 2 * workers.threads()) {
      workers.run(
          panels.length,
          (i, worker) -> {
            MemorySegment panel = workers.scratch(worker, 0, panelBytes);
            pack(x, panels[i], panel, 0);
            multiply(w, 0, end(w), panel, 0, panels[i], y, e, worker, workers);
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
  long panelBytes(Input x) {
    return (long) x.rows() * widths[0] * BYTES;
  }

  private int end(L w) {
    return Math.ceilDiv(w.rows(), micro.unit()) * micro.unit();
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

  /** Rows at which to cut, multiples of the unit, so that the parts have about as many products. */
  private int[] cuts(L w, int parts) {
    int[] cuts = new int[parts + 1];
    long all = micro.workBefore(w, w.rows());
    int unit = micro.unit();
    int row = 0;
    for (int p = 1; p < parts; p++) {
      while (row < w.rows() && micro.workBefore(w, row) < all * p / parts) {
        row += unit;
      }
      cuts[p] = row;
    }
    cuts[parts] = end(w);
    return cuts;
  }

  /**
   * Copies the columns of a panel to {@code panelAt}. What is left of the last vector of a row does
   * not matter, since columns do not mix.
   */
  static void pack(Input x, Panel p, MemorySegment panel, long panelAt) {
    switch (x) {
      case Matrix matrix -> packMatrix(matrix, p, panel, panelAt);
      case Patches patches -> packPatches(patches, p, panel, panelAt);
    }
  }

  private static void packMatrix(Matrix x, Panel p, MemorySegment panel, long panelAt) {
    if (!p.isWhole()) {
      packPart(x, p, panel, panelAt);
      return;
    }
    switch (p.vectors) {
      case 4 -> pack4(x, p.column, panel, panelAt);
      case 3 -> pack3(x, p.column, panel, panelAt);
      default -> packPart(x, p, panel, panelAt);
    }
  }

  private static void pack4(Matrix x, int column, MemorySegment panel, long panelAt) {
    MemorySegment from = x.data();
    long at = 4L * column;
    for (int k = 0; k < x.rows(); k++) {
      FloatVector v0 = FloatVector.fromMemorySegment(F, from, at, LE);
      FloatVector v1 = FloatVector.fromMemorySegment(F, from, at + BYTES, LE);
      FloatVector v2 = FloatVector.fromMemorySegment(F, from, at + 2 * BYTES, LE);
      FloatVector v3 = FloatVector.fromMemorySegment(F, from, at + 3 * BYTES, LE);
      v0.intoMemorySegment(panel, panelAt, LE);
      v1.intoMemorySegment(panel, panelAt + BYTES, LE);
      v2.intoMemorySegment(panel, panelAt + 2 * BYTES, LE);
      v3.intoMemorySegment(panel, panelAt + 3 * BYTES, LE);
      at += 4L * x.columns();
      panelAt += 4 * BYTES;
    }
  }

  private static void pack3(Matrix x, int column, MemorySegment panel, long panelAt) {
    MemorySegment from = x.data();
    long at = 4L * column;
    for (int k = 0; k < x.rows(); k++) {
      FloatVector v0 = FloatVector.fromMemorySegment(F, from, at, LE);
      FloatVector v1 = FloatVector.fromMemorySegment(F, from, at + BYTES, LE);
      FloatVector v2 = FloatVector.fromMemorySegment(F, from, at + 2 * BYTES, LE);
      v0.intoMemorySegment(panel, panelAt, LE);
      v1.intoMemorySegment(panel, panelAt + BYTES, LE);
      v2.intoMemorySegment(panel, panelAt + 2 * BYTES, LE);
      at += 4L * x.columns();
      panelAt += 3 * BYTES;
    }
  }

  private static void packPart(Matrix x, Panel p, MemorySegment panel, long panelAt) {
    MemorySegment from = x.data();
    VectorMask<Float> last = F.indexInRange((p.vectors - 1) * Simd.L, p.width);
    long row = 4L * p.column;
    for (int k = 0; k < x.rows(); k++) {
      long at = row;
      for (int v = 0; v < p.vectors - 1; v++) {
        FloatVector.fromMemorySegment(F, from, at, LE).intoMemorySegment(panel, panelAt, LE);
        at += BYTES;
        panelAt += BYTES;
      }
      FloatVector.fromMemorySegment(F, from, at, LE, last).intoMemorySegment(panel, panelAt, LE);
      panelAt += BYTES;
      row += 4L * x.columns();
    }
  }

  /**
   * Piece by piece of a line, in whole vectors: what a vector has too much lies where the next
   * piece is written after it. Only the end of a row is kept, since the next row is there already.
   */
  private static void packPatches(Patches x, Panel p, MemorySegment panel, long panelAt) {
    int room = p.vectors * Simd.L;
    for (int c = 0; c < p.width; ) {
      int line = (p.column + c) / x.lineLength();
      int in = (p.column + c) % x.lineLength();
      int end = Math.min(p.width, c + x.lineLength() - in);
      for (int from = x.lines()[line] + in; c < end; c += Simd.L, from += Simd.L) {
        if (c + Simd.L <= room) {
          copy(x, 4L * from, panel, panelAt + 4L * c, p.vectors * BYTES);
        } else {
          VectorMask<Float> inside = F.indexInRange(0, room - c);
          copyPart(x, 4L * from, inside, panel, panelAt + 4L * c, p.vectors * BYTES);
        }
      }
      c = end;
    }
  }

  /** One vector of each feature. */
  private static void copy(Patches x, long from, MemorySegment panel, long to, long stride) {
    MemorySegment data = x.data();
    int[] features = x.features();
    for (int k = 0; k < features.length; k++) {
      FloatVector.fromMemorySegment(F, data, from + 4L * features[k], LE)
          .intoMemorySegment(panel, to + k * stride, LE);
    }
  }

  private static void copyPart(
      Patches x, long from, VectorMask<Float> inside, MemorySegment panel, long to, long stride) {
    MemorySegment data = x.data();
    int[] features = x.features();
    for (int k = 0; k < features.length; k++) {
      FloatVector.fromMemorySegment(F, data, from + 4L * features[k], LE)
          .intoMemorySegment(panel, to + k * stride, LE, inside);
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
      int whole = !direct ? r : micro.staysInside() ? end : end / micro.unit() * micro.unit();
      if (whole > r) {
        long at = 4L * (r * (long) y.columns() + p.column);
        micro.run(w, r, whole, panel, panelAt, p.vectors, y.data(), at, 4L * y.columns());
        Finish.apply(e, y, r, whole, p.column, p.column + p.width);
      }
      if (whole < end) {
        long stride = (long) p.vectors * Simd.BYTES;
        MemorySegment sums = workers.scratch(worker, 2, rowsAtOnce * stride);
        micro.run(w, Math.max(r, whole), to, panel, panelAt, p.vectors, sums, 0, stride);
        Finish.copy(sums, 0, stride, e, y, Math.max(r, whole), end, p.column, p.column + p.width);
      }
    }
  }

  private static boolean overlaps(MemorySegment a, MemorySegment b) {
    return a.asOverlappingSlice(b).isPresent();
  }
}
