package compress.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import compress.kernels.Epilogue.Activation;
import compress.kernels.Kernel.Activations;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kernel that runs here against products in double precision of the unpacked weights. An
 * error may be as large as rounding in any order makes it: so many units in the last place of the
 * sum of the terms' magnitudes as there are terms.
 */
class KernelContractTest {
  private static final long SEED = 20261121;
  private static final int[] COLUMNS = {1, 2, 7, 16, 17, 48, 63, 64, 65, 113};
  private static final int[][] SIZES = {
    {1, 1}, {3, 5}, {15, 31}, {16, 32}, {17, 33}, {70, 270}, {140, 150}
  };

  private static Workers one;
  private static Workers three;

  @BeforeAll
  static void startWorkers() {
    one = new Workers(1);
    three = new Workers(3);
  }

  @AfterAll
  static void endWorkers() {
    one.close();
    three.close();
  }

  static List<Kernel<?>> kernels() {
    return KernelCatalog.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void agreesWithDoublePrecision(Kernel<?> kernel) {
    Random random = new Random(SEED);
    int products = 0;
    for (int[] size : SIZES) {
      for (double density : new double[] {0, 0.03, 0.5, 1}) {
        for (Layout w : Sample.layouts(random, size[0], size[1], density)) {
          if (!kernel.layout().isInstance(w)) {
            continue;
          }
          for (int columns : columnsFor(size)) {
            if (kernel.accepts(w, columns)) {
              int offset = random.nextInt(4);
              Matrix x = Sample.activations(random, size[1], columns, offset);
              String what =
                  "%s %s %s x %d, density %s, seed %d"
                      .formatted(
                          kernel,
                          w.pattern(),
                          java.util.Arrays.toString(size),
                          columns,
                          density,
                          SEED);
              check(kernel, w, x, Epilogue.NONE, random.nextBoolean() ? one : three, what);
              products++;
            }
          }
        }
      }
    }
    assertThat(products).isPositive();
  }

  /** All numbers of columns for small weights, some for large ones. */
  private static int[] columnsFor(int[] size) {
    return size[0] > 20 ? new int[] {1, 5, 65} : COLUMNS;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void endsWithBiasResidualAndActivation(Kernel<?> kernel) {
    Random random = new Random(SEED);
    for (Layout w : Sample.layouts(random, 35, 40, 0.4)) {
      for (int columns : new int[] {1, 16, 50}) {
        for (Activation activation : Activation.values()) {
          if (kernel.accepts(w, columns)) {
            Matrix x = Sample.activations(random, 40, columns, 0);
            Matrix residual = Sample.activations(random, 35, columns, 0);
            float[] bias = new float[35];
            for (int i = 0; i < bias.length; i++) {
              bias[i] = Sample.value(random);
            }
            String what = kernel + " " + w.pattern() + " x " + columns + ", " + activation;
            check(kernel, w, x, new Epilogue(bias, residual, activation), three, what);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void addsToTheResultItself(Kernel<?> kernel) {
    Random random = new Random(SEED);
    for (Layout w : Sample.layouts(random, 33, 20, 0.5)) {
      for (int columns : new int[] {1, 64}) {
        if (kernel.accepts(w, columns)) {
          Matrix x = Sample.activations(random, 20, columns, 0);
          Matrix before = Sample.activations(random, 33, columns, 0);
          Matrix apart = Matrix.zeros(33, columns);
          kernel.multiply(w, x, apart, new Epilogue(null, before, Activation.RELU), one);
          kernel.multiply(w, x, before, new Epilogue(null, before, Activation.RELU), one);
          assertThat(before.toFloats()).as("%s", kernel).isEqualTo(apart.toFloats());
        }
      }
    }
  }

  /** A result of integers has no order of addition: it is the plain loop's, bit by bit. */
  @Test
  void integerKernelsAreExact() {
    Random random = new Random(SEED);
    for (int columns : new int[] {5, 300, 5000}) {
      for (Layout w : integerLayouts(random, columns)) {
        for (Kernel<?> kernel : KernelCatalog.accepting(w, 2)) {
          if (kernel.activations() != Activations.F32) {
            Matrix x = Matrix.zeros(columns, 2);
            for (int i = 0; i < columns; i++) {
              // The largest of all activations everywhere: sums are as far from 0 as they can be.
              x.set(i, 0, i % 2 == 0 ? 3 : -3);
              x.set(i, 1, 3);
            }
            Matrix expected = Matrix.zeros(w.rows(), 2);
            KernelCatalog.plain(w, kernel.activations())
                .multiply(w, x, expected, Epilogue.NONE, one);
            Matrix y = Matrix.zeros(w.rows(), 2);
            kernel.multiply(w, x, y, Epilogue.NONE, three);
            assertThat(y.toFloats()).as("%s", kernel).isEqualTo(expected.toFloats());
          }
        }
      }
    }
  }

  private static List<Layout> integerLayouts(Random random, int columns) {
    List<Layout> all = new ArrayList<>();
    Binary binary = Binary.pack(Sample.binary(random, 40, columns));
    all.add(binary);
    all.add(BitPlanes.pack(binary));
    for (int bits : new int[] {2, 4, 8}) {
      all.add(BitPlanes.pack(Sample.linear(random, 40, columns, bits, columns, false)));
      int[] largest = new int[40 * columns];
      java.util.Arrays.fill(largest, (1 << bits) - 1);
      float[] scales = new float[40];
      java.util.Arrays.fill(scales, 1.5f);
      all.add(
          BitPlanes.pack(Linear.pack(40, columns, bits, columns, largest, scales, new int[40])));
    }
    return all;
  }

  /** Sums near the largest float, near the smallest, and of numbers that cancel. */
  @ParameterizedTest
  @MethodSource("kernels")
  void holdsAtExtremes(Kernel<?> kernel) {
    for (float extreme : new float[] {1e18f, 1e-19f}) {
      float[] values = new float[24 * 36];
      for (int i = 0; i < values.length; i++) {
        values[i] = i % 3 == 0 ? 0 : (i % 2 == 0 ? extreme : -extreme);
      }
      WeightMatrix w = new WeightMatrix(values, 24, 36);
      List<Layout> layouts =
          new ArrayList<>(
              List.of(
                  DenseTiles.pack(w),
                  Csr.pack(w),
                  Blocks.pack(w, 8, 1),
                  BankBalanced.pack(w, 16),
                  NofM.pack(Sample.twoOfFour(w), 2, 4),
                  Windows.pack(w, Windows.NARROW),
                  Windows.pack(w, Windows.WIDE),
                  Shared.pack(w),
                  SharedCsr.pack(w)));
      for (Layout layout : layouts) {
        for (int columns : new int[] {1, 20}) {
          if (kernel.accepts(layout, columns)) {
            Matrix x = Matrix.zeros(36, columns);
            for (int i = 0; i < 36 * columns; i++) {
              x.set(i / columns, i % columns, i % 5 == 0 ? -extreme : extreme);
            }
            check(kernel, layout, x, Epilogue.NONE, one, kernel + " at " + extreme);
          }
        }
      }
    }
  }

  private static void check(
      Kernel<?> kernel, Layout w, Matrix x, Epilogue e, Workers workers, String what) {
    Matrix y = Sample.atOffset(w.rows(), x.columns(), 3);
    y.data().fill((byte) 0x7f);
    kernel.multiply(w, x, y, e, workers);
    float[] weights = w.unpack();
    double[][] seen = Sample.seenBy(kernel.activations(), x);
    double[][] extra = offsets(w);
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < x.columns(); c++) {
        double sum = 0;
        double magnitude = 0;
        for (int k = 0; k < w.columns(); k++) {
          double weight = weights[r * w.columns() + k];
          sum += weight * seen[k][c];
          magnitude += (Math.abs(weight) + 2 * extra[r][k]) * Math.abs(seen[k][c]);
        }
        double expected = finish(e, sum, r, c);
        float[] bias = e.bias();
        Matrix residual = e.residual();
        magnitude += bias == null ? 0 : Math.abs(bias[r]);
        magnitude += residual == null ? 0 : Math.abs(residual.at(r, c));
        double bound =
            (w.columns() + 8) * 0x1p-23 * magnitude + (w.columns() + 8) * Float.MIN_VALUE;
        assertThat(Math.abs(y.at(r, c) - expected))
            .as("row %d, column %d: %s, expected %s: %s", r, c, y.at(r, c), expected, what)
            .isLessThanOrEqualTo(bound);
      }
    }
  }

  /**
   * What is taken away again is rounded too: of each weight {@code |zero * scale|}, and {@code
   * 2^bits * scale} where a code is made a float by giving it an exponent.
   */
  private static double[][] offsets(Layout w) {
    double[][] offsets = new double[w.rows()][w.columns()];
    if (w instanceof Linear linear) {
      int group = linear.codes().group();
      int codes = 1 << linear.bits();
      fill(
          offsets,
          (r, k) -> (codes + linear.zero(r, k / group)) * Math.abs(linear.scale(r, k / group)));
    } else if (w instanceof BitPlanes p) {
      fill(offsets, (r, k) -> Math.abs(p.zero(r, k / p.group()) * p.scale(r, k / p.group())));
    }
    return offsets;
  }

  private interface At {
    double get(int row, int column);
  }

  private static void fill(double[][] to, At at) {
    for (int r = 0; r < to.length; r++) {
      for (int k = 0; k < to[r].length; k++) {
        to[r][k] = at.get(r, k);
      }
    }
  }

  private static double finish(Epilogue e, double v, int r, int c) {
    float[] bias = e.bias();
    Matrix residual = e.residual();
    v += bias == null ? 0 : bias[r];
    v += residual == null ? 0 : residual.at(r, c);
    return switch (e.activation()) {
      case NONE -> v;
      case RELU -> Math.max(0, v);
      case RELU6 -> Math.min(6, Math.max(0, v));
    };
  }
}
