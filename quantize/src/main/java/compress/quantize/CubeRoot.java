package compress.quantize;

import java.util.Arrays;

/**
 * The measure whose density is the cube root of the weights' density, up to a constant factor. The
 * density is taken as even between neighbours of a grid of order statistics.
 *
 * <p>With it the line is cut into pieces as wide as the best centroids for mean squared error lie
 * apart (Panter and Dite 1951), tails included. A gap before an outlier gets no more pieces than
 * there are weights beside it.
 */
final class CubeRoot {
  private static final int FEWEST_STEPS = 1024;
  private static final int LIMITING_ROUNDS = 20;

  /** Order statistics, ascending. */
  private final double[] at;

  /** The measure up to each of {@link #at}. */
  private final double[] mass;

  private CubeRoot(double[] at, double[] mass) {
    this.at = at;
    this.mass = mass;
  }

  /** Fine enough to be cut into {@code parts}. */
  static CubeRoot of(SortedWeights weights, int parts) {
    int steps = Math.min(weights.size() - 1, Math.max(FEWEST_STEPS, 4 * parts));
    double[] at = new double[steps + 1];
    double[] step = new double[steps];
    for (int s = 0; s <= steps; s++) {
      at[s] = weights.get(steps == 0 ? 0 : (int) ((long) s * (weights.size() - 1) / steps));
      if (s > 0) {
        // count^(1/3) * width^(2/3), every step having the same count.
        double root = Math.cbrt(at[s] - at[s - 1]);
        step[s - 1] = root * root;
      }
    }
    limit(step, (double) weights.size() / steps / parts);
    double[] mass = new double[steps + 1];
    for (int s = 0; s < steps; s++) {
      mass[s + 1] = mass[s] + step[s];
    }
    return new CubeRoot(at, mass);
  }

  /** Lets no step have more than {@code share} of all: a gap needs no more parts than weights. */
  private static void limit(double[] steps, double share) {
    for (int round = 0; round < LIMITING_ROUNDS && share < 1; round++) {
      double most = share * Arrays.stream(steps).sum();
      for (int s = 0; s < steps.length; s++) {
        steps[s] = Math.min(steps[s], most);
      }
    }
  }

  /** The points with {@code (i + offset) / parts} of the measure below them, i from 0 on. */
  double[] quantiles(int parts, double offset) {
    double total = mass[mass.length - 1];
    double[] points = new double[parts];
    int s = 0;
    for (int i = 0; i < parts; i++) {
      double wanted = total * (i + offset) / parts;
      while (s < mass.length - 2 && mass[s + 1] < wanted) {
        s++;
      }
      double step = s + 1 < mass.length ? mass[s + 1] - mass[s] : 0;
      double share = step == 0 ? 0 : Math.clamp((wanted - mass[s]) / step, 0.0, 1.0);
      points[i] = step == 0 ? at[s] : at[s] + share * (at[s + 1] - at[s]);
    }
    return points;
  }
}
