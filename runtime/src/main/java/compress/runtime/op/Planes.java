package compress.runtime.op;

import compress.kernels.FloatFunctions;
import java.util.Arrays;

/** Windows over a plane of floats, line by line. */
final class Planes {
  private Planes() {}

  /**
   * Room for a line.
   *
   * @param even room for half of it, rounded up
   * @param odd likewise
   */
  record Line(float[] all, float[] even, float[] odd) {}

  /**
   * The largest or the mean in each window of a plane with two axes: first of the lines that a
   * window covers, element by element, then of what it covers in that line.
   *
   * @param line overwritten
   */
  static void pool(float[] x, float[] y, Line line, Window w, boolean max, boolean countPadding) {
    if (!max && w.resultPoints() == 1 && w.seesAll()) {
      y[0] = Sums.of(x, w.points()) / w.points();
      return;
    }
    float[] row = line.all;
    int height = w.size()[0];
    int width = w.size()[1];
    int columns = w.result()[1];
    for (int r = 0; r < w.result()[0]; r++) {
      int top = r * w.stride()[0] - w.before()[0];
      Arrays.fill(row, 0, width, max ? Float.NEGATIVE_INFINITY : 0);
      for (int i = 0; i < w.kernel()[0]; i++) {
        int at = top + i * w.dilation()[0];
        if (at >= 0 && at < height) {
          join(x, at * width, row, 0, width, max);
        }
      }
      across(line, y, r * columns, w, max);
      if (!max) {
        for (int c = 0; c < columns; c++) {
          y[r * columns + c] /= seen(w, 0, r, countPadding) * seen(w, 1, c, countPadding);
        }
      }
    }
  }

  private static void join(float[] x, int from, float[] y, int to, int n, boolean max) {
    if (max) {
      FloatFunctions.here().maxInto(x, from, y, to, n);
    } else {
      FloatFunctions.here().addScaled(x, from, 1, y, to, n);
    }
  }

  /** Windows along one line. */
  private static void across(Line line, float[] y, int to, Window w, boolean max) {
    float[] row = line.all;
    int width = w.size()[1];
    int columns = w.result()[1];
    int step = w.stride()[1];
    Arrays.fill(y, to, to + columns, max ? Float.NEGATIVE_INFINITY : 0);
    if (step == 2) {
      // Every other element, side by side.
      FloatFunctions.here().split(row, width, line.even, line.odd);
    }
    for (int j = 0; j < w.kernel()[1]; j++) {
      // The first and the last window whose column j lies inside.
      int shift = j * w.dilation()[1] - w.before()[1];
      int first = shift >= 0 ? 0 : Math.ceilDiv(-shift, step);
      int end = Math.min(columns, Math.floorDiv(width - 1 - shift, step) + 1);
      if (first >= end) {
        continue;
      }
      if (step == 1) {
        join(row, shift + first, y, to + first, end - first, max);
      } else if (step == 2) {
        float[] half = Math.floorMod(shift, 2) == 0 ? line.even : line.odd;
        join(half, Math.floorDiv(shift, 2) + first, y, to + first, end - first, max);
      } else if (max) {
        for (int c = first; c < end; c++) {
          y[to + c] = Math.max(y[to + c], row[shift + c * step]);
        }
      } else {
        for (int c = first; c < end; c++) {
          y[to + c] += row[shift + c * step];
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
