package compress.quantize;

import java.util.Arrays;

/**
 * The clustering of numbers on a line with the least sum of squared errors, by dynamic programming.
 *
 * <p>The numbers are first put in bins. With one bin for each different value, which is so up to
 * {@link #MOST_DISTINCT} of them, the answer is the optimum. With more, bins are as dense as {@link
 * CubeRoot} says, and the answer is the best among the clusterings whose borders are borders of
 * bins; Lloyd's iterations on all the numbers follow and remove most of what that costs.
 *
 * <p>The best last border moves right as numbers are added, so each row of the table is filled by
 * halving: O(centroids x bins x log bins) in all.
 *
 * @see <a href="https://journal.r-project.org/articles/RJ-2011-015/">Wang and Song 2011</a>,
 *     Ckmeans.1d.dp
 * @see <a href="https://arxiv.org/abs/1701.07204">Gronlund et al. 2017</a>, fast exact k-means in
 *     1D
 */
final class ExactKMeans {
  /** With more, the table would cost more than it brings. */
  static final int MOST_CENTROIDS = 1024;

  static final int MOST_DISTINCT = 4096;
  private static final int BINS_PER_CENTROID = 16;

  /** Of the first b bins: how many numbers, their sum, and the sum of their squares. */
  private final double[] counts;

  private final double[] sums;
  private final double[] squares;

  /** {@code starts[k][b]}: where the last of k + 1 clusters of the first b bins begins. */
  private final char[][] starts;

  private double[] before;
  private double[] best;

  private ExactKMeans(double[] counts, double[] sums, double[] squares, int clusters) {
    this.counts = counts;
    this.sums = sums;
    this.squares = squares;
    starts = new char[clusters][counts.length];
    before = new double[counts.length];
    best = new double[counts.length];
  }

  /** The means of the best {@code count} clusters. There are at least as many different weights. */
  static double[] centroids(SortedWeights weights, int count) {
    int[] borders = borders(weights, count);
    int bins = borders.length - 1;
    // Squares are of the distance from the middle, lest small differences of large ones be lost.
    double middle = weights.mean(0, weights.size());
    double[] counts = new double[bins + 1];
    double[] sums = new double[bins + 1];
    double[] squares = new double[bins + 1];
    for (int b = 0; b < bins; b++) {
      double sum = 0;
      double square = 0;
      for (int i = borders[b]; i < borders[b + 1]; i++) {
        double d = weights.get(i) - middle;
        sum += d;
        square += d * d;
      }
      counts[b + 1] = borders[b + 1];
      sums[b + 1] = sums[b] + sum;
      squares[b + 1] = squares[b] + square;
    }
    int[] cuts = new ExactKMeans(counts, sums, squares, count).cuts();
    double[] centroids = new double[count];
    for (int k = 0; k < count; k++) {
      centroids[k] = weights.mean(borders[cuts[k]], borders[cuts[k + 1]]);
    }
    return centroids;
  }

  /** Positions in the sorted weights where bins begin, and their end; no bin is empty. */
  private static int[] borders(SortedWeights weights, int count) {
    float[] distinct = weights.distinct(MOST_DISTINCT);
    int[] borders;
    if (distinct.length <= MOST_DISTINCT) {
      borders = new int[distinct.length + 1];
      for (int b = 0; b < distinct.length; b++) {
        borders[b + 1] = weights.countUpTo(distinct[b]);
      }
      return borders;
    }
    int bins = Math.max(MOST_DISTINCT / 2, BINS_PER_CENTROID * count);
    double[] edges = CubeRoot.of(weights, bins).quantiles(bins, 1);
    borders = new int[bins + 1];
    int n = 0;
    for (double edge : edges) {
      int end = weights.countUpTo(edge);
      if (end > borders[n]) {
        borders[++n] = end;
      }
    }
    borders[n] = weights.size();
    if (n < BINS_PER_CENTROID / 4 * count) {
      return bordersByRank(weights, bins);
    }
    return Arrays.copyOf(borders, n + 1);
  }

  /** For weights almost all of which are equal: bins of equally many different values. */
  private static int[] bordersByRank(SortedWeights weights, int bins) {
    float[] distinct = weights.distinct(weights.size());
    int step = Math.ceilDiv(distinct.length, bins);
    int[] borders = new int[Math.ceilDiv(distinct.length, step) + 1];
    for (int b = 1; b < borders.length; b++) {
      borders[b] = weights.countUpTo(distinct[Math.min(b * step, distinct.length) - 1]);
    }
    return borders;
  }

  /** The bins where the best clusters begin, and the number of bins. */
  private int[] cuts() {
    int bins = counts.length - 1;
    for (int b = 1; b <= bins; b++) {
      best[b] = error(0, b);
    }
    for (int k = 1; k < starts.length; k++) {
      double[] swap = before;
      before = best;
      best = swap;
      fill(k, k + 1, bins, k, bins - 1);
    }
    int[] cuts = new int[starts.length + 1];
    cuts[starts.length] = bins;
    for (int k = starts.length - 1; k > 0; k--) {
      cuts[k] = starts[k][cuts[k + 1]];
    }
    return cuts;
  }

  /**
   * Finds the best start of cluster {@code k} for the first {@code from} to {@code to} bins, known
   * to lie from {@code low} to {@code high}. Of equally good ones the least.
   */
  private void fill(int k, int from, int to, int low, int high) {
    if (from > to) {
      return;
    }
    int middle = (from + to) >>> 1;
    double least = Double.POSITIVE_INFINITY;
    int at = low;
    for (int s = low; s <= Math.min(high, middle - 1); s++) {
      double error = before[s] + error(s, middle);
      if (error < least) {
        least = error;
        at = s;
      }
    }
    best[middle] = least;
    starts[k][middle] = (char) at;
    fill(k, from, middle - 1, low, at);
    fill(k, middle + 1, to, at, high);
  }

  /** The sum of squared distances from the mean in the bins from {@code from} to before to. */
  private double error(int from, int to) {
    double sum = sums[to] - sums[from];
    return Math.max(0, squares[to] - squares[from] - sum * sum / (counts[to] - counts[from]));
  }
}
