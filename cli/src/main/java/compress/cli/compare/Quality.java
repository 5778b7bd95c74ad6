package compress.cli.compare;

import compress.train.OutputComparison;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * How good answers are, on one part of the data.
 *
 * @param accuracy the share that is right; null without labels
 * @param agreement the share of samples whose largest entry is where the original's is
 * @param kl the mean divergence from the original's answers, in nats
 * @param cosine the mean cosine between answers and the original's
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Quality(
    long samples, @Nullable Double accuracy, double agreement, double kl, double cosine) {

  /**
   * The same for each sample.
   *
   * @param right 1 or 0; null without labels
   */
  record Samples(double @Nullable [] right, double[] same, double[] kl, double[] cosine) {
    /**
     * @param reference the original's answers
     */
    static Samples of(float[][] reference, float[][] answers, Optional<int[]> labels) {
      int n = answers.length;
      double[] right = labels.isPresent() ? new double[n] : null;
      Samples all = new Samples(right, new double[n], new double[n], new double[n]);
      for (int i = 0; i < n; i++) {
        OutputComparison.Collector one = new OutputComparison.Collector();
        one.add(reference[i], answers[i]);
        OutputComparison apart = one.result();
        all.same[i] = apart.top1Agreement();
        all.kl[i] = apart.klDivergence();
        all.cosine[i] = apart.cosine();
        if (right != null) {
          int answer = OutputComparison.argMax(answers[i], 0, answers[i].length);
          right[i] = answer == labels.orElseThrow()[i] ? 1 : 0;
        }
      }
      return all;
    }

    Quality mean() {
      return new Quality(
          same.length, right == null ? null : mean(right), mean(same), mean(kl), mean(cosine));
    }

    /** What {@code metric} says of each. */
    double[] by(Metric metric) {
      double[] values =
          switch (metric) {
            case ACCURACY -> right;
            case AGREEMENT -> same;
            case COSINE -> cosine;
          };
      if (values == null) {
        throw new IllegalStateException("no labels, so no accuracy");
      }
      return values;
    }

    private static double mean(double[] values) {
      return Arrays.stream(values).sum() / values.length;
    }
  }

  /**
   * @throws IllegalStateException if that was not measured
   */
  public double by(Metric metric) {
    return switch (metric) {
      case ACCURACY -> {
        if (accuracy == null) {
          throw new IllegalStateException("no labels, so no accuracy");
        }
        yield accuracy;
      }
      case AGREEMENT -> agreement;
      case COSINE -> cosine;
    };
  }
}
