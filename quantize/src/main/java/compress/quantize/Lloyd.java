package compress.quantize;

import java.util.Arrays;

/**
 * Lloyd's iterations on a line: each weight goes to its nearest centroid, each centroid to the mean
 * of its weights, until no weight changes place. The sum of squared errors never grows.
 *
 * <p>A weight half-way between two centroids goes to the lower one. A centroid that is left without
 * weights is moved into the cluster with the largest error, which is split at its mean; if no
 * cluster has an error, nothing is left to gain and it is dropped. A cluster of the line is a run
 * of the sorted weights, so an iteration is a few binary searches, whatever the number of weights.
 *
 * @see <a href="https://doi.org/10.1109/TIT.1982.1056489">Lloyd 1982</a>
 */
final class Lloyd {
  /** Clustering that has not settled by then is good enough. */
  static final int MOST_ITERATIONS = 1000;

  private final SortedWeights weights;

  /** Ascending. */
  private double[] centroids;

  /** Cluster {@code i} is the run from {@code borders[i]} to before {@code borders[i + 1]}. */
  private int[] borders;

  Lloyd(SortedWeights weights, double[] start) {
    this.weights = weights;
    centroids = start.clone();
    borders = assigned();
  }

  /** Runs until nothing changes. */
  Lloyd settle() {
    for (int i = 0; i < MOST_ITERATIONS && step(); i++) {}
    return this;
  }

  /** One iteration; whether any weight changed its cluster. */
  boolean step() {
    for (int i = 0; i < centroids.length; i++) {
      if (borders[i] < borders[i + 1]) {
        centroids[i] = weights.mean(borders[i], borders[i + 1]);
      }
    }
    boolean refilled = refillEmpty();
    int[] old = borders;
    borders = assigned();
    return refilled || !Arrays.equals(old, borders);
  }

  /** The sum of squared distances of the weights from their centroids. */
  double error() {
    double error = 0;
    for (int i = 0; i < centroids.length; i++) {
      error += weights.squaredError(borders[i], borders[i + 1], centroids[i]);
    }
    return error;
  }

  /** The means of the clusters, ascending and all different: as many floats as clusters. */
  float[] centroids() {
    float[] means = new float[centroids.length];
    int n = 0;
    for (int i = 0; i < centroids.length; i++) {
      if (borders[i] < borders[i + 1]) {
        means[n++] = (float) weights.exactMean(borders[i], borders[i + 1]);
      }
    }
    return Arrays.copyOf(means, n);
  }

  private int[] assigned() {
    int[] cuts = new int[centroids.length + 1];
    for (int i = 1; i < centroids.length; i++) {
      cuts[i] = weights.countUpTo((centroids[i - 1] + centroids[i]) / 2);
    }
    cuts[centroids.length] = weights.size();
    return cuts;
  }

  /** Splits the clusters with the largest errors, one for each empty cluster. */
  private boolean refillEmpty() {
    int empty = 0;
    for (int i = 0; i < centroids.length; i++) {
      empty += borders[i] == borders[i + 1] ? 1 : 0;
    }
    if (empty == 0) {
      return false;
    }
    double[] next = new double[centroids.length];
    double[] errors = new double[centroids.length];
    int n = 0;
    for (int i = 0; i < centroids.length; i++) {
      if (borders[i] < borders[i + 1]) {
        errors[n] = weights.squaredError(borders[i], borders[i + 1], centroids[i]);
        next[n++] = centroids[i];
      }
    }
    double[] largest = Arrays.copyOf(errors, n);
    Arrays.sort(largest);
    int splits = Math.min(empty, n);
    double least = largest[n - splits];
    boolean split = false;
    int cluster = 0;
    for (int i = 0; i < centroids.length && splits > 0; i++) {
      if (borders[i] == borders[i + 1]) {
        continue;
      }
      if (errors[cluster] >= least && errors[cluster] > 0) {
        int middle = weights.countUpTo(centroids[i]);
        // The mean may be the greatest value itself when rounding is as wide as the cluster.
        if (borders[i] < middle && middle < borders[i + 1]) {
          next[cluster] = weights.mean(borders[i], middle);
          next[n++] = weights.mean(middle, borders[i + 1]);
          split = true;
          splits--;
        }
      }
      cluster++;
    }
    centroids = Arrays.copyOf(next, n);
    Arrays.sort(centroids);
    // What is still missing is filled in the next iterations.
    if (split && n < next.length) {
      centroids = padded(centroids, next.length);
    }
    return split;
  }

  /** More centroids at the place of the last: they are empty, since ties go to the lower one. */
  private static double[] padded(double[] centroids, int length) {
    double[] padded = Arrays.copyOf(centroids, length);
    Arrays.fill(padded, centroids.length, length, centroids[centroids.length - 1]);
    return padded;
  }
}
