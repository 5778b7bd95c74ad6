package compress.runtime.op;

import java.util.List;
import java.util.function.Consumer;

/** Finds out what is fastest by doing it. */
final class Stopwatch {
  /** A candidate is measured until it has not become faster for so long, while it is compiled. */
  private static final long PATIENCE_NANOS = 20_000_000;

  private static final long MOST_NANOS = 400_000_000;
  private static final int FEWEST_RUNS = 5;

  /** Later candidates have to be so much faster, so that noise decides nothing. */
  private static final double MARGIN = 0.95;

  private Stopwatch() {}

  /** The candidate with the shortest run; of nearly equal ones the last, which is the simplest. */
  static <T> T fastest(List<T> candidates, Consumer<T> run) {
    T best = candidates.getLast();
    double bestNanos = nanos(best, run);
    for (T candidate : candidates.subList(0, candidates.size() - 1).reversed()) {
      double nanos = nanos(candidate, run);
      if (nanos < MARGIN * bestNanos) {
        best = candidate;
        bestNanos = nanos;
      }
    }
    return best;
  }

  private static <T> long nanos(T candidate, Consumer<T> run) {
    long start = System.nanoTime();
    long lastGain = start;
    long best = Long.MAX_VALUE;
    for (int i = 0; ; i++) {
      long before = System.nanoTime();
      run.accept(candidate);
      long after = System.nanoTime();
      if (after - before < best * 0.95) {
        lastGain = after;
      }
      best = Math.min(best, after - before);
      boolean settled = after - lastGain > PATIENCE_NANOS && i >= FEWEST_RUNS;
      if (settled || after - start > MOST_NANOS && i >= FEWEST_RUNS) {
        return best;
      }
    }
  }
}
