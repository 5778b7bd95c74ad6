package compress.kernels.measure;

import compress.kernels.DenseTiles;
import compress.kernels.Kernel;
import compress.kernels.KernelCatalog;
import compress.kernels.Layout;
import java.util.List;
import java.util.Optional;

/**
 * Picks the kernel that a table of measurements says is fastest. The time for other sizes is that
 * of the nearest measured ones, scaled by the work: nearest in the number of columns first, then in
 * the share of products left out and the number of weights, each as a ratio. What was never
 * measured is never picked over the dense kernel.
 *
 * @param table measured with one number of threads on the machine that runs
 */
public record Dispatcher(List<Result> table) {
  /** A kernel, the layout it takes, and the time it is expected to need. */
  public record Choice(Kernel<?> kernel, Layout layout, double expectedMillis) {}

  /**
   * The fastest of the kernels that take activations as they are.
   *
   * @param layouts the same weights in several layouts, the dense one among them
   * @return a kernel of the dense layout unless another is expected to be faster
   * @throws IllegalArgumentException if no layout is dense
   */
  public Choice choose(List<? extends Layout> layouts, int columns) {
    Choice best = null;
    Choice dense = null;
    for (Layout layout : layouts) {
      for (Kernel<?> kernel : KernelCatalog.accepting(layout, columns)) {
        if (kernel.activations() != Kernel.Activations.F32) {
          continue;
        }
        double millis = expectedMillis(kernel, layout, columns).orElse(Double.POSITIVE_INFINITY);
        Choice choice = new Choice(kernel, layout, millis);
        // The list has the plain loops first: of two that were not measured the later is better.
        if (isDense(layout) && (dense == null || millis <= dense.expectedMillis)) {
          dense = choice;
        }
        if (best == null || millis < best.expectedMillis) {
          best = choice;
        }
      }
    }
    if (dense == null || best == null) {
      throw new IllegalArgumentException("the dense layout is needed to compare with");
    }
    return best.expectedMillis < dense.expectedMillis
            && dense.expectedMillis < Double.POSITIVE_INFINITY
        ? best
        : dense;
  }

  private static boolean isDense(Layout layout) {
    return layout instanceof DenseTiles;
  }

  /** What the table says; empty if it says nothing of the kernel on weights of this pattern. */
  public Optional<Double> expectedMillis(Kernel<?> kernel, Layout layout, int columns) {
    Result nearest = null;
    double least = Double.POSITIVE_INFINITY;
    for (Result r : table) {
      if (r.kernel().equals(kernel.name())
          && r.pattern().equals(layout.pattern())
          && r.bits() == layout.bits()) {
        double d = distance(r, layout, columns);
        if (d < least) {
          least = d;
          nearest = r;
        }
      }
    }
    if (nearest == null) {
      return Optional.empty();
    }
    double measured = work(products(nearest), nearest.m(), nearest.k(), nearest.n());
    double asked = work((double) layout.nonZeros(), layout.rows(), layout.columns(), columns);
    return Optional.of(nearest.medianMs() * asked / measured);
  }

  /**
   * Products, and a little for each row and each activation, so that empty weights take time too.
   */
  private static double work(double products, int m, int k, int n) {
    return (products + m + k) * n;
  }

  private static double products(Result r) {
    return (1 - r.sparsity()) * r.m() * r.k();
  }

  private static double distance(Result r, Layout layout, int columns) {
    double size = (double) layout.rows() * layout.columns();
    double density = (layout.nonZeros() + 1) / size;
    return 4 * ratio(r.n(), columns)
        + 2 * ratio((products(r) + 1) / ((double) r.m() * r.k()), density)
        + ratio((double) r.m() * r.k(), size);
  }

  private static double ratio(double a, double b) {
    return Math.abs(Math.log(a / b));
  }
}
