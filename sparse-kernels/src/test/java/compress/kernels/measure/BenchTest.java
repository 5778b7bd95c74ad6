package compress.kernels.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import compress.kernels.BankBalanced;
import compress.kernels.Csr;
import compress.kernels.DenseTiles;
import compress.kernels.Layout;
import compress.kernels.NofM;
import compress.kernels.WeightMatrix;
import compress.kernels.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That measuring works and results verify; never how fast anything is. */
class BenchTest {
  private static final Timing.Plan ONCE = new Timing.Plan(1, 0, 3, 0);
  private static final Machine MACHINE = Machine.here();
  private static final Roof ROOF =
      new Roof(
          2,
          100,
          List.of(
              new Roof.Level("L1", 1 << 15, 1000), new Roof.Level("memory", Long.MAX_VALUE, 20)));

  @Test
  void timesEveryKindOfCaseAfterCheckingIt() {
    try (Workers workers = new Workers(2)) {
      Bench bench = new Bench(MACHINE, ROOF, workers, ONCE, List.of(new OpenBlas()), 7);
      for (String[] kind :
          new String[][] {
            {"dense", "f32"},
            {"unstructured", "f32"},
            {"block:8x1", "f32"},
            {"bank:16", "f32"},
            {"2:4", "f32"},
            {"dense", "int8"},
            {"dense", "int4:32"},
            {"dense", "int2"},
            {"dense", "ternary"},
            {"dense", "binary"},
            {"dense", "codebook:16"},
            {"dense", "codebook:256"},
            {"unstructured", "codebook:256"}
          }) {
        for (int n : new int[] {1, 20}) {
          Case c = new Case(48, n, 64, kind[0], 0.5, kind[1], false);
          List<Result> results = bench.run(c);
          assertThat(results).as("%s", c).isNotEmpty();
          for (Result r : results) {
            assertThat(r.samples()).isGreaterThanOrEqualTo(3);
            assertThat(r.minMs()).isPositive().isLessThanOrEqualTo(r.medianMs());
            assertThat(r.medianMs()).isLessThanOrEqualTo(r.maxMs());
            assertThat(r.speedup()).isEqualTo(r.baselineMs() / r.medianMs());
          }
        }
      }
    }
  }

  @Test
  void casesHaveTheSparsityTheySay() {
    WeightMatrix bank = new Case(32, 1, 256, "bank:32", 0.75, "f32", false).weights(1);
    assertThat(BankBalanced.pack(bank, 32).kept()).isEqualTo(8);
    assertThat(bank.nonZeros()).isEqualTo(32 * 256 / 4);
    WeightMatrix nOfM = new Case(32, 1, 256, "2:4", 0.5, "f32", false).weights(1);
    assertThat(NofM.pack(nOfM, 2, 4).unpack()).isEqualTo(nOfM.values());
    assertThat(nOfM.nonZeros()).isEqualTo(32 * 256 / 2);
    WeightMatrix loose = new Case(256, 1, 256, "unstructured", 0.9, "f32", false).weights(1);
    assertThat(loose.nonZeros() / 65536.0).isCloseTo(0.1, within(0.01));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Case(4, 1, 4, "spiral", 0.5, "f32", false).weights(1))
        .withMessageContaining("pattern 'spiral'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Case(4, 1, 4, "dense", 0.5, "int7", false).weights(1))
        .withMessageContaining("values 'int7'");
  }

  @Test
  void medianIsTheMiddle() {
    assertThat(new Timing(new double[] {5, 1, 3}).median()).isEqualTo(3);
    assertThat(new Timing(new double[] {4, 1, 2, 3}).median()).isEqualTo(2.5);
    List<Integer> rounds = new ArrayList<>();
    Timing timing = Timing.of(rounds::add, new Timing.Plan(2, 0, 3, 0));
    assertThat(timing.millis()).hasSize(3);
    assertThat(rounds).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void theRoofIsTheLowerOfTwo() {
    assertThat(ROOF.leastMillis(1e9, 1000, false)).isEqualTo(10);
    assertThat(ROOF.leastMillis(0, 20_000_000, false)).isEqualTo(1);
    assertThat(ROOF.levelFor(1000, true).name()).isEqualTo("memory");
    assertThat(ROOF.levelFor(1000, false).name()).isEqualTo("L1");
  }

  @Test
  void picksDenseUnlessSomethingIsFaster() {
    WeightMatrix w = new Case(64, 1, 64, "unstructured", 0.9, "f32", false).weights(1);
    List<Layout> layouts = List.of(DenseTiles.pack(w), Csr.pack(w));
    Result dense = result("dense_f32_gemm__plain", "dense", 0, 1.0);
    Result slow = result("csr_f32_spmm__plain", "unstructured", 0.9, 2.0);
    Result fast = result("csr_f32_spmm__plain", "unstructured", 0.9, 0.5);
    assertThat(new Dispatcher(List.of(dense, slow)).choose(layouts, 64).layout())
        .isInstanceOf(DenseTiles.class);
    assertThat(new Dispatcher(List.of(dense, fast)).choose(layouts, 64).layout())
        .isInstanceOf(Csr.class);
    assertThat(new Dispatcher(List.of(fast)).choose(layouts, 64).layout())
        .isInstanceOf(DenseTiles.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dispatcher(List.of()).choose(layouts.subList(1, 2), 64));
  }

  private static Result result(String kernel, String pattern, double sparsity, double ms) {
    return new Result(
        kernel, "", pattern, sparsity, 32, 64, 64, 64, 1, false, 0, 3, ms, ms, ms, 1, 1, "", 1, 1,
        1);
  }

  @Test
  void measurementsAreKeptAndReadBack(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("compress").resolve("kernels.json");
    assertThat(TuningFile.read(file, MACHINE)).isEmpty();
    TuningFile kept = new TuningFile(MACHINE, List.of(result("k", "dense", 0, 1)));
    kept.write(file);
    assertThat(TuningFile.read(file, MACHINE)).contains(kept);
    assertThat(Files.readString(file)).contains("\"median_ms\"", "\"roof_share\"");
    Machine other = new Machine("another", 1, 128, List.of(1L), "25");
    assertThat(TuningFile.read(file, other)).isEmpty();
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length - 2; length += 37) {
      Files.write(file, java.util.Arrays.copyOf(bytes, length));
      assertThat(TuningFile.read(file, MACHINE)).as("cut at %d", length).isEmpty();
    }
  }
}
