package compress.cli.bench;

import compress.kernels.Matrix;

/** What rivals ask about the activations that they are given. */
final class Activations {
  private Activations() {}

  static Matrix transposed(Matrix a) {
    Matrix t = Matrix.zeros(a.columns(), a.rows());
    for (int r = 0; r < a.rows(); r++) {
      for (int c = 0; c < a.columns(); c++) {
        t.set(c, r, a.at(r, c));
      }
    }
    return t;
  }

  /** From the least to the most of all activations and zero. */
  static double range(Matrix x) {
    float least = 0;
    float most = 0;
    for (int r = 0; r < x.rows(); r++) {
      for (int c = 0; c < x.columns(); c++) {
        least = Math.min(least, x.at(r, c));
        most = Math.max(most, x.at(r, c));
      }
    }
    return (double) most - least;
  }

  /** The largest magnitude in a column. */
  static double largest(Matrix x, int column) {
    float largest = 0;
    for (int r = 0; r < x.rows(); r++) {
      largest = Math.max(largest, Math.abs(x.at(r, column)));
    }
    return largest;
  }
}
