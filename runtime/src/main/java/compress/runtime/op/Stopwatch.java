package compress.runtime.op;

import compress.kernels.measure.Timing;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** Finds out what is fastest by doing it. */
final class Stopwatch {
  /** Short: which of two is faster shows soon, and a network has many layers. */
  private static final Timing.Plan PLAN = new Timing.Plan(4, 4, 5, 6);

  /** For loops that this virtual machine has not run yet, and is to compile first. */
  private static final Timing.Plan FIRST = new Timing.Plan(20, 300, 5, 6);

  /**
   * For those that lost against the simplest: their loops may have been compiled anew just then.
   */
  private static final Timing.Plan AGAIN = new Timing.Plan(20, 60, 5, 6);

  private static final Set<String> RUN = ConcurrentHashMap.newKeySet();

  /** A disturbance hits one of them. */
  private static final int ROUNDS = 2;

  /** Others have to be so much faster than the last, so that noise decides nothing. */
  private static final double MARGIN = 0.97;

  private Stopwatch() {}

  /**
   * The candidate with the shortest run; of nearly equal ones the last, which is the simplest.
   *
   * @param loops a name for what a candidate runs; what has the same name is compiled together
   */
  static <T> T fastest(List<T> candidates, Function<T, String> loops, Consumer<T> run) {
    double[] millis = new double[candidates.size()];
    Arrays.fill(millis, Double.POSITIVE_INFINITY);
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < millis.length; i++) {
        T candidate = candidates.get(i);
        Timing.Plan plan = RUN.add(loops.apply(candidate)) ? FIRST : PLAN;
        millis[i] = Math.min(millis[i], millis(candidate, run, plan));
      }
    }
    if (best(millis) == millis.length - 1) {
      for (int i = 0; i < millis.length; i++) {
        millis[i] = Math.min(millis[i], millis(candidates.get(i), run, AGAIN));
      }
    }
    return candidates.get(best(millis));
  }

  private static <T> double millis(T candidate, Consumer<T> run, Timing.Plan plan) {
    return Timing.ofCompiled(n -> run.accept(candidate), plan).min();
  }

  private static int best(double[] millis) {
    int last = millis.length - 1;
    int best = last;
    for (int i = 0; i < last; i++) {
      if (millis[i] < (best == last ? MARGIN : 1) * millis[best]) {
        best = i;
      }
    }
    return best;
  }
}
