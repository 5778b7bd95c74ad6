package compress.kernels.measure;

import compress.kernels.DenseTiles;
import compress.kernels.Kernel;
import compress.kernels.KernelCatalog;
import compress.kernels.Layout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Picks the kernel that a table of measurements says is fastest. What was measured is taken as it
 * is; between, the time for a product and its share of reading is interpolated: a mean of the
 * nearest measurements of the same kernel, each weighted by the inverse square of its distance, all
 * in logarithms, since twice as many columns are as far from one as four times are from two.
 *
 * <p>What was never measured, or nothing near it, is never picked over the dense kernel, and what
 * was not measured itself only if it is expected to be faster by {@value #MARGIN_PERCENT} percent.
 *
 * @param table measured with one number of threads on the machine that runs
 * @see <a href="https://doi.org/10.1145/800186.810616">Shepard 1968</a>, the interpolation
 */
public record Dispatcher(List<Result> table) {
  private static final int MARGIN_PERCENT = 10;

  /** Measurements that a time between them is taken from. */
  private static final int NEAREST = 6;

  /** Farther measurements say nothing: four times the columns and four times the rows, say. */
  private static final double FARTHEST = 3.2;

  /** Distances below are the measured case itself. */
  private static final double SAME = 1e-3;

  /** A kernel, the layout it takes, and the time it is expected to need. */
  public record Choice(Kernel<?> kernel, Layout layout, double expectedMillis) {}

  /** A product, as far as its time depends on it. */
  record Shape(int m, int n, int k, double density) {
    static Shape of(Layout layout, int columns) {
      double size = (double) layout.rows() * layout.columns();
      return new Shape(layout.rows(), columns, layout.columns(), layout.nonZeros() / size);
    }

    static Shape of(Result r) {
      return new Shape(r.m(), r.n(), r.k(), 1 - r.sparsity());
    }

    /**
     * What takes time: products, and something for each row and each activation, so that empty
     * weights take time too.
     */
    double work() {
      return (density * m * k + m + k) * n;
    }

    double distance(Shape other) {
      double columns = 2 * ratio(n, other.n);
      double left = 1.5 * ratio(density + 1e-4, other.density + 1e-4);
      double rows = ratio(m, other.m);
      double inputs = ratio(k, other.k);
      return Math.sqrt(columns * columns + left * left + rows * rows + inputs * inputs);
    }

    private static double ratio(double a, double b) {
      return Math.log(a / b);
    }
  }

  /** A time, and whether it was measured and not interpolated. */
  record Expected(double millis, boolean measured) {}

  /**
   * With what {@code compress bench kernels --tune} measured for this machine and number of
   * threads; an empty table, and so always the dense kernel, if it has not.
   */
  public static Dispatcher forThisMachine(int threads) throws IOException {
    Machine machine = Machine.here();
    return new Dispatcher(
        TuningFile.read(TuningFile.path(machine, threads), machine)
            .map(TuningFile::results)
            .orElse(List.of()));
  }

  /**
   * The fastest of the kernels that take activations as they are.
   *
   * @param layouts the same weights in several layouts, the dense one among them
   * @return a kernel of the dense layout unless another is expected to be faster
   * @throws IllegalArgumentException if no layout is dense
   */
  public Choice choose(List<? extends Layout> layouts, int columns) {
    Choice dense = null;
    Choice best = null;
    double bestBound = 0;
    for (Layout layout : layouts) {
      Shape shape = Shape.of(layout, columns);
      boolean isDense = layout instanceof DenseTiles;
      for (Kernel<?> kernel : KernelCatalog.accepting(layout, columns)) {
        if (kernel.activations() != Kernel.Activations.F32) {
          continue;
        }
        Expected expected = expected(kernel.name(), layout.pattern(), layout.bits(), shape);
        double millis = expected == null ? Double.POSITIVE_INFINITY : expected.millis;
        Choice choice = new Choice(kernel, layout, millis);
        // The list has the plain loops first: of two that were not measured the later is better.
        if (isDense && (dense == null || millis <= dense.expectedMillis)) {
          dense = choice;
        } else if (!isDense && expected != null && (best == null || millis < best.expectedMillis)) {
          best = choice;
          bestBound = upper(expected);
        }
      }
    }
    if (dense == null) {
      throw new IllegalArgumentException("the dense layout is needed to compare with");
    }
    boolean known = dense.expectedMillis < Double.POSITIVE_INFINITY;
    return best != null && known && bestBound < dense.expectedMillis ? best : dense;
  }

  /** What a time may come to. */
  static double upper(Expected expected) {
    return expected.measured ? expected.millis : expected.millis * (1 + MARGIN_PERCENT / 100.0);
  }

  /** What the table says; empty if it says nothing of the kernel on weights like these. */
  public OptionalDouble expectedMillis(Kernel<?> kernel, Layout layout, int columns) {
    Expected expected =
        expected(kernel.name(), layout.pattern(), layout.bits(), Shape.of(layout, columns));
    return expected == null ? OptionalDouble.empty() : OptionalDouble.of(expected.millis);
  }

  private record Near(Result result, double distance) {}

  @Nullable Expected expected(String kernel, String pattern, int bits, Shape shape) {
    List<Result> same =
        table.stream().filter(r -> r.kernel().equals(kernel) && r.bits() == bits).toList();
    List<Result> samePattern = same.stream().filter(r -> r.pattern().equals(pattern)).toList();
    // A bank of another width is better known by its kernel's other banks than not at all.
    Stream<Result> known = (samePattern.isEmpty() ? same : samePattern).stream();
    List<Near> near =
        known
            .map(r -> new Near(r, shape.distance(Shape.of(r))))
            .filter(n -> n.distance < FARTHEST)
            .sorted(Comparator.comparingDouble(Near::distance))
            .limit(NEAREST)
            .toList();
    if (near.isEmpty()) {
      return null;
    }
    if (near.getFirst().distance < SAME) {
      return new Expected(near.getFirst().result.medianMs(), !samePattern.isEmpty());
    }
    double sum = 0;
    double weights = 0;
    for (Near n : near) {
      double weight = 1 / (n.distance * n.distance);
      sum += weight * Math.log(n.result.medianMs() / Shape.of(n.result).work());
      weights += weight;
    }
    return new Expected(Math.exp(sum / weights) * shape.work(), false);
  }

  /**
   * How good the choices are on cases that were measured, but are not in the table.
   *
   * @param cases different products
   * @param hits the share of them for which the fastest was picked, or one that is not 2 % slower
   * @param worstRegret the largest ratio of the time of what was picked to that of the fastest
   * @param worstAgainstDense the largest ratio of the time of what was picked to that of the dense
   *     kernel; 1 if dense was never beaten wrongly
   */
  public record Quality(int cases, double hits, double worstRegret, double worstAgainstDense) {}

  /**
   * Chooses for each case among its kernels and the dense ones of the same sizes, as {@link
   * #choose} does, and compares the times measured.
   *
   * @param heldOut measured like the table; rivals and kernels that round activations are ignored
   */
  public Quality judge(List<Result> heldOut) {
    List<Result> ours = heldOut.stream().filter(Dispatcher::isChoosable).toList();
    List<Result> dense = ours.stream().filter(r -> r.layout().equals("DenseTiles")).toList();
    int cases = 0;
    int hits = 0;
    double worstRegret = 1;
    double worstAgainstDense = 1;
    List<String> seen = new ArrayList<>();
    for (Result any : ours) {
      String key = caseOf(any);
      if (any.layout().equals("DenseTiles") || seen.contains(key)) {
        continue;
      }
      seen.add(key);
      List<Result> sparse = ours.stream().filter(r -> caseOf(r).equals(key)).toList();
      List<Result> beside =
          dense.stream()
              .filter(r -> r.m() == any.m() && r.n() == any.n() && r.k() == any.k())
              .toList();
      if (beside.isEmpty()) {
        continue;
      }
      Result denseChoice = fastestExpected(beside);
      Result sparseChoice = fastestExpected(sparse);
      Result chosen = chosen(denseChoice, sparseChoice);
      double fastest =
          Stream.concat(beside.stream(), sparse.stream())
              .mapToDouble(Result::medianMs)
              .min()
              .orElseThrow();
      double denseMs = beside.stream().mapToDouble(Result::medianMs).min().orElseThrow();
      cases++;
      hits += chosen.medianMs() <= 1.02 * fastest ? 1 : 0;
      worstRegret = Math.max(worstRegret, chosen.medianMs() / fastest);
      worstAgainstDense = Math.max(worstAgainstDense, chosen.medianMs() / denseMs);
    }
    return new Quality(
        cases, cases == 0 ? 1 : (double) hits / cases, worstRegret, worstAgainstDense);
  }

  private static boolean isChoosable(Result r) {
    return !r.layout().equals("rival") && r.kernel().contains("_f32_");
  }

  private static String caseOf(Result r) {
    return "%s %s %d %d %d %.6f"
        .formatted(r.pattern(), r.values(), r.m(), r.n(), r.k(), r.sparsity());
  }

  private @Nullable Expected expected(Result r) {
    return expected(r.kernel(), r.pattern(), r.bits(), Shape.of(r));
  }

  private Result fastestExpected(List<Result> candidates) {
    return candidates.stream()
        .min(
            Comparator.comparingDouble(r -> {
              Expected e = expected(r);
              return e == null ? Double.POSITIVE_INFINITY : e.millis;
            }))
        .orElseThrow();
  }

  private Result chosen(Result dense, Result sparse) {
    Expected ofDense = expected(dense);
    Expected ofSparse = expected(sparse);
    return ofDense != null && ofSparse != null && upper(ofSparse) < ofDense.millis ? sparse : dense;
  }
}
