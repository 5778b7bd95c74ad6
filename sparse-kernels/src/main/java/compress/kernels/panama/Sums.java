package compress.kernels.panama;

import compress.kernels.Epilogue;
import compress.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Sums that were kept apart from the result, since a whole vector would write past it. */
final class Sums {
  private Sums() {}

  /**
   * Finishes the sums of a piece of {@code y} and copies them there.
   *
   * @param sums that of row {@code fromRow} and column {@code from} first; the next row begins
   *     {@code stride} bytes on
   */
  static void copy(
      MemorySegment sums,
      long stride,
      Epilogue e,
      Matrix y,
      int fromRow,
      int toRow,
      int from,
      int to) {
    boolean plain = e.isNone();
    for (int r = fromRow; r < toRow; r++) {
      long row = (r - fromRow) * stride;
      long target = 4L * ((long) r * y.columns() + from);
      for (int c = from; c < to; c++) {
        float v = sums.get(ValueLayout.JAVA_FLOAT, row + 4L * (c - from));
        y.data()
            .set(ValueLayout.JAVA_FLOAT, target + 4L * (c - from), plain ? v : e.apply(v, r, c));
      }
    }
  }
}
