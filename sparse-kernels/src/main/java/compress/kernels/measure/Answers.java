package compress.kernels.measure;

import compress.kernels.Int8Column;
import compress.kernels.Kernel;
import compress.kernels.Matrix;
import compress.kernels.SignColumn;

/**
 * Compares answers with sums in double precision: some rows in all columns, and, unless the weights
 * are many, some columns in all rows.
 */
final class Answers {
  /** How many rows and columns. */
  private static final int CHECKED = 16;

  /** Weights up to which columns are checked in all rows. */
  private static final int EVERY_ROW = 1 << 22;

  /**
   * The largest error of a sum of products, of the sum of the largest weight times each activation:
   * the rounding of 32-bit floats, zero points that are added and taken away again included.
   */
  private static final double TOLERANCE = 2e-6;

  private Answers() {}

  /**
   * @param w the weights as the kernel stores them, row-major
   * @throws IllegalStateException if {@code y} is not the product
   */
  static void check(String name, Kernel.Activations activations, float[] w, Matrix x, Matrix y) {
    check(name, w, x, y, c -> column(activations, x, c), c -> 0);
  }

  /** As above, for a rival that says how far it moves the activations before it multiplies. */
  static void check(String name, Rival.Product product, Matrix x) {
    check(
        name,
        product.weights(),
        x,
        product.result(),
        c -> column(Kernel.Activations.F32, x, c),
        product::activationError);
  }

  private interface Column {
    double[] of(int column);
  }

  private interface Slack {
    double of(int column);
  }

  private static void check(String name, float[] w, Matrix x, Matrix y, Column seen, Slack error) {
    double largest = 0;
    for (float v : w) {
      largest = Math.max(largest, Math.abs(v));
    }
    int rowStep = Math.max(1, y.rows() / CHECKED);
    int columnStep = Math.max(1, x.columns() / CHECKED);
    boolean small = (long) y.rows() * x.rows() < EVERY_ROW;
    for (int c = 0; c < x.columns(); c++) {
      int step = small && c % columnStep == 0 ? 1 : rowStep;
      double[] column = seen.of(c);
      double bound = 1e-30;
      double moved = error.of(c);
      for (double v : column) {
        bound += TOLERANCE * largest * Math.abs(v);
      }
      for (int r = 0; r < y.rows(); r += step) {
        double sum = 0;
        double weights = 0;
        for (int k = 0; k < column.length; k++) {
          sum += w[r * column.length + k] * column[k];
          weights += Math.abs(w[r * column.length + k]);
        }
        // Negated, so that NaN is wrong.
        if (!(Math.abs(y.at(r, c) - sum) <= bound + moved * weights)) {
          throw new IllegalStateException(
              "%s is wrong: row %d, column %d is %s, not %s"
                  .formatted(name, r, c, y.at(r, c), sum));
        }
      }
    }
  }

  private static double[] column(Kernel.Activations activations, Matrix x, int c) {
    double[] seen = new double[x.rows()];
    switch (activations) {
      case F32 -> {
        for (int r = 0; r < seen.length; r++) {
          seen[r] = x.at(r, c);
        }
      }
      case INT8 -> {
        Int8Column q = Int8Column.of(x, c);
        for (int r = 0; r < seen.length; r++) {
          seen[r] = (double) q.values()[r] * q.scale();
        }
      }
      case SIGN -> {
        SignColumn q = SignColumn.of(x, c);
        for (int r = 0; r < seen.length; r++) {
          seen[r] = (q.bits()[r / 32] >>> r % 32 & 1) == 1 ? q.scale() : -q.scale();
        }
      }
    }
    return seen;
  }
}
