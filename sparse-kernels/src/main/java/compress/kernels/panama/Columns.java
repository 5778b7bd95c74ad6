package compress.kernels.panama;

import compress.kernels.Matrix;
import compress.kernels.PackedCodes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Columns of activations as kernels want them. */
final class Columns {
  private Columns() {}

  /** Rows {@code from} to {@code to} of a column, to {@code out} from {@code at} on. */
  static void copy(Matrix x, int column, int from, int to, float[] out, int at) {
    if (x.columns() == 1) {
      MemorySegment.copy(x.data(), ValueLayout.JAVA_FLOAT, 4L * from, out, at, to - from);
      return;
    }
    for (int r = from; r < to; r++) {
      out[at + r - from] = x.at(r, column);
    }
  }

  /** Floats that a column takes with each group filled up to whole words of codes. */
  static int padded(PackedCodes codes) {
    return codes.groups() * codes.groupWords() * codes.perWord();
  }

  /** One column with each group filled up with zeros to whole words of codes. */
  static void copy(Matrix x, int column, PackedCodes codes, float[] to) {
    int padded = codes.groupWords() * codes.perWord();
    for (int g = 0; g < codes.groups(); g++) {
      int from = g * codes.group();
      int end = Math.min(x.rows(), from + codes.group());
      copy(x, column, from, end, to, g * padded);
      Arrays.fill(to, g * padded + end - from, (g + 1) * padded, 0);
    }
  }
}
