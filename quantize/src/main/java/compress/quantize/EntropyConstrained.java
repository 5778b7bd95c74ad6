package compress.quantize;

import java.util.Arrays;

/**
 * Clusters for weights that are entropy coded afterwards: a weight goes not to the nearest centroid
 * but to the one with the least {@code distance² + lambda * bits}, where a centroid's bits are
 * minus the logarithm of its share of the weights. Rare values die out, common ones widen, and the
 * file shrinks faster than the error grows.
 *
 * <p>The cost of a centroid is a parabola in the weight; all have the same curvature, so the cells
 * of the cheapest are again runs, found as the lower envelope of lines. Assignment and means
 * alternate until nothing changes; error plus lambda times entropy never grows.
 *
 * @see <a href="https://doi.org/10.1109/29.17498">Chou, Lookabaugh and Gray 1989</a>, section II
 */
final class EntropyConstrained {
  private static final int MOST_ITERATIONS = 1000;

  private final SortedWeights weights;
  private final double lambda;

  /** Ascending; each owns at least one weight. */
  private double[] centroids;

  /** Cluster {@code i} is the run from {@code borders[i]} to before {@code borders[i + 1]}. */
  private int[] borders;

  private EntropyConstrained(SortedWeights weights, double[] centroids, double lambda) {
    this.weights = weights;
    this.centroids = centroids;
    this.lambda = lambda;
    borders = new int[centroids.length + 1];
    for (int i = 1; i < centroids.length; i++) {
      borders[i] = weights.countUpTo((centroids[i - 1] + centroids[i]) / 2);
    }
    borders[centroids.length] = weights.size();
  }

  /**
   * @param start the plain clustering's centroids, at least two, each the nearest of some weight
   * @param relativeLambda what a bit is worth, as a multiple of the plain clustering's mean squared
   *     error
   */
  static Cells cells(SortedWeights weights, float[] start, double relativeLambda) {
    double[] centroids = new double[start.length];
    Arrays.setAll(centroids, i -> start[i]);
    EntropyConstrained plain = new EntropyConstrained(weights, centroids, 0);
    double lambda = relativeLambda * plain.squaredError() / weights.size();
    EntropyConstrained e = new EntropyConstrained(weights, centroids, lambda);
    double[] bounds = e.bounds();
    for (int i = 0; i < MOST_ITERATIONS; i++) {
      int[] old = e.borders;
      e.assign(bounds);
      e.recenter();
      if (Arrays.equals(old, e.borders)) {
        break;
      }
      bounds = e.bounds();
    }
    return e.toCells();
  }

  /** The runs between the bounds become the clusters; those without weights are dropped. */
  private void assign(double[] bounds) {
    int[] next = new int[centroids.length + 1];
    int n = 0;
    for (int i = 0; i < centroids.length; i++) {
      int end = i < bounds.length ? weights.countUpTo(bounds[i]) : weights.size();
      if (end > next[n]) {
        centroids[n] = centroids[i];
        next[++n] = end;
      }
    }
    borders = Arrays.copyOf(next, n + 1);
    centroids = Arrays.copyOf(centroids, n);
  }

  private void recenter() {
    for (int i = 0; i < centroids.length; i++) {
      centroids[i] = weights.mean(borders[i], borders[i + 1]);
    }
  }

  private double squaredError() {
    double error = 0;
    for (int i = 0; i < centroids.length; i++) {
      error += weights.squaredError(borders[i], borders[i + 1], centroids[i]);
    }
    return error;
  }

  /**
   * Where one centroid becomes dearer than the next. A centroid that is nowhere the cheapest is
   * removed from {@link #centroids} first.
   */
  private double[] bounds() {
    int count = centroids.length;
    double[] offset = new double[count];
    for (int i = 0; i < count; i++) {
      double share = (borders[i + 1] - borders[i]) / (double) weights.size();
      // (w - c)² + lambda * bits, less w², which all have.
      offset[i] = centroids[i] * centroids[i] - lambda * Math.log(share) / Math.log(2);
    }
    int[] cheapest = new int[count];
    double[] from = new double[count];
    int n = 0;
    for (int i = 0; i < count; i++) {
      double start = Double.NEGATIVE_INFINITY;
      while (n > 0) {
        int last = cheapest[n - 1];
        start = (offset[i] - offset[last]) / (2 * (centroids[i] - centroids[last]));
        if (start > from[n - 1]) {
          break;
        }
        n--;
        start = Double.NEGATIVE_INFINITY;
      }
      cheapest[n] = i;
      from[n++] = start;
    }
    double[] next = new double[n];
    for (int i = 0; i < n; i++) {
      next[i] = centroids[cheapest[i]];
    }
    centroids = next;
    return Arrays.copyOfRange(from, 1, n);
  }

  /** Cells that put each weight where it is now. */
  private Cells toCells() {
    float[] values = new float[centroids.length];
    double[] bounds = new double[Math.max(0, centroids.length - 1)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) weights.exactMean(borders[i], borders[i + 1]);
      if (i < bounds.length) {
        bounds[i] = weights.get(borders[i + 1] - 1);
      }
    }
    return Cells.of(values, bounds);
  }
}
