package compress.quantize;

import java.util.Arrays;

/**
 * The weights of a tensor in ascending order, with running sums: the mean of any run takes constant
 * time. All the clustering of one dimension needs, since a cluster of the real line is a run.
 *
 * <p>Takes 12 bytes a weight, and 8 more while sorting.
 */
final class SortedWeights {
  private final float[] values;

  /** {@code sums[i]} is the sum of the first {@code i} values. */
  private final double[] sums;

  private SortedWeights(float[] values) {
    this.values = values;
    sums = new double[values.length + 1];
    for (int i = 0; i < values.length; i++) {
      sums[i + 1] = sums[i] + values[i];
    }
  }

  /** Sorts a copy of {@code weights}, which hold no NaN, in linear time. */
  static SortedWeights of(float[] weights) {
    return new SortedWeights(RadixSort.sorted(weights));
  }

  int size() {
    return values.length;
  }

  float get(int i) {
    return values[i];
  }

  float min() {
    return values[0];
  }

  float max() {
    return values[values.length - 1];
  }

  /** The mean of the values from {@code from} to before {@code to}, at least one, inside them. */
  double mean(int from, int to) {
    // Differences of long sums carry rounding; the true mean is never outside the run.
    double mean = (sums[to] - sums[from]) / (to - from);
    return Math.clamp(mean, values[from], values[to - 1]);
  }

  /** The mean as {@link #mean} has it, from the values of the run alone: slower, more exact. */
  double exactMean(int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return Math.clamp(sum / (to - from), values[from], values[to - 1]);
  }

  /** The sum of (value - center)² over the values from {@code from} to before {@code to}. */
  double squaredError(int from, int to, double center) {
    double error = 0;
    for (int i = from; i < to; i++) {
      double d = values[i] - center;
      error += d * d;
    }
    return error;
  }

  /** How many values are at most {@code bound}. */
  int countUpTo(double bound) {
    int low = 0;
    int high = values.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (values[middle] <= bound) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The different values in ascending order, or the first {@code limit + 1} if there are more. */
  float[] distinct(int limit) {
    float[] found = new float[Math.min(values.length, limit + 1)];
    int n = 0;
    for (int i = 0; i < values.length && n <= limit; i++) {
      if (i == 0 || values[i] != values[i - 1]) {
        found[n++] = values[i];
      }
    }
    return Arrays.copyOf(found, n);
  }
}
