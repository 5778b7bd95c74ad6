package compress.kernels.jmh;

import compress.kernels.Epilogue;
import compress.kernels.Kernel;
import compress.kernels.KernelCatalog;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.Workers;
import compress.kernels.measure.Case;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Weights of 1024 x 1024 times many columns, one thread: fp32 kernels by pattern. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class ManyColumnsBenchmark {
  /** Kernel and pattern, with {@code @} and the sparsity. */
  @Param({
    "dense_f32_gemm dense@0",
    "sell_f32_spmm unstructured@0.9",
    "block_f32_spmm block:8x1@0.9",
    "sell_f32_spmm bank:128@0.9",
    "sell_f32_spmm 2:4@0.5"
  })
  public String kernel = "";

  /** Columns of the activations. */
  @Param({"64", "960"})
  public int columns;

  /** Rows and columns of the weights. */
  @Param("1024")
  public int size;

  private final Prepared prepared = new Prepared();

  /** What one product needs; also for {@link OneColumnBenchmark}. */
  static final class Prepared {
    private final Workers workers = new Workers(1);
    private Product product = () -> {};

    private interface Product {
      void run();
    }

    /** {@code name} is as a catalogue has it, without the implementation. */
    void prepare(String name, Case c) {
      Layout layout =
          c.layouts(c.weights(1)).stream()
              .filter(l -> find(name, l, c.n()) != null)
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no " + name + " for " + c));
      Kernel<?> found = KernelCatalog.named(name + "__panama");
      Matrix x = Matrix.zeros(c.k(), c.n());
      for (int r = 0; r < c.k(); r++) {
        for (int i = 0; i < c.n(); i++) {
          x.set(r, i, (r * 31 + i * 17) % 13 - 6);
        }
      }
      Matrix y = Matrix.zeros(c.m(), c.n());
      product = () -> found.multiply(layout, x, y, Epilogue.NONE, workers);
    }

    private static @org.jspecify.annotations.Nullable Kernel<?> find(
        String name, Layout layout, int columns) {
      return KernelCatalog.accepting(layout, columns).stream()
          .filter(k -> k.name().equals(name + "__panama"))
          .findFirst()
          .orElse(null);
    }

    void run() {
      product.run();
    }

    void close() {
      workers.close();
    }
  }

  @Setup
  public void prepare() {
    String[] words = kernel.split("[ @]", -1);
    prepared.prepare(
        words[0],
        new Case(size, columns, size, words[1], Double.parseDouble(words[2]), "f32", false));
  }

  @TearDown
  public void close() {
    prepared.close();
  }

  @Benchmark
  public void multiply() {
    prepared.run();
  }
}
