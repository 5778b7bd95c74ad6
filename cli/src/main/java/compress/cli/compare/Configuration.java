package compress.cli.compare;

import compress.cli.latency.Latencies;
import compress.cli.latency.Latency;
import compress.cli.pipeline.Gates;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Trials that differ in their seed only, taken together.
 *
 * @param name as {@link Trial#configuration}
 * @param seeds that were run well
 * @param value the mean of what trials are judged by, on test samples
 * @param low the lower end of its 95 % interval
 * @param high the upper end
 * @param intervalOver as {@link Interval#over}
 * @param drop the original's value less the mean
 * @param validationDrop the same on the samples held out to choose by; null if there are none
 * @param weightsLeft nonzero weights by the original's weights
 * @param bytes the mean of the encoded files
 * @param ratio the original's bytes by these
 * @param latencies of the first seed's result
 * @param speedup the original's time by the result's, each by the runtime that is fastest with it;
 *     null if it was not timed
 * @param paretoBytes whether no other is both smaller and as good, or better and as small
 * @param paretoTime the same of time
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Configuration(
    String name,
    String pattern,
    double sparsity,
    int bits,
    String values,
    int seeds,
    double value,
    double low,
    double high,
    String intervalOver,
    double drop,
    @Nullable Double validationDrop,
    double agreement,
    double kl,
    double cosine,
    double weightsLeft,
    long bytes,
    double ratio,
    List<Latency> latencies,
    @Nullable Double speedup,
    boolean paretoBytes,
    boolean paretoTime) {

  /**
   * @param trials with different seeds, the first the one that was timed; at least one
   */
  static Configuration of(List<TrialResult> trials, TrialResult original, Metric metric) {
    Trial trial = trials.getFirst().trial();
    double[] values = trials.stream().mapToDouble(t -> t.test().by(metric)).toArray();
    Interval interval = Interval.of(values, original.test().samples(), metric != Metric.COSINE);
    List<Latency> latencies = trials.getFirst().latencies();
    return new Configuration(
        trial.configuration(),
        trial.pattern(),
        trial.sparsity(),
        trial.bits(),
        trial.values(),
        trials.size(),
        interval.mean(),
        interval.low(),
        interval.high(),
        interval.over(),
        original.test().by(metric) - interval.mean(),
        validationDrop(trials, original, metric),
        mean(trials, t -> t.test().agreement()),
        mean(trials, t -> t.test().kl()),
        mean(trials, t -> t.test().cosine()),
        mean(trials, t -> (double) t.nonzero() / original.parameters()),
        Math.round(mean(trials, TrialResult::bytes)),
        mean(trials, TrialResult::ratio),
        latencies,
        new Latencies(List.of(original.latencies(), latencies), List.of()).speedup(),
        false,
        false);
  }

  private interface Figure {
    double of(TrialResult trial);
  }

  private static double mean(List<TrialResult> trials, Figure figure) {
    return trials.stream().mapToDouble(figure::of).sum() / trials.size();
  }

  private static @Nullable Double validationDrop(
      List<TrialResult> trials, TrialResult original, Metric metric) {
    Quality before = original.validation();
    if (before == null) {
      return null;
    }
    double sum = 0;
    for (TrialResult t : trials) {
      Quality after = t.validation();
      if (after == null) {
        return null;
      }
      sum += after.by(metric);
    }
    return before.by(metric) - sum / trials.size();
  }

  /** What it is chosen by: the drop on samples held out for that, or if there are none on test. */
  double choosingDrop() {
    return validationDrop == null ? drop : validationDrop;
  }

  public String storage() {
    return new Trial(pattern, sparsity, bits, values, 0).storage();
  }

  public Gates.Measured measured() {
    return new Gates.Measured(drop, ratio, bytes, speedup);
  }

  Gates.Measured chosenBy() {
    return new Gates.Measured(choosingDrop(), ratio, bytes, speedup);
  }

  /** The same with those marked that no other one beats. */
  static List<Configuration> marked(List<Configuration> all) {
    return all.stream()
        .map(c ->
            new Configuration(
                c.name,
                c.pattern,
                c.sparsity,
                c.bits,
                c.values,
                c.seeds,
                c.value,
                c.low,
                c.high,
                c.intervalOver,
                c.drop,
                c.validationDrop,
                c.agreement,
                c.kl,
                c.cosine,
                c.weightsLeft,
                c.bytes,
                c.ratio,
                c.latencies,
                c.speedup,
                all.stream().noneMatch(o -> beats(o, c, Comparator.comparingLong(x -> x.bytes))),
                c.speedup != null
                    && all.stream()
                        .filter(o -> o.speedup != null)
                        .noneMatch(
                            o -> beats(o, c, Comparator.comparingDouble(Configuration::slowness)))))
        .toList();
  }

  private double slowness() {
    return speedup == null ? Double.POSITIVE_INFINITY : 1 / speedup;
  }

  /** Whether {@code a} is better in one respect, and not worse in the other. */
  private static boolean beats(Configuration a, Configuration b, Comparator<Configuration> cost) {
    int cheaper = cost.compare(a, b);
    return cheaper <= 0 && a.value >= b.value && (cheaper < 0 || a.value > b.value);
  }
}
