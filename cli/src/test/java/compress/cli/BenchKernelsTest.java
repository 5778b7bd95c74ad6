package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLEventReader;
import javax.xml.stream.XMLInputFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** That measuring runs, verifies and prints; never how fast anything is. */
class BenchKernelsTest {
  private static Cli bench(Object... options) {
    List<Object> args = new ArrayList<>(List.of("bench", "kernels"));
    args.addAll(List.of("--samples", 2, "--min-time", 0, "--warm-up", 0));
    args.addAll(List.of(options));
    return Cli.run(args.toArray());
  }

  @Test
  void jsonHasTheKeysThatToolsReadAndEveryRival() {
    Cli cli =
        bench(
            "--shape",
            "40x64",
            "--n",
            "1,20",
            "--pattern",
            "unstructured,bank:16,dense",
            "--sparsity",
            "0.5,0.75",
            "--values",
            "f32,int4:32",
            "--threads",
            "1,2",
            "--forks",
            2,
            "--json");
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    JsonNode document = cli.json();
    assertThat(document.get("machine").propertyNames())
        .contains("cpu", "cores", "simd_bits", "peak_gflops", "read_gbs");
    assertThat(document.get("machine").get("peak_gflops").asDouble()).isPositive();
    assertThat(document.get("machine").get("read_gbs").asDouble()).isPositive();
    assertThat(document.get("machine").get("simd_bits").asInt()).isPositive();
    assertThat(document.get("forks").asInt()).isEqualTo(2);
    List<String> seen = new ArrayList<>();
    for (JsonNode r : document.get("results")) {
      assertThat(r.propertyNames())
          .contains(
              "kernel",
              "layout",
              "pattern",
              "sparsity",
              "bits",
              "m",
              "n",
              "k",
              "threads",
              "median_ms",
              "min_ms",
              "max_ms",
              "gflops",
              "effective_gflops",
              "baseline",
              "baseline_ms",
              "speedup",
              "roof_share");
      assertThat(r.get("samples").asInt()).isGreaterThanOrEqualTo(4);
      assertThat(r.get("fork_medians_ms").size()).isEqualTo(2);
      assertThat(r.get("min_ms").asDouble()).isPositive();
      assertThat(r.get("median_ms").asDouble())
          .isBetween(r.get("min_ms").asDouble(), r.get("max_ms").asDouble());
      assertThat(r.get("baseline").asString())
          .isIn("openblas", "onnxruntime_f32", "dense_f32_gemm__panama", "dense_f32_gemv__panama");
      seen.add(
          r.get("kernel").asString() + " " + r.get("n").asInt() + " " + r.get("threads").asInt());
    }
    for (String rival :
        List.of(
            "openblas",
            "onnxruntime_f32",
            "onnxruntime_dynamic_int8",
            "onnxruntime_matmulnbits4",
            "libtorch_int8",
            "sell_f32_spmm__panama",
            "linear_f32_gemm__panama")) {
      assertThat(seen).contains(rival + " 1 1", rival + " 20 1", rival + " 1 2", rival + " 20 2");
    }
    // Patterns were given, so what they cannot hold is said, once.
    assertThat(document.get("remarks").valueStream().map(JsonNode::asString))
        .contains(
            "no layout holds int4:32 in pattern unstructured",
            "no layout holds int4:32 in pattern bank:16")
        .doesNotHaveDuplicates()
        .noneMatch(r -> r.contains("incubator"));
  }

  @Test
  void tableSaysOnceWhatAllRowsShare() {
    Cli cli = bench("--shape", "32x48", "--n", 4, "--pattern", "2:4", "--rivals", "openblas");
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    assertThat(cli.err()).isEmpty();
    assertThat(cli.out())
        .contains("peak GFLOP/s", "memory GB/s")
        .contains("values f32, bits 32, m 32, n 4, k 48, threads 1, weights hot, 1 fork\n")
        .containsPattern("(?m)^kernel +pattern +sparsity +median ms")
        .containsPattern("(?m)^openblas +dense +0.0 % ")
        .containsPattern("(?m)^sell_f32_spmm__panama +2:4 +50.0 % ");
  }

  @Test
  void csvHasALineForEachResult() {
    Cli cli =
        bench(
            "--shape",
            "32x48",
            "--n",
            "1",
            "--pattern",
            "dense",
            "--values",
            "binary,ternary",
            "--rivals",
            "none",
            "--weights",
            "hot",
            "--format",
            "csv");
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    List<String> lines = cli.out().lines().toList();
    assertThat(lines.getFirst())
        .startsWith("kernel,layout,pattern,sparsity,values,bits,m,n,k,threads,cold,bytes,samples,")
        .endsWith(",baseline,baseline_ms,speedup,roof_share");
    int columns = lines.getFirst().split(",").length;
    assertThat(lines).allMatch(line -> line.split(",").length == columns);
    assertThat(lines).anyMatch(line -> line.startsWith("planes_i8_gemv__panama,BitPlanes,dense,"));
    assertThat(lines).noneMatch(line -> line.contains("openblas"));
  }

  @Test
  void markdownIsATable() {
    Cli cli =
        bench(
            "--shape",
            "32x48",
            "--n",
            "1",
            "--pattern",
            "dense",
            "--rivals",
            "none",
            "--format",
            "markdown");
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    assertThat(cli.out())
        .contains("\n| kernel | median ms |", "\n| --- | --: |")
        .contains("| dense_f32_gemv__panama | ");
  }

  private static void assertRefused(Cli cli, String... words) {
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.USAGE);
    assertThat(cli.err()).contains(words).doesNotContain("\tat ", "Exception");
    assertThat(cli.out()).isEmpty();
  }

  @Test
  void whatIsWrongIsSaidBeforeAnythingIsMeasured() {
    assertRefused(Cli.run("bench"), "a command is missing");
    assertRefused(Cli.run("bench", "kernel"), "unknown command 'kernel'; did you mean 'kernels'?");
    assertRefused(bench("--patern", "2:4"), "did you mean '--pattern'?");
    assertRefused(bench("--pattern", "unstructred"), "did you mean 'unstructured'?");
    assertRefused(bench("--pattern", "bank:300"), "banks of 1 to 256");
    assertRefused(bench("--pattern", "3:2"), "from 1:1 to 16:16");
    assertRefused(bench("--values", "in8"), "did you mean 'int8'?");
    assertRefused(bench("--sparsity", "90"), "--sparsity", "so write 0.9");
    assertRefused(bench("--n", "0"), "--n", "whole numbers from 1");
    assertRefused(bench("--shape", "1024"), "ROWSxCOLUMNS");
    assertRefused(bench("--shape", "8x8", "--m", "8"), "either --shape or --m and --k");
    assertRefused(bench("--shape", "99999x99999"), "at most 2^28 weights");
    assertRefused(bench("--weights", "warm"), "hot or cold");
    assertRefused(bench("--rivals", "openblass"), "did you mean 'openblas'?");
    assertRefused(bench("--forks", "0"), "--forks 0");
    assertRefused(bench("--format", "csv", "--json"), "either --json or --format");
    assertRefused(bench("--format", "cvs"), "'cvs'");
    assertRefused(
        bench("--pattern", "2:4", "--values", "int8"),
        "nothing to measure: no layout holds int8 in pattern 2:4");
  }

  @Test
  void drawsPictures(@TempDir Path folder) throws Exception {
    Path svg = folder.resolve("speed.svg");
    Object[] sizes = {
      "--shape",
      "32x64",
      "--n",
      "1,8",
      "--pattern",
      "unstructured,2:4",
      "--sparsity",
      "0.5,0.8",
      "--rivals",
      "openblas",
      "--plot"
    };
    Cli cli = bench(with(sizes, svg));
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    String drawn = Files.readString(svg);
    assertThat(drawn)
        .startsWith("<?xml")
        .contains(
            "32 × 64 weights, 1 column, 1 thread", "unstructured", "2:4", "Roofline, 1 thread")
        .contains("weights that are zero, %", "operations for each byte", "peak ");
    XMLEventReader events =
        XMLInputFactory.newFactory()
            .createXMLEventReader(new StringReader(drawn.replaceFirst("<!DOCTYPE[^>]*>", "")));
    while (events.hasNext()) {
      assertThat(events.nextEvent()).isNotNull();
    }
    assertRefused(bench(with(sizes, svg)), "exists already", "--force");
    assertRefused(bench(with(sizes, folder.resolve("speed.png"))), ".svg or .html");
    Path html = folder.resolve("speed.html");
    assertThat(bench(with(sizes, html)).code()).isEqualTo(Exit.DONE);
    assertThat(html).content().contains("<!DOCTYPE html>", "<svg", "csr_f32_gemv__panama");
  }

  private static Object[] with(Object[] options, Object last) {
    List<Object> all = new ArrayList<>(List.of(options));
    all.add(last);
    return all.toArray();
  }

  @Test
  void tuningTakesNoSweep() {
    assertRefused(Cli.run("bench", "kernels", "--tune", "--n", 1), "leave out --n");
    assertRefused(Cli.run("bench", "kernels", "--tune", "--budget", 0), "--budget 0");
    assertRefused(Cli.run("bench", "kernels", "--budget", 10), "--budget is for --tune");
  }

  @Test
  void helpHasExamples() {
    Cli cli = Cli.run("bench", "kernels", "--help");
    assertThat(cli.code()).isEqualTo(Exit.DONE);
    assertThat(cli.out()).contains("Examples:", "compress bench kernels --shape", "--forks=N");
    assertThat(Cli.run("bench", "--help").out()).contains("kernels", "Examples:");
  }
}
