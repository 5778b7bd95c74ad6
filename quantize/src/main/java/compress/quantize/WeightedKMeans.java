package compress.quantize;

import java.util.Arrays;

/**
 * K-means of numbers on a line that do not all matter alike: the sum of {@code importance * (value
 * - centroid)²} is to be small.
 *
 * <p>Starts from the exact optimum over at most 1,024 runs of neighbours, found by dynamic
 * programming, and goes on with Lloyd's iterations over the numbers themselves.
 *
 * @see <a href="https://arxiv.org/abs/2306.07629">Kim et al. 2023</a>, SqueezeLLM, section 4.1,
 *     which takes the diagonal of the Fisher information as importance
 */
final class WeightedKMeans {
  private static final int RUNS = 1024;

  private static final int MOST_ITERATIONS = 200;

  /** Numbers without importance still have a place: this share of the mean importance. */
  private static final double FLOOR = 1e-6;

  private final float[] values;

  /** Of the first {@code i} values: importance, and importance times the value and its square. */
  private final double[] mass;

  private final double[] first;
  private final double[] second;

  private WeightedKMeans(float[] unsorted, float[] importance) {
    int n = unsorted.length;
    long[] keys = new long[n];
    double total = 0;
    for (int i = 0; i < n; i++) {
      int bits = Float.floatToRawIntBits(unsorted[i]);
      // Floats in the order of their numbers.
      int ordered = bits ^ (bits >> 31 & 0x7fffffff);
      keys[i] = (long) ordered << 32 | i;
      total += importance[i];
    }
    Arrays.sort(keys);
    double least = total > 0 ? FLOOR * total / n : 1;
    values = new float[n];
    mass = new double[n + 1];
    first = new double[n + 1];
    second = new double[n + 1];
    for (int i = 0; i < n; i++) {
      int from = (int) keys[i];
      double w = Math.max(least, importance[from]);
      double x = unsorted[from];
      values[i] = unsorted[from];
      mass[i + 1] = mass[i] + w;
      first[i + 1] = first[i] + w * x;
      second[i + 1] = second[i] + w * x * x;
    }
  }

  /**
   * At most {@code most} centroids, ascending and all different.
   *
   * @param values finite
   * @param importance one for each value, not negative
   */
  static float[] centroids(float[] values, float[] importance, int most) {
    if (values.length == 0) {
      return new float[0];
    }
    return new WeightedKMeans(values, importance).settled(most);
  }

  /** The error of a run as one cluster. */
  private double cost(int from, int to) {
    double w = mass[to] - mass[from];
    double x = first[to] - first[from];
    return w <= 0 ? 0 : Math.max(0, second[to] - second[from] - x * x / w);
  }

  private float mean(int from, int to) {
    double mean = (first[to] - first[from]) / (mass[to] - mass[from]);
    return (float) Math.clamp(mean, values[from], values[to - 1]);
  }

  private float[] settled(int most) {
    int[] borders = start(most);
    for (int i = 0; i < MOST_ITERATIONS; i++) {
      int[] next = assigned(means(borders));
      if (Arrays.equals(next, borders)) {
        break;
      }
      borders = next;
    }
    return means(borders);
  }

  /** Of the runs between borders, empty ones left out; each different from the one before. */
  private float[] means(int[] borders) {
    float[] means = new float[borders.length - 1];
    int n = 0;
    for (int i = 0; i + 1 < borders.length; i++) {
      if (borders[i] < borders[i + 1]) {
        float mean = mean(borders[i], borders[i + 1]);
        if (n == 0 || mean > means[n - 1]) {
          means[n++] = mean;
        }
      }
    }
    return Arrays.copyOf(means, n);
  }

  /** A value half-way between two centroids goes to the lower one. */
  private int[] assigned(float[] centroids) {
    int[] borders = new int[centroids.length + 1];
    for (int i = 1; i < centroids.length; i++) {
      double middle = ((double) centroids[i - 1] + centroids[i]) / 2;
      int low = borders[i - 1];
      int high = values.length;
      while (low < high) {
        int at = (low + high) >>> 1;
        if (values[at] <= middle) {
          low = at + 1;
        } else {
          high = at;
        }
      }
      borders[i] = low;
    }
    borders[centroids.length] = values.length;
    return borders;
  }

  /** The best borders among those of the runs, each of which has as many different values. */
  private int[] start(int most) {
    int[] runs = runs();
    int n = runs.length - 1;
    int clusters = Math.min(most, n);
    double[] before = new double[n + 1];
    Arrays.fill(before, Double.POSITIVE_INFINITY);
    before[0] = 0;
    int[][] cut = new int[clusters + 1][n + 1];
    for (int k = 1; k <= clusters; k++) {
      double[] now = new double[n + 1];
      Arrays.fill(now, Double.POSITIVE_INFINITY);
      for (int to = k; to <= n; to++) {
        for (int from = k - 1; from < to; from++) {
          if (before[from] < now[to]) {
            double error = before[from] + cost(runs[from], runs[to]);
            if (error < now[to]) {
              now[to] = error;
              cut[k][to] = from;
            }
          }
        }
      }
      before = now;
    }
    int[] borders = new int[clusters + 1];
    int at = n;
    for (int k = clusters; k >= 0; k--) {
      borders[k] = runs[at];
      at = cut[k][at];
    }
    return borders;
  }

  /** Where runs of neighbours begin, and the end: equal values stand in one run. */
  private int[] runs() {
    int n = values.length;
    int[] starts = new int[Math.min(RUNS, n) + 1];
    int count = 1;
    for (int i = 1; i < starts.length - 1; i++) {
      int at = (int) ((long) i * n / (starts.length - 1));
      while (at < n && values[at] == values[at - 1]) {
        at++;
      }
      if (at < n && at > starts[count - 1]) {
        starts[count++] = at;
      }
    }
    starts[count] = n;
    return Arrays.copyOf(starts, count + 1);
  }
}
