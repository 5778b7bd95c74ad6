package compress.kernels;

import java.util.Arrays;

/**
 * Blocks of {@code blockRows} x {@code blockColumns} weights that stay or go together, as strips of
 * {@code stripRows} rows: for each column of a strip that has a weight, its position and its
 * weights from top to bottom. One position and a few activations then serve all rows of a strip.
 * Columns of a block that hold only zeros are left out.
 *
 * @param stripRows 8 or 4 if that divides the height of a block, else the height
 * @param starts {@code [strips + 1]}: where a strip begins in {@code positions}
 * @param positions columns, ascending in a strip
 * @param values {@code [position][row in strip]}; zeros past the last row
 */
public record Blocks(
    int rows,
    int columns,
    int blockRows,
    int blockColumns,
    int stripRows,
    int[] starts,
    int[] positions,
    float[] values)
    implements Layout {
  public static Blocks pack(WeightMatrix w, int blockRows, int blockColumns) {
    if (blockRows < 1 || blockColumns < 1) {
      throw new IllegalArgumentException("blocks of " + blockRows + "x" + blockColumns);
    }
    int height = blockRows % 8 == 0 ? 8 : blockRows % 4 == 0 ? 4 : blockRows;
    int strips = Math.ceilDiv(w.rows(), height);
    int[] starts = new int[strips + 1];
    int[] positions = new int[16];
    float[] values = new float[16 * height];
    int at = 0;
    for (int s = 0; s < strips; s++) {
      int end = Math.min(w.rows(), (s + 1) * height);
      starts[s] = at;
      for (int c = 0; c < w.columns(); c++) {
        if (isEmpty(w, s * height, end, c)) {
          continue;
        }
        if (at == positions.length) {
          positions = Arrays.copyOf(positions, 2 * at);
          values = Arrays.copyOf(values, Math.multiplyExact(2 * at, height));
        }
        positions[at] = c;
        for (int r = s * height; r < end; r++) {
          values[at * height + r % height] = w.at(r, c);
        }
        at++;
      }
    }
    starts[strips] = at;
    return new Blocks(
        w.rows(),
        w.columns(),
        blockRows,
        blockColumns,
        height,
        starts,
        Arrays.copyOf(positions, at),
        Arrays.copyOf(values, at * height));
  }

  private static boolean isEmpty(WeightMatrix w, int firstRow, int endRow, int column) {
    for (int r = firstRow; r < endRow; r++) {
      if (w.at(r, column) != 0) {
        return false;
      }
    }
    return true;
  }

  public int strips() {
    return starts.length - 1;
  }

  @Override
  public long bytes() {
    return 4L * starts.length + 4L * positions.length + 4L * values.length;
  }

  @Override
  public long nonZeros() {
    return values.length;
  }

  @Override
  public String pattern() {
    return "block:" + blockRows + "x" + blockColumns;
  }

  @Override
  public int bits() {
    return 32;
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows * columns];
    for (int s = 0; s < strips(); s++) {
      for (int i = starts[s]; i < starts[s + 1]; i++) {
        for (int r = s * stripRows; r < Math.min(rows, (s + 1) * stripRows); r++) {
          w[r * columns + positions[i]] = values[i * stripRows + r % stripRows];
        }
      }
    }
    return w;
  }
}
