package compress.kernels.panama;

import compress.kernels.DenseTiles;
import compress.kernels.Epilogue;
import compress.kernels.Input;
import compress.kernels.Kernel;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;

/**
 * Weights of few bits times many columns: a tile of 16 rows is decoded to floats once, which stay
 * in the second cache while the dense kernel multiplies them with every panel. The weights still
 * come from memory as few bits.
 */
record DecodedGemm<L extends Layout>(Decoder<L> decoder) implements Kernel.MultiplyPanels<L> {
  private static final Spmm<DenseTiles> DENSE = new Spmm<>(new DenseGemm(), Layout.TILE, 3, 2, 1);

  /** Floats of a tile. */
  @FunctionalInterface
  interface Decoder<L extends Layout> {
    /** Writes {@code [column][row in tile]}, all 16 rows. */
    void decode(L weights, int tile, MemorySegment to);
  }

  @Override
  public void runPanels(L w, Input x, Matrix y, Epilogue e, Workers workers) {
    Spmm.Panel[] panels = DENSE.panels(x.columns());
    long panelBytes = DENSE.panelBytes(x);
    MemorySegment packed = workers.scratch(0, 1, panelBytes * panels.length);
    workers.run(panels.length, (i, worker) -> Spmm.pack(x, panels[i], packed, i * panelBytes));
    workers.run(
        Layout.tiles(w.rows()),
        (tile, worker) -> {
          int from = tile * Layout.TILE;
          int to = Math.min(w.rows(), from + Layout.TILE);
          MemorySegment floats = workers.scratch(worker, 5, 4L * Layout.TILE * (w.columns() + 3L));
          decoder.decode(w, tile, floats);
          DenseTiles dense = new DenseTiles(Layout.TILE, w.columns(), floats);
          for (int p = 0; p < panels.length; p++) {
            Spmm.Panel panel = panels[p];
            long stride = (long) panel.vectors() * Simd.BYTES;
            MemorySegment sums = workers.scratch(worker, 2, Layout.TILE * stride);
            DENSE
                .micro()
                .run(
                    dense,
                    0,
                    Layout.TILE,
                    packed,
                    p * panelBytes,
                    panel.vectors(),
                    sums,
                    0,
                    stride);
            int column = panel.column();
            Finish.copy(sums, 0, stride, e, y, from, to, column, column + panel.width());
          }
        });
  }
}
