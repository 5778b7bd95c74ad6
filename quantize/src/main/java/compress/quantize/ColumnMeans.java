package compress.quantize;

import compress.train.Unfolding;

/**
 * The mean of each column of a layer's input over all rows: what the error of its weights adds to
 * each answer on average, and a bias can take away again.
 *
 * @see <a href="https://arxiv.org/abs/1906.04721">Nagel et al. 2019</a>, section 4.2, with the
 *     means taken from samples
 */
final class ColumnMeans implements Unfolding.Rows {
  private final int columns;
  private final double[] sums;
  private final long[] rows;

  ColumnMeans(Unfolding unfolding) {
    this.columns = unfolding.columns();
    this.sums = new double[unfolding.groups() * columns];
    this.rows = new long[unfolding.groups()];
  }

  @Override
  public void take(int group, float[] values, int count) {
    for (int r = 0; r < count; r++) {
      for (int c = 0; c < columns; c++) {
        sums[group * columns + c] += values[r * columns + c];
      }
    }
    rows[group] += count;
  }

  double mean(int group, int column) {
    return sums[group * columns + column] / Math.max(1, rows[group]);
  }
}
