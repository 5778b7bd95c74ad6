package compress.runtime.op;

import java.util.Arrays;

/** Windows over a plane of floats, line by line. */
final class Planes {
  private Planes() {}

  /** The largest or the mean in each window of a plane with two axes. */
  static void pool(float[] x, float[] y, Window w, boolean max, boolean countPadding) {
    int height = w.size()[0];
    int width = w.size()[1];
    int columns = w.result()[1];
    Arrays.fill(y, 0, w.resultPoints(), max ? Float.NEGATIVE_INFINITY : 0);
    for (int r = 0; r < w.result()[0]; r++) {
      int top = r * w.stride()[0] - w.before()[0];
      for (int i = 0; i < w.kernel()[0]; i++) {
        int line = top + i * w.dilation()[0];
        if (line < 0 || line >= height) {
          continue;
        }
        for (int j = 0; j < w.kernel()[1]; j++) {
          // The first and the last window whose column j lies inside.
          int shift = j * w.dilation()[1] - w.before()[1];
          int step = w.stride()[1];
          int from = shift >= 0 ? 0 : Math.ceilDiv(-shift, step);
          int to = Math.min(columns, Math.floorDiv(width - 1 - shift, step) + 1);
          int source = line * width + shift;
          int target = r * columns;
          if (max) {
            for (int c = from; c < to; c++) {
              y[target + c] = Math.max(y[target + c], x[source + c * step]);
            }
          } else {
            for (int c = from; c < to; c++) {
              y[target + c] += x[source + c * step];
            }
          }
        }
      }
      if (!max) {
        for (int c = 0; c < columns; c++) {
          y[r * columns + c] /= seen(w, 0, r, countPadding) * seen(w, 1, c, countPadding);
        }
      }
    }
  }

  /** How many elements of an axis the window counts at its stop number {@code at}. */
  private static int seen(Window w, int axis, int at, boolean countPadding) {
    int start = at * w.stride()[axis] - w.before()[axis];
    int seen = 0;
    for (int i = 0; i < w.kernel()[axis]; i++) {
      int place = start + i * w.dilation()[axis];
      boolean inside = place >= 0 && place < w.size()[axis];
      boolean padding = place < w.size()[axis] + w.declared()[axis];
      seen += inside || countPadding && padding ? 1 : 0;
    }
    return seen;
  }
}
