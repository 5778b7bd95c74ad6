package compress.kernels.jmh;

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

/** Weights times one column, one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class OneColumnBenchmark {
  /** Kernel, pattern, {@code @} and the sparsity, then what a weight is. */
  @Param({
    "dense_f32_gemv dense@0 f32",
    "linear_f32_gemv dense@0 int8",
    "linear_f32_gemv dense@0 int4:32",
    "planes_i8_gemv dense@0 int4:32",
    "shared_f32_gemv dense@0 codebook:16",
    "binary_f32_gemv dense@0 binary",
    "binary_sign_gemv dense@0 binary",
    "window32_f32_gemv unstructured@0.8 f32",
    "csr_f32_gemv unstructured@0.9 f32",
    "sharedcsr_f32_gemv unstructured@0.9 codebook:256",
    "block_f32_gemv block:8x1@0.9 f32",
    "2of4_f32_gemv 2:4@0.5 f32"
  })
  public String kernel = "";

  /** Rows of the weights. */
  @Param("4096")
  public int rows;

  private final ManyColumnsBenchmark.Prepared prepared = new ManyColumnsBenchmark.Prepared();

  @Setup
  public void prepare() {
    String[] words = kernel.split("[ @]", -1);
    prepared.prepare(
        words[0], new Case(rows, 1, rows, words[1], Double.parseDouble(words[2]), words[3], false));
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
