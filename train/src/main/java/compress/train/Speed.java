package compress.train;

import compress.model.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;

/**
 * How long two networks take for the same input on this machine: medians of runs that take turns,
 * so that what else the machine does falls on both.
 *
 * @param firstMs milliseconds of the first
 * @param secondMs milliseconds of the second
 * @param runs of each
 */
public record Speed(double firstMs, double secondMs, int runs) {
  private static final int WARM_UP = 3;
  private static final int FEWEST = 5;
  private static final int MOST = 400;
  private static final long NANOS = 600_000_000L;

  /**
   * Runs each a few times untimed, then both in turns for about half a second, 5 times at least.
   */
  public static Speed of(Engine first, Engine second, Map<String, Tensor> input)
      throws IOException {
    for (int i = 0; i < WARM_UP; i++) {
      first.run(input);
      second.run(input);
    }
    double[] firstMs = new double[MOST];
    double[] secondMs = new double[MOST];
    long start = System.nanoTime();
    int runs = 0;
    while (runs < MOST && (runs < FEWEST || System.nanoTime() - start < NANOS)) {
      firstMs[runs] = milliseconds(first, input);
      secondMs[runs] = milliseconds(second, input);
      runs++;
    }
    return new Speed(median(firstMs, runs), median(secondMs, runs), runs);
  }

  private static double milliseconds(Engine engine, Map<String, Tensor> input) throws IOException {
    long start = System.nanoTime();
    engine.run(input);
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(double[] values, int count) {
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
  }

  /** How many times as fast the second is; below 1 if it is slower. */
  public double speedup() {
    return firstMs / secondMs;
  }
}
