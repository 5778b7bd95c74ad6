package compress.cli.compare;

import compress.train.Accuracy;
import java.util.Arrays;
import smile.stat.distribution.TDistribution;

/**
 * Where a mean lies with 95 % confidence.
 *
 * @param over {@code seeds}: Student's t over trials that differ in their seed; {@code samples}:
 *     Wilson's score over the test samples, where there is one trial or all give the same; {@code
 *     none}: neither, the ends are the mean
 */
public record Interval(double mean, double low, double high, String over) {
  private static final double UPPER = 0.975;

  /**
   * @param values of trials with different seeds; at least one
   * @param samples that each was measured on
   * @param isShare whether values are shares of these samples
   */
  static Interval of(double[] values, long samples, boolean isShare) {
    double mean = Arrays.stream(values).sum() / values.length;
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    if (values.length > 1 && squares > 0) {
      int n = values.length;
      double standardError = Math.sqrt(squares / (n - 1) / n);
      double half = new TDistribution(n - 1).quantile(UPPER) * standardError;
      double least = isShare ? 0 : -1;
      return new Interval(mean, Math.max(least, mean - half), Math.min(1, mean + half), "seeds");
    }
    if (isShare) {
      Accuracy share = new Accuracy(Math.round(mean * samples), samples);
      return new Interval(mean, share.low(), share.high(), "samples");
    }
    return new Interval(mean, mean, mean, "none");
  }
}
