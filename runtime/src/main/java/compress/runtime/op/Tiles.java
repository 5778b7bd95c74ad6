package compress.runtime.op;

import compress.kernels.DenseTiles;
import compress.kernels.Layout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Packs a matrix that the network computes as dense weights, on each run. */
final class Tiles {
  private Tiles() {}

  /**
   * @param at where the matrix begins, in elements
   * @param perRow elements from one row to the next
   * @param to of the same size; what fills up the last tile is not written
   */
  static void pack(MemorySegment from, long at, long perRow, long perColumn, DenseTiles to) {
    MemorySegment values = to.values();
    for (int first = 0; first < to.rows(); first += Layout.TILE) {
      long tile = to.tileBytes() * (first / Layout.TILE);
      int rows = Math.min(Layout.TILE, to.rows() - first);
      if (perRow == 1) {
        for (int c = 0; c < to.columns(); c++) {
          long source = 4 * (at + first + c * perColumn);
          MemorySegment.copy(from, source, values, tile + 4L * Layout.TILE * c, 4L * rows);
        }
      } else {
        for (int r = 0; r < rows; r++) {
          long source = at + (first + r) * perRow;
          for (int c = 0; c < to.columns(); c++) {
            values.set(
                ValueLayout.JAVA_FLOAT,
                tile + 4L * (Layout.TILE * c + r),
                from.getAtIndex(ValueLayout.JAVA_FLOAT, source + c * perColumn));
          }
        }
      }
    }
  }
}
