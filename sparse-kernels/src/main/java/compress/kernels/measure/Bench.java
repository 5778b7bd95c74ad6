package compress.kernels.measure;

import compress.kernels.DenseTiles;
import compress.kernels.Epilogue;
import compress.kernels.Int8Column;
import compress.kernels.Kernel;
import compress.kernels.KernelCatalog;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.SignColumn;
import compress.kernels.WeightMatrix;
import compress.kernels.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Times every kernel that takes a case, and the dense rivals, in one run of one program. An answer
 * is compared with one in double precision before its time counts. Cold weights are so many copies,
 * used in turn, that the last cache holds none of them when its turn comes.
 *
 * @param roof measured with the threads of {@code workers}
 */
public record Bench(
    Machine machine, Roof roof, Workers workers, Timing.Plan plan, List<Rival> rivals, long seed) {

  /** How many times the last cache the copies of cold weights fill. */
  private static final int COLD_FACTOR = 4;

  /** Rows and columns of the answer that are checked in full. */
  private static final int CHECKED = 16;

  /**
   * The largest error of a sum of products, of the sum of the largest weight times each activation:
   * the rounding of 32-bit floats, zero points that are added and taken away again included.
   */
  private static final double TOLERANCE = 2e-6;

  private record Timed(String name, Timing timing) {}

  /**
   * All kernels for the case, the plain loops left out where a faster one is there.
   *
   * @throws IllegalStateException if a kernel's answer is wrong
   */
  public List<Result> run(Case c) {
    WeightMatrix w = c.weights(seed);
    Matrix x = activations(c);
    Timed baseline = baseline(c, w, x);
    List<Result> results = new ArrayList<>();
    for (Layout layout : c.layouts(w)) {
      for (Kernel<?> kernel : worthTiming(layout, c.n())) {
        results.add(result(c, w, x, layout, kernel, baseline));
      }
    }
    return results;
  }

  private static List<Kernel<?>> worthTiming(Layout layout, int n) {
    List<Kernel<?>> all = KernelCatalog.accepting(layout, n);
    List<Kernel<?>> fast = all.stream().filter(k -> !k.name().endsWith("__plain")).toList();
    return fast.isEmpty() ? all : fast;
  }

  private Matrix activations(Case c) {
    Random random = new Random(seed + 1);
    Matrix x = Matrix.zeros(c.k(), c.n());
    for (int r = 0; r < c.k(); r++) {
      for (int i = 0; i < c.n(); i++) {
        x.set(r, i, (float) random.nextGaussian());
      }
    }
    return x;
  }

  /** The fastest dense product in 32-bit floats: our kernels and the rivals. */
  private Timed baseline(Case c, WeightMatrix w, Matrix x) {
    Matrix y = Matrix.zeros(c.m(), c.n());
    List<Timed> all = new ArrayList<>();
    List<DenseTiles> tiles = copies(c, () -> DenseTiles.pack(w));
    for (Kernel<?> kernel : worthTiming(tiles.getFirst(), c.n())) {
      multiplyAndCheck(kernel, tiles.getFirst(), w.values(), x, y);
      all.add(new Timed(kernel.name(), time(kernel, tiles, x, y)));
    }
    for (Rival rival : rivals) {
      List<Rival.Product> products =
          copies(c, 4L * c.m() * c.k(), () -> rival.ready(w, workers.threads()));
      products.getFirst().multiply(x, y);
      check(rival.name(), Kernel.Activations.F32, w.values(), c.m(), x, y);
      all.add(
          new Timed(
              rival.name(),
              Timing.of(i -> products.get(i % products.size()).multiply(x, y), plan)));
    }
    return all.stream()
        .min((a, b) -> Double.compare(a.timing.median(), b.timing.median()))
        .orElseThrow();
  }

  private Result result(
      Case c, WeightMatrix w, Matrix x, Layout layout, Kernel<?> kernel, Timed baseline) {
    Matrix y = Matrix.zeros(c.m(), c.n());
    multiplyAndCheck(kernel, layout, layout.unpack(), x, y);
    List<Layout> copies =
        copies(
            c,
            layout.bytes(),
            () ->
                c.layouts(w).stream()
                    .filter(l -> l.getClass() == layout.getClass())
                    .findFirst()
                    .orElseThrow());
    Timing timing = time(kernel, copies, x, y);
    double flops = 2.0 * layout.nonZeros() * c.n();
    double denseFlops = 2.0 * c.m() * c.k() * c.n();
    double median = timing.median();
    // Integer kernels do no floating-point work: only their bytes bound them here.
    double boundFlops = kernel.activations() == Kernel.Activations.F32 ? flops : 0;
    long bytes = layout.bytes() + 4L * c.n() * (c.k() + c.m());
    return new Result(
        kernel.name(),
        layout.getClass().getSimpleName(),
        c.pattern(),
        1 - (double) layout.nonZeros() / ((double) c.m() * c.k()),
        layout.bits(),
        c.m(),
        c.n(),
        c.k(),
        workers.threads(),
        c.cold(),
        layout.bytes(),
        timing.millis().length,
        median,
        timing.min(),
        timing.max(),
        flops / median / 1e6,
        denseFlops / median / 1e6,
        baseline.name,
        baseline.timing.median(),
        baseline.timing.median() / median,
        roof.leastMillis(boundFlops, bytes, c.cold()) / median);
  }

  private Timing time(Kernel<?> kernel, List<? extends Layout> copies, Matrix x, Matrix y) {
    return Timing.of(
        i -> kernel.multiply(copies.get(i % copies.size()), x, y, Epilogue.NONE, workers), plan);
  }

  private interface Pack<T> {
    T pack();
  }

  private <L extends Layout> List<L> copies(Case c, Pack<L> pack) {
    L first = pack.pack();
    List<L> all = new ArrayList<>(List.of(first));
    all.addAll(copies(c, first.bytes(), pack).subList(0, copiesOf(c, first.bytes()) - 1));
    return all;
  }

  private <T> List<T> copies(Case c, long bytes, Pack<T> pack) {
    List<T> all = new ArrayList<>();
    for (int i = 0; i < copiesOf(c, bytes); i++) {
      all.add(pack.pack());
    }
    return all;
  }

  private int copiesOf(Case c, long bytes) {
    return c.cold()
        ? (int)
            Math.max(1, Math.ceilDiv(COLD_FACTOR * machine.lastCacheBytes(), Math.max(1, bytes)))
        : 1;
  }

  private void multiplyAndCheck(
      Kernel<?> kernel, Layout layout, float[] unpacked, Matrix x, Matrix y) {
    y.data().fill((byte) 0x7f);
    kernel.multiply(layout, x, y, Epilogue.NONE, workers);
    check(kernel.name(), kernel.activations(), unpacked, layout.rows(), x, y);
  }

  /** Some rows and some columns of {@code y}, each in full, spread over all. */
  private static void check(
      String name, Kernel.Activations activations, float[] w, int rows, Matrix x, Matrix y) {
    double largest = 0;
    for (float v : w) {
      largest = Math.max(largest, Math.abs(v));
    }
    int rowStep = Math.max(1, rows / CHECKED);
    int columnStep = Math.max(1, x.columns() / CHECKED);
    for (int c = 0; c < x.columns(); c++) {
      double[] seen = column(activations, x, c);
      double bound = 1e-30;
      for (double v : seen) {
        bound += TOLERANCE * largest * Math.abs(v);
      }
      boolean all = c % columnStep == 0;
      for (int r = 0; r < rows; r += all && rows * (long) x.rows() < 1 << 22 ? 1 : rowStep) {
        double sum = 0;
        for (int k = 0; k < seen.length; k++) {
          sum += w[r * seen.length + k] * seen[k];
        }
        if (!(Math.abs(y.at(r, c) - sum) <= bound)) {
          throw new IllegalStateException(
              "%s is wrong: row %d, column %d is %s, not %s"
                  .formatted(name, r, c, y.at(r, c), sum));
        }
      }
    }
  }

  private static double[] column(Kernel.Activations activations, Matrix x, int c) {
    double[] seen = new double[x.rows()];
    switch (activations) {
      case F32 -> {
        for (int r = 0; r < seen.length; r++) {
          seen[r] = x.at(r, c);
        }
      }
      case INT8 -> {
        Int8Column q = Int8Column.of(x, c);
        for (int r = 0; r < seen.length; r++) {
          seen[r] = (double) q.values()[r] * q.scale();
        }
      }
      case SIGN -> {
        SignColumn q = SignColumn.of(x, c);
        for (int r = 0; r < seen.length; r++) {
          seen[r] = (q.bits()[r / 32] >>> r % 32 & 1) == 1 ? q.scale() : -q.scale();
        }
      }
    }
    return seen;
  }
}
