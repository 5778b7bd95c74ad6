package compress.train;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well one list of numbers orders what another one orders: Spearman's rank correlation, from -1
 * to 1. Equal numbers share the mean of their ranks.
 *
 * @param value NaN if all numbers of a list are equal
 * @param samples at least 4
 */
public record Spearman(double value, long samples) {
  /** The two-sided 95 % point of the normal distribution. */
  private static final double Z = 1.959963984540054;

  /**
   * @throws IllegalArgumentException if the lists differ in length, or have fewer than 4 numbers
   */
  public static Spearman of(double[] first, double[] second) {
    if (first.length != second.length || first.length < 4) {
      throw new IllegalArgumentException(
          "a rank correlation needs two lists of at least 4 numbers, not %d and %d"
              .formatted(first.length, second.length));
    }
    double[] a = ranks(first);
    double[] b = ranks(second);
    double mean = (a.length + 1) / 2.0;
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (a[i] - mean) * (b[i] - mean);
      aa += (a[i] - mean) * (a[i] - mean);
      bb += (b[i] - mean) * (b[i] - mean);
    }
    return new Spearman(ab / Math.sqrt(aa * bb), a.length);
  }

  /** From 1. */
  private static double[] ranks(double[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .mapToInt(i -> i)
            .toArray();
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length; ) {
      int to = from;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      // A NaN equals nothing, not even itself.
      to = Math.max(to, from + 1);
      double shared = (from + 1 + to) / 2.0;
      Arrays.stream(order, from, to).forEach(i -> ranks[i] = shared);
      from = to;
    }
    return ranks;
  }

  /** The lower end of the 95 % interval. */
  public double low() {
    return Math.tanh(atanh(value) - Z * deviation());
  }

  /** The upper end of the 95 % interval. */
  public double high() {
    return Math.tanh(atanh(value) + Z * deviation());
  }

  /** Of Fisher's transform: Bonett and Wright 2000, "Sample size requirements", equation 3. */
  private double deviation() {
    return Math.sqrt((1 + value * value / 2) / (samples - 3));
  }

  private static double atanh(double x) {
    return 0.5 * Math.log((1 + x) / (1 - x));
  }
}
