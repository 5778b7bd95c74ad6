package compress.quantize;

/**
 * The measure whose density is the cube root of the weights' density, up to a constant factor. The
 * density is taken as even between neighbours of a grid of order statistics.
 *
 * <p>With it the line is cut into pieces as wide as the best centroids for mean squared error lie
 * apart (Panter and Dite 1951), tails included, however long they are.
 */
final class CubeRoot {
  private static final int FEWEST_STEPS = 1024;

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
    double[] mass = new double[steps + 1];
    for (int s = 0; s <= steps; s++) {
      at[s] = weights.get(steps == 0 ? 0 : (int) ((long) s * (weights.size() - 1) / steps));
      if (s > 0) {
        // count^(1/3) * width^(2/3), every step having the same count.
        double root = Math.cbrt(at[s] - at[s - 1]);
        mass[s] = mass[s - 1] + root * root;
      }
    }
    return new CubeRoot(at, mass);
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
