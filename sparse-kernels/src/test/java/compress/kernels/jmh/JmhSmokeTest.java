package compress.kernels.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import compress.kernels.KernelCatalog;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** That the benchmarks start, one short round each in this virtual machine. */
class JmhSmokeTest {
  private static Collection<RunResult> run(Class<?> benchmarks, String param, String... values)
      throws Exception {
    return new Runner(
            new OptionsBuilder()
                .include(benchmarks.getName())
                .param(param, values)
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build())
        .run();
  }

  @Test
  void everyBenchmarkStarts() throws Exception {
    assumeTrue(
        KernelCatalog.all().stream().anyMatch(k -> k.name().equals("window32_f32_gemv__panama")),
        "some of the kernels need vectors of 512 bits");
    assertThat(run(ManyColumnsBenchmark.class, "size", "64")).hasSize(10);
    assertThat(run(OneColumnBenchmark.class, "rows", "64")).hasSize(12);
  }
}
