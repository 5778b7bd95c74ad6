package compress.train;

import java.util.Arrays;

/**
 * The sum of {@code x xᵀ} over all rows {@code x} of a layer's input, one matrix {@code [columns,
 * columns]} for each group: the Hessian, up to a factor, of the squared error of the layer's
 * outputs in the weights of one output. Memory is {@code 4 columns²} bytes a group, however many
 * rows there are.
 *
 * @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh 2023</a>, section 3, and <a
 *     href="https://arxiv.org/abs/2210.17323">Frantar et al. 2022</a>, which both need it
 */
public final class SecondMoment implements Unfolding.Rows {
  private final int columns;
  private final float[][] sums;
  private long rows;

  public SecondMoment(Unfolding unfolding) {
    this.columns = unfolding.columns();
    if (columns > 40_000) {
      throw new IllegalArgumentException(
          columns + " weights for each output: their second moments would fill the memory");
    }
    this.sums = new float[unfolding.groups()][columns * columns];
  }

  /** The size of the matrices. */
  public int columns() {
    return columns;
  }

  /** How many matrices there are. */
  public int groups() {
    return sums.length;
  }

  /** Rows seen, those of all groups counted. */
  public long rows() {
    return rows;
  }

  @Override
  public void take(int group, float[] x, int count) {
    float[] sum = sums[group];
    int n = columns;
    // Four rows at a time: each element of the sum is then loaded and stored a quarter as often.
    // Only the upper triangle; matrix() mirrors it.
    int r = 0;
    for (; r + 4 <= count; r += 4) {
      int at = r * n;
      for (int i = 0; i < n; i++) {
        float a = x[at + i];
        float b = x[at + n + i];
        float c = x[at + 2 * n + i];
        float d = x[at + 3 * n + i];
        if (a != 0 || b != 0 || c != 0 || d != 0) {
          addRow(sum, i * n, x, at, i, n, a, b, c, d);
        }
      }
    }
    for (; r < count; r++) {
      for (int i = 0; i < n; i++) {
        float a = x[r * n + i];
        for (int j = i; j < n; j++) {
          sum[i * n + j] += a * x[r * n + j];
        }
      }
    }
    rows += count;
  }

  private static void addRow(
      float[] sum, int to, float[] x, int at, int from, int n, float a, float b, float c, float d) {
    for (int j = from; j < n; j++) {
      sum[to + j] +=
          a * x[at + j] + b * x[at + n + j] + c * x[at + 2 * n + j] + d * x[at + 3 * n + j];
    }
  }

  /** The sum of a group, row-major and symmetric. A fresh array. */
  public float[] matrix(int group) {
    float[] matrix = sums[group].clone();
    for (int i = 0; i < columns; i++) {
      for (int j = 0; j < i; j++) {
        matrix[i * columns + j] = matrix[j * columns + i];
      }
    }
    return matrix;
  }

  /** Whether a column was 0 in every row: its weights have no influence on what was seen. */
  public boolean isDead(int group, int column) {
    return sums[group][column * columns + column] == 0;
  }

  /**
   * The upper triangular {@code U} with {@code Uᵀ U = (H + damping * mean(diagonal) * I)⁻¹}, where
   * {@code H} is the matrix of a group with its columns in another order. A dead column counts as
   * one with a diagonal of 1.
   *
   * @param order which column comes at each place, each once
   * @param damping above 0 makes any {@code H} invertible; 0.01 is usual
   * @return {@code [columns, columns]}, row-major, 0 below the diagonal
   * @throws IllegalArgumentException if the matrix is not positive definite
   */
  public double[] inverseCholesky(int group, int[] order, double damping) {
    int n = columns;
    float[] sum = sums[group];
    double trace = 0;
    for (int i = 0; i < n; i++) {
      trace += isDead(group, i) ? 1 : sum[i * n + i];
    }
    // With H = R Rᵀ, R upper triangular, U is the inverse of R. Backwards R is an ordinary factor.
    double[] h = new double[n * n];
    for (int i = 0; i < n; i++) {
      int p = order[n - 1 - i];
      for (int j = i; j < n; j++) {
        int q = order[n - 1 - j];
        h[i * n + j] = sum[Math.min(p, q) * n + Math.max(p, q)];
      }
      h[i * n + i] = (isDead(group, p) ? 1 : h[i * n + i]) + damping * trace / n;
    }
    factor(h, n);
    double[] inverse = inverseOfTransposed(h, n);
    double[] u = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        u[i * n + j] = inverse[(n - 1 - i) * n + n - 1 - j];
      }
    }
    return u;
  }

  /** Replaces the upper triangle of {@code a} by {@code C} with {@code Cᵀ C = a}. */
  private static void factor(double[] a, int n) {
    for (int k = 0; k < n; k++) {
      double pivot = a[k * n + k];
      if (!(pivot > 0)) {
        throw new IllegalArgumentException(
            "the second moment of the inputs is not positive definite; use a larger damping, or"
                + " more samples");
      }
      double scale = 1 / Math.sqrt(pivot);
      for (int j = k; j < n; j++) {
        a[k * n + j] *= scale;
      }
      for (int i = k + 1; i < n; i++) {
        subtract(a, i * n, a, k * n, i, n, a[k * n + i]);
      }
    }
  }

  /** The inverse of {@code Cᵀ}, lower triangular. */
  private static double[] inverseOfTransposed(double[] c, int n) {
    double[] m = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        subtract(m, i * n, m, k * n, 0, k + 1, c[k * n + i]);
      }
      m[i * n + i] = 1;
      double scale = 1 / c[i * n + i];
      for (int j = 0; j <= i; j++) {
        m[i * n + j] *= scale;
      }
    }
    return m;
  }

  /** {@code to[j] -= factor * from[j]} for a range of j; plain, so that it becomes vectors. */
  private static void subtract(
      double[] to, int toAt, double[] from, int fromAt, int start, int end, double factor) {
    if (factor != 0) {
      for (int j = start; j < end; j++) {
        to[toAt + j] -= factor * from[fromAt + j];
      }
    }
  }

  /** The columns in their own order. */
  public int[] ownOrder() {
    int[] order = new int[columns];
    Arrays.setAll(order, i -> i);
    return order;
  }
}
