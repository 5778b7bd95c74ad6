package compress.kernels.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import compress.kernels.BankBalanced;
import compress.kernels.Csr;
import compress.kernels.DenseTiles;
import compress.kernels.Layout;
import compress.kernels.Linear;
import compress.kernels.Matrix;
import compress.kernels.NofM;
import compress.kernels.WeightMatrix;
import compress.kernels.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That measuring works and results verify; never how fast anything is. */
class BenchTest {
  private static final Timing.Plan ONCE = new Timing.Plan(1, 0, 3, 0);
  private static final Machine MACHINE = Machine.here();

  /** A last cache so small that cold weights are many copies. */
  private static final Machine SMALL_CACHE =
      new Machine("small", 1, 128, List.of(1L << 10, 1L << 13), "25");

  private static final Roof ROOF =
      new Roof(
          2,
          100,
          List.of(
              new Roof.Level("L1", 1 << 15, 1000), new Roof.Level("memory", Long.MAX_VALUE, 20)));

  @Test
  void timesEveryKindOfCaseAfterCheckingIt() {
    try (Workers workers = new Workers(2)) {
      Bench bench = new Bench(MACHINE, workers, ONCE, 7);
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
          for (boolean cold : new boolean[] {false, true}) {
            Case c = new Case(48, n, 64, kind[0], 0.5, kind[1], cold);
            Bench small = cold ? new Bench(SMALL_CACHE, workers, ONCE, 7) : bench;
            List<Measurement> all =
                new ArrayList<>(
                    small.rivals(
                        c,
                        List.of(new OpenBlas()),
                        m -> {
                          throw new AssertionError(m);
                        }));
            all.addAll(small.kernels(c));
            List<Result> results = Result.join(all, List.of(ROOF));
            assertThat(results).as("%s", c).hasSizeGreaterThan(1);
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
  }

  @Test
  void forksAreJoined() {
    Subject dense = subject("openblas", true);
    Subject sparse = subject("csr", false);
    List<Measurement> forks =
        List.of(
            new Measurement(dense, new Timing(new double[] {9, 10, 11})),
            new Measurement(sparse, new Timing(new double[] {1, 2, 6})),
            new Measurement(dense, new Timing(new double[] {20})),
            new Measurement(sparse, new Timing(new double[] {4, 4})),
            new Measurement(sparse, new Timing(new double[] {5})));
    List<Result> results = Result.join(forks, List.of(ROOF));
    assertThat(results).extracting(Result::kernel).containsExactly("openblas", "csr");
    Result csr = results.get(1);
    assertThat(csr.forkMediansMs()).containsExactly(2.0, 4.0, 5.0);
    assertThat(csr.medianMs()).isEqualTo(4);
    assertThat(csr.minMs()).isEqualTo(1);
    assertThat(csr.maxMs()).isEqualTo(6);
    assertThat(csr.samples()).isEqualTo(6);
    assertThat(csr.spread()).isEqualTo(0.75);
    assertThat(csr.baseline()).isEqualTo("openblas");
    assertThat(csr.baselineMs()).isEqualTo(15);
    assertThat(csr.speedup()).isEqualTo(3.75);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Result.join(forks.subList(1, 2), List.of(ROOF)))
        .withMessageContaining("no baseline");
  }

  private static Subject subject(String kernel, boolean baseline) {
    return new Subject(
        kernel,
        "",
        new Case(64, 8, 64, baseline ? "dense" : "unstructured", 0.5, "f32", false),
        0.5,
        32,
        2,
        1000,
        64 * 64 * 4,
        true,
        baseline);
  }

  @Test
  void aWrongAnswerHasNoTime() {
    Rival wrong =
        new Rival() {
          @Override
          public String name() {
            return "wrong";
          }

          @Override
          public Product ready(WeightMatrix weights, Matrix x, int threads) {
            Product right = new OpenBlas().ready(weights, x, threads);
            return new Product() {
              @Override
              public void multiply() {
                right.multiply();
                right.result().set(5, 3, right.result().at(5, 3) + 1e-3f);
              }

              @Override
              public Matrix result() {
                return right.result();
              }

              @Override
              public int bits() {
                return 32;
              }

              @Override
              public long bytes() {
                return right.bytes();
              }

              @Override
              public float[] weights() {
                return right.weights();
              }

              @Override
              public double activationError(int column) {
                return 0;
              }

              @Override
              public void close() {
                right.close();
              }
            };
          }
        };
    List<String> skipped = new ArrayList<>();
    try (Workers workers = new Workers(1)) {
      Bench bench = new Bench(MACHINE, workers, ONCE, 7);
      Case c = new Case(40, 10, 50, "dense", 0, "f32", false);
      assertThat(bench.rivals(c, List.of(wrong), skipped::add)).isEmpty();
    }
    assertThat(skipped).singleElement().asString().contains("wrong is wrong: row 5, column 3");
  }

  @Test
  void copiesShareNoMemory() {
    Case c = new Case(20, 1, 40, "dense", 0, "int4:8", false);
    for (Layout layout : c.layouts(c.weights(3))) {
      List<Layout> copies = Copies.of(layout, 3);
      assertThat(copies).hasSize(3).startsWith(layout);
      float[] before = copies.get(2).unpack();
      if (copies.get(1) instanceof Linear linear) {
        linear.codes().words().fill((byte) 0);
      }
      assertThat(copies.get(2).unpack()).isEqualTo(before).isEqualTo(layout.unpack());
    }
  }

  @Test
  void copiesShareNoArrays() {
    Csr csr = Csr.pack(new Case(20, 1, 40, "unstructured", 0.5, "f32", false).weights(3));
    Csr copy = (Csr) Copies.of(csr, 2).get(1);
    assertThat(copy.unpack()).isEqualTo(csr.unpack());
    assertThat(copy.values()).isNotSameAs(csr.values());
    assertThat(copy.positions()).isNotSameAs(csr.positions());
    BankBalanced bank =
        BankBalanced.pack(new Case(20, 1, 40, "bank:8", 0.5, "f32", false).weights(3), 8);
    BankBalanced other = (BankBalanced) Copies.of(bank, 2).get(1);
    assertThat(other.unpack()).isEqualTo(bank.unpack());
    assertThat(other.positions()).isNotSameAs(bank.positions());
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
        .isThrownBy(() -> new Case(4, 1, 4, "unstructred", 0.5, "f32", false))
        .withMessageContaining("pattern 'unstructred'")
        .withMessageContaining("did you mean 'unstructured'?");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Case(4, 1, 4, "dense", 0.5, "int7", false))
        .withMessageContaining("values 'int7'");
    for (String pattern : new String[] {"3:2", "0:4", "2:17", "bank:257", "bank:0", "block:0x1"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Case(4, 1, 4, pattern, 0.5, "f32", false))
          .withMessageContaining(pattern);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Case(4, 1, 4, "2:4", 0.5, "int4", false))
        .withMessageContaining("no layout holds int4 in pattern 2:4");
  }

  @Test
  void medianIsTheMiddle() {
    assertThat(new Timing(new double[] {5, 1, 3}).median()).isEqualTo(3);
    assertThat(new Timing(new double[] {4, 1, 2, 3}).median()).isEqualTo(2.5);
  }

  @Test
  void roundsThatAreShortAreTimedTogether() {
    List<Integer> rounds = new ArrayList<>();
    Timing.Round slow =
        i -> {
          rounds.add(i);
          LockSupport.parkNanos(1_000_000);
        };
    assertThat(Timing.of(slow, new Timing.Plan(2, 0, 3, 0)).millis()).hasSize(3);
    // Two to warm up or more, if the first was slow; then three.
    assertThat(rounds).hasSizeGreaterThanOrEqualTo(5);
    assertThat(rounds).isEqualTo(IntStream.range(0, rounds.size()).boxed().toList());
    int[] count = {0};
    Timing timing = Timing.of(i -> count[0]++, new Timing.Plan(2, 0, 3, 0));
    assertThat(timing.millis()).hasSize(3);
    assertThat(count[0]).isGreaterThan(5);
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

  @Test
  void betweenMeasurementsTimesAreInterpolated() {
    List<Result> table = new ArrayList<>();
    // Time goes with the products, and twice as fast for wide activations.
    for (int n : new int[] {16, 64, 256}) {
      for (int size : new int[] {64, 256, 1024}) {
        table.add(sized("dense_f32_gemm", "dense", 0, size, n, 4e-9 * size * size * n));
        for (double sparsity : new double[] {0.5, 0.9}) {
          double products = (1 - sparsity) * size * size * n;
          table.add(sized("sell_f32_spmm", "unstructured", sparsity, size, n, 6e-9 * products));
        }
      }
    }
    Dispatcher dispatcher = new Dispatcher(table);
    Dispatcher.Shape between = new Dispatcher.Shape(512, 128, 512, 0.3);
    Dispatcher.Expected expected =
        Objects.requireNonNull(dispatcher.expected("sell_f32_spmm", "unstructured", 32, between));
    assertThat(expected.measured()).isFalse();
    assertThat(expected.millis()).isCloseTo(6e-9 * 0.3 * 512 * 512 * 128, withinPercentage(8));
    // 64 columns, size 256, sparsity 0.9.
    Dispatcher.Expected exact =
        dispatcher.expected(
            "sell_f32_spmm", "unstructured", 32, new Dispatcher.Shape(256, 64, 256, 0.1));
    assertThat(exact).isEqualTo(new Dispatcher.Expected(table.get(14).medianMs(), true));
    // Nothing near was measured, or nothing of that pattern's kernel.
    assertThat(
            dispatcher.expected(
                "sell_f32_spmm", "unstructured", 32, new Dispatcher.Shape(64, 65536, 64, 0.1)))
        .isNull();
    assertThat(dispatcher.expected("block_f32_spmm", "block:8x1", 32, between)).isNull();

    List<Result> heldOut = new ArrayList<>();
    for (double sparsity : new double[] {0.3, 0.7, 0.85}) {
      double products = (1 - sparsity) * 512 * 512 * 128;
      heldOut.add(sized("sell_f32_spmm", "unstructured", sparsity, 512, 128, 6e-9 * products));
    }
    heldOut.add(sized("dense_f32_gemm", "dense", 0, 512, 128, 4e-9 * 512 * 512 * 128));
    Dispatcher.Quality quality = dispatcher.judge(heldOut);
    assertThat(quality.cases()).isEqualTo(3);
    assertThat(quality.hits()).isEqualTo(1);
    assertThat(quality.worstAgainstDense()).isEqualTo(1);
    // A table that takes sparse for fast does worse.
    List<Result> wrong =
        table.stream()
            .filter(r -> r.pattern().equals("dense"))
            .collect(Collectors.toCollection(ArrayList::new));
    wrong.add(sized("sell_f32_spmm", "unstructured", 0.3, 512, 128, 1e-6));
    assertThat(new Dispatcher(wrong).judge(heldOut).worstAgainstDense()).isGreaterThan(1);
  }

  private static Result sized(
      String kernel, String pattern, double sparsity, int size, int n, double ms) {
    return new Result(
        kernel,
        pattern.equals("dense") ? "DenseTiles" : "Sell",
        pattern,
        sparsity,
        "f32",
        32,
        size,
        n,
        size,
        1,
        false,
        0,
        3,
        ms,
        ms,
        ms,
        List.of(ms),
        0,
        1,
        1,
        1,
        "",
        1,
        1,
        1);
  }

  private static Result result(String kernel, String pattern, double sparsity, double ms) {
    return new Result(
        kernel,
        "",
        pattern,
        sparsity,
        "f32",
        32,
        64,
        64,
        64,
        1,
        false,
        0,
        3,
        ms,
        ms,
        ms,
        List.of(ms),
        0,
        1,
        1,
        1,
        "",
        1,
        1,
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
