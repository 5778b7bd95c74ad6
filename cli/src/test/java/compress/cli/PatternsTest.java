package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Pruning in patterns, by what layers are given, from the command line. */
class PatternsTest {
  @TempDir Path folder;

  private Path model() throws Exception {
    return Samples.model(folder.resolve("small.onnx"), 1);
  }

  private String patternOf(Path file, int tensor) {
    return Cli.run("inspect", file, "--json")
        .json()
        .get("tensors")
        .get(tensor)
        .get("pattern")
        .asString();
  }

  @Test
  void inspectShowsThePatternThatWasWritten() throws Exception {
    Path data = Samples.data(folder.resolve("data"), 60, 30);
    Path out = folder.resolve("pruned.onnx");
    for (String pattern : new String[] {"2:4", "bank:8", "block:4x4", "row"}) {
      Cli cli =
          Cli.run(
              "prune",
              model(),
              "--pattern",
              pattern,
              "--sparsity",
              "0.5",
              "--target",
              "fc1*",
              "--criterion",
              pattern.equals("row") ? "wanda" : "obs",
              "--data",
              data,
              "-o",
              out,
              "--force",
              "--json");
      assertThat(cli.code()).as("%s", cli).isZero();
      JsonNode tensor = cli.json().get("stages").get(0).get("details").get("tensors").get(0);
      assertThat(tensor.get("pattern").asString()).isEqualTo(pattern);
      assertThat(tensor.get("sparsity").asDouble()).isEqualTo(0.5);
      assertThat(patternOf(out, 0)).isEqualTo(pattern);
    }
    assertThat(Cli.run("inspect", out).out()).contains("row");
  }

  @Test
  void layersMayHaveTheirOwnPatternInARecipeToo() throws Exception {
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        model: small.onnx
        stages:
          - stage: prune
            pattern: 2:4
            layer-pattern:
              fc2*: bank:6
            sparsity: 0.5
            control: random-mask
        output: out.onnx
        """);
    model();
    Cli cli = Cli.run("run", recipe);
    assertThat(cli.code()).as("%s", cli).isZero();
    assertThat(patternOf(folder.resolve("out.onnx"), 0)).isEqualTo("2:4");
    JsonNode report =
        tools.jackson.databind.json.JsonMapper.shared()
            .readTree(Files.readString(folder.resolve("out.report.json")));
    JsonNode details = report.get("stages").get(0).get("details");
    assertThat(details.get("control").asString()).isEqualTo("random-mask");
    assertThat(details.get("tensors").get(1).get("pattern").asString()).isEqualTo("bank:6");
    assertThat(Files.readString(folder.resolve("out.recipe.yaml"))).contains("random-mask");
  }

  @Test
  void aSensitivityScanSharesTheSparsity() throws Exception {
    Path data = Samples.data(folder.resolve("data"), 120, 30);
    Path scan = folder.resolve("scan.json");
    Path plot = folder.resolve("scan.svg");
    Cli cli =
        Cli.run(
            "prune",
            model(),
            "--sensitivity",
            "--sparsities",
            "0.25,0.5,0.95",
            "--metric",
            "kl",
            "--data",
            data,
            "-o",
            scan,
            "--plot",
            plot);
    assertThat(cli.code()).as("%s", cli).isZero();
    assertThat(cli.out()).contains("KL divergence").contains("fc1.weight").contains("fc2.weight");
    assertThat(Files.readString(plot)).contains("<polyline").contains("fc2.weight");
    Path out = folder.resolve("pruned.onnx");
    Cli pruned =
        Cli.run(
            "prune",
            model(),
            "--sparsity",
            "0.5",
            "--allocation",
            "sensitivity:" + scan,
            "-o",
            out,
            "--json");
    assertThat(pruned.code()).as("%s", pruned).isZero();
    assertThat(pruned.json().get("nonzero").asInt()).isBetween(15 + 113, 15 + 115);
    assertThat(Cli.run("prune", model(), "--sensitivity", "--data", data, "-o", scan).code())
        .as("an output is not overwritten")
        .isEqualTo(Exit.USAGE);
    Files.writeString(scan, "{}");
    Cli broken =
        Cli.run(
            "prune",
            model(),
            "--sparsity",
            0.5,
            "--allocation",
            "sensitivity:" + scan,
            "-o",
            out,
            "--force");
    assertThat(broken.code()).isEqualTo(Exit.BAD_INPUT);
    assertThat(broken.err()).contains("is not what 'prune --sensitivity");
  }

  @Test
  void mistakesAreToldBeforeAnythingRuns() throws Exception {
    Path out = folder.resolve("out.onnx");
    Cli unknown = Cli.run("prune", model(), "--pattern", "bank", "--sparsity", 0.5, "-o", out);
    assertThat(unknown.code()).isEqualTo(Exit.USAGE);
    assertThat(unknown.err()).contains("unknown pattern 'bank'").contains("bank:WIDTH");
    Cli blind = Cli.run("prune", model(), "--criterion", "obs", "--sparsity", 0.5, "-o", out);
    assertThat(blind.code()).isEqualTo(Exit.USAGE);
    assertThat(blind.err()).contains("give samples");
    Cli kernels = Cli.run("prune", model(), "--pattern", "kernel", "--sparsity", 0.5, "-o", out);
    assertThat(kernels.code()).isEqualTo(Exit.USAGE);
    assertThat(kernels.err()).contains("nothing to prune").contains("no kernels");
    assertThat(out).doesNotExist();
  }
}
