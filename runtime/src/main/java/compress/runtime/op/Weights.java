package compress.runtime.op;

import compress.kernels.DenseTiles;
import compress.kernels.Epilogue;
import compress.kernels.Kernel;
import compress.kernels.KernelCatalog;
import compress.kernels.Layout;
import compress.kernels.Linear;
import compress.kernels.Matrix;
import compress.kernels.WeightMatrix;
import compress.kernels.measure.Dispatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The constant weights of a layer, in the layouts that its steps multiply with. Which that is
 * depends on how many columns there are: the layouts that fit the weights are compared with the
 * dense one by the machine's table of measurements, or where it says nothing by a short measurement
 * here, and the fastest is kept.
 */
public final class Weights {
  private final Supplier<WeightMatrix> values;
  private final Supplier<@Nullable Linear> integers;
  private final int columns;
  private final Map<Integer, Choice> choices = new HashMap<>();
  private double sparsity;

  /**
   * @param columns of the weights as the network has them
   */
  private Weights(Supplier<WeightMatrix> values, Supplier<@Nullable Linear> integers, int columns) {
    this.values = values;
    this.integers = integers;
    this.columns = columns;
  }

  /**
   * How kernels are chosen.
   *
   * @param dense whether the dense layout is always taken
   * @param table what is known of this machine
   */
  public record Policy(boolean dense, Dispatcher table) {
    /** Without a table or a measurement. */
    public static final Policy DENSE = new Policy(true, new Dispatcher(List.of()));
  }

  /** A kernel and the weights in the layout that it takes. */
  public record Choice(Kernel<?> kernel, Layout layout) {}

  /**
   * Rows of a constant, all axes but the first taken as one.
   *
   * @param k the size of a row
   */
  static Weights rows(Value w, int first, int rows, int k) {
    return new Weights(
        () -> {
          float[] all = w.tensor().toFloats();
          return new WeightMatrix(Arrays.copyOfRange(all, first * k, (first + rows) * k), rows, k);
        },
        () -> Integers.rows(w, first, rows, k),
        k);
  }

  /**
   * Rows of which only some columns are kept: the others are zero in all of them.
   *
   * @param kept the columns, ascending; at least one
   */
  static Weights rows(Value w, int first, int rows, int k, int[] kept) {
    return new Weights(
        () -> {
          float[] all = w.tensor().toFloats();
          float[] some = new float[rows * kept.length];
          for (int r = 0; r < rows; r++) {
            for (int c = 0; c < kept.length; c++) {
              some[r * kept.length + c] = all[(first + r) * k + kept[c]];
            }
          }
          return new WeightMatrix(some, rows, kept.length);
        },
        () -> null,
        k);
  }

  /** The columns of some rows of a constant that are not zero in all of these. */
  static int[] used(Value w, int first, int rows, int k) {
    float[] all = w.tensor().toFloats();
    return IntStream.range(0, k)
        .filter(c -> IntStream.range(first, first + rows).anyMatch(r -> all[r * k + c] != 0))
        .toArray();
  }

  /** A constant {@code [k, rows]}, turned. */
  static Weights columns(Value w, int k, int rows) {
    return new Weights(
        () -> new WeightMatrix(w.tensor().toFloats(), k, rows).transposed(),
        () -> Integers.columns(w, k, rows),
        k);
  }

  /** Weights that are there as numbers only. */
  static Weights of(int columns, Supplier<WeightMatrix> values) {
    return new Weights(values, () -> null, columns);
  }

  /** Weights that are there as integers only. */
  static Weights of(Linear linear) {
    return new Weights(
        () -> new WeightMatrix(linear.unpack(), linear.rows(), linear.columns()),
        () -> linear,
        linear.columns());
  }

  Choice choose(int columns, Threads threads, Policy policy) {
    // With many columns it makes no difference whether there are a few more.
    int bucket =
        columns <= 16 ? columns : 32 << (31 - Integer.numberOfLeadingZeros(columns / 32 | 1));
    Choice choice = choices.get(bucket);
    if (choice == null) {
      choice = find(columns, threads, policy);
      choices.put(bucket, choice);
    }
    return choice;
  }

  private Choice find(int columns, Threads threads, Policy policy) {
    WeightMatrix w = values.get();
    sparsity = 1 - w.nonZeros() / ((double) w.rows() * this.columns);
    List<Layout> layouts = new ArrayList<>();
    if (!policy.dense) {
      layouts.addAll(Candidates.of(w, integers.get(), columns));
    }
    DenseTiles tiles = DenseTiles.pack(w);
    Choice dense = new Choice(dense(tiles, columns), tiles);
    List<Choice> possible = new ArrayList<>();
    for (Layout layout : layouts) {
      for (Kernel<?> kernel : KernelCatalog.accepting(layout, columns)) {
        boolean fast = !kernel.name().endsWith("__plain") || !KernelCatalog.hasVectorApi();
        if (fast && kernel.activations() == Kernel.Activations.F32) {
          possible.add(new Choice(kernel, layout));
        }
      }
    }
    if (possible.isEmpty()) {
      return dense;
    }
    // Of the dense kernels only the one for so many columns: alone, with all weights in a cache,
    // others can look better than they are in a network.
    layouts.add(tiles);
    possible.add(dense);
    boolean known =
        possible.stream()
            .map(c -> policy.table.expectedMillis(c.kernel, c.layout, columns))
            .allMatch(OptionalDouble::isPresent);
    if (known) {
      Dispatcher.Choice chosen = policy.table.choose(layouts, columns);
      return new Choice(chosen.kernel(), chosen.layout());
    }
    Matrix x = Matrix.zeros(w.columns(), columns);
    Matrix y = Matrix.zeros(w.rows(), columns);
    // Few columns and many are other loops of a kernel.
    String many = " " + Integer.numberOfLeadingZeros(columns) / 2;
    return Stopwatch.fastest(
        possible,
        c -> c.kernel.name() + many,
        c -> c.kernel.multiply(c.layout, x, y, Epilogue.NONE, threads.workers()));
  }

  /** Columns as the network has them, those included that are left out since they are all zero. */
  int columns() {
    return columns;
  }

  /** The share of weights that are zero, once a kernel was chosen. */
  double sparsity() {
    return sparsity;
  }

  /** The kernel for weights that are all there. */
  static Kernel<?> dense(DenseTiles tiles, int columns) {
    List<Kernel<?>> all = KernelCatalog.accepting(tiles, columns);
    // The list has the plain loops first, and nothing else where there is no Vector API.
    return all.stream()
        .filter(k -> columns > 4 != k.name().contains("gemv"))
        .reduce((a, b) -> b)
        .orElse(all.getLast());
  }
}
