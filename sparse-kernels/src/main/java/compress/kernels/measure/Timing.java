package compress.kernels.measure;

import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * How long something took, each time it was done.
 *
 * @param millis in the order they were taken; at least one
 */
public record Timing(double[] millis) {
  /** Shorter samples would measure the clock. */
  private static final double SHORTEST_MILLIS = 0.02;

  /** Then it gets no better. */
  private static final double LONGEST_WARM_UP_MILLIS = 20_000;

  /** At most so many times as many samples, or warm-up rounds, as were asked for. */
  private static final int MOST = 100;

  /**
   * How often to do a thing before and while it is timed.
   *
   * @param warmUps rounds without a clock, at least
   * @param warmUpMillis to go on with them
   * @param samples at least
   * @param sampleMillis to go on taking them
   */
  public record Plan(int warmUps, double warmUpMillis, int samples, double sampleMillis) {
    /** For figures to be published. */
    public static final Plan THOROUGH = new Plan(20, 1000, 30, 2000);

    /** For a look, and for tests. */
    public static final Plan QUICK = new Plan(3, 50, 5, 100);
  }

  /**
   * One round; {@code index} counts rounds from 0, for those who take turns with several inputs.
   */
  @FunctionalInterface
  public interface Round {
    void run(int index);
  }

  /**
   * Rounds that are not counted until both warm-up numbers are reached, and until the last so many
   * brought no new best that was a tenth better: by then what runs is as fast as it gets. Then
   * timed rounds until both sample numbers are reached, at most a hundred times as many as asked.
   * What takes less than 20 microseconds is done several times for one sample, which is their mean.
   */
  public static Timing of(Round round, Plan plan) {
    return of(round, plan, () -> false);
  }

  /** The same for what is written in Java: the last rounds must also be ones without a compiler. */
  public static Timing ofCompiled(Round round, Plan plan) {
    return of(round, plan, new Compilation()::wasBusy);
  }

  private static Timing of(Round round, Plan plan, BooleanSupplier unsettled) {
    int index = 0;
    long start = System.nanoTime();
    double best = Double.POSITIVE_INFINITY;
    double last = 0;
    long since = start;
    int bestIndex = 0;
    while (index - bestIndex < plan.warmUps
        || (millisSince(since) < plan.warmUpMillis
            && (last < SHORTEST_MILLIS || index - bestIndex < MOST * plan.warmUps))) {
      long before = System.nanoTime();
      round.run(index++);
      last = millisSince(before);
      boolean changes = last < 0.9 * best || unsettled.getAsBoolean();
      if (changes && millisSince(start) < LONGEST_WARM_UP_MILLIS) {
        since = index == 1 ? start : before;
        bestIndex = index == 1 ? 0 : index;
      }
      best = Math.min(best, last);
    }
    int batch = (int) Math.ceil(SHORTEST_MILLIS / Math.clamp(last, 1e-5, SHORTEST_MILLIS));
    double[] millis = new double[MOST * plan.samples];
    int n = 0;
    start = System.nanoTime();
    while (n < plan.samples || (millisSince(start) < plan.sampleMillis && n < millis.length)) {
      long before = System.nanoTime();
      for (int i = 0; i < batch; i++) {
        round.run(index++);
      }
      millis[n++] = millisSince(before) / batch;
    }
    return new Timing(Arrays.copyOf(millis, n));
  }

  private static double millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }

  /** With an even number of samples, the mean of the two in the middle. */
  public double median() {
    return median(millis);
  }

  public static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  public double min() {
    return Arrays.stream(millis).min().orElseThrow();
  }

  public double max() {
    return Arrays.stream(millis).max().orElseThrow();
  }
}
