package compress.kernels.panama;

import compress.kernels.Matrix;
import compress.kernels.PackedCodes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Columns of activations as kernels want them. */
final class Columns {
  private Columns() {}

  /** One column as it is, then zeros. */
  static void copy(Matrix x, int column, MemorySegment to) {
    to.fill((byte) 0);
    gather(x, column, 0, x.rows(), to, 0);
  }

  /** One column with each group filled up to whole words of codes. */
  static void copy(Matrix x, int column, PackedCodes codes, MemorySegment to) {
    to.fill((byte) 0);
    int padded = codes.groupWords() * codes.perWord();
    for (int g = 0; g < codes.groups(); g++) {
      int from = g * codes.group();
      int end = Math.min(x.rows(), from + codes.group());
      gather(x, column, from, end, to, 4L * g * padded);
    }
  }

  private static void gather(Matrix x, int column, int from, int to, MemorySegment out, long at) {
    if (x.columns() == 1) {
      MemorySegment.copy(x.data(), 4L * from, out, at, 4L * (to - from));
      return;
    }
    for (int r = from; r < to; r++) {
      out.set(ValueLayout.JAVA_FLOAT, at + 4L * (r - from), x.at(r, column));
    }
  }
}
