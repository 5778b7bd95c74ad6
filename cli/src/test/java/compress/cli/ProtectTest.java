package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code compress prune} leaves whole by default. */
class ProtectTest {
  /** Layers of 500, 25,000, 400,000 and 5,000 weights. */
  private static final Path LENET_5 = Java.root().resolve("samples/lenet-5.onnx");

  /** Layers of 235,200, 30,000 and 1,000 weights. */
  private static final Path LENET_300 = Java.root().resolve("samples/lenet-300-100.onnx");

  private static final String LINE =
      "protected 2 layers: conv1.weight (first layer), ip2.weight (last layer); --no-protect prunes"
          + " them too";

  @TempDir Path folder;

  private Cli prune(Path model, Object... more) {
    Object[] all = new Object[more.length + 4];
    System.arraycopy(new Object[] {"prune", model, "-o", folder.resolve("out.onnx")}, 0, all, 0, 4);
    System.arraycopy(more, 0, all, 4, more.length);
    return Cli.run(all);
  }

  @Test
  void oneLineSaysWhichAndTheReportWhy() throws Exception {
    for (String more : new String[] {"--dry-run", "--strict"}) {
      Cli cli = prune(LENET_5, "--sparsity", 0.8, more);
      assertThat(cli.code()).as("%s", cli).isZero();
      assertThat(cli.out())
          .contains("prune        425,000 → 85,000 weights in 2 tensors", LINE)
          .doesNotContain("skipped");
    }
    JsonNode json = prune(LENET_5, "--sparsity", 0.8, "--force", "--json").json();
    assertThat(json.get("skipped")).hasSize(2);
    assertThat(json.get("skipped").get(0).get("name").asString()).isEqualTo("conv1.weight");
    assertThat(json.get("skipped").get(0).get("reason").asString())
        .isEqualTo("first layer, 0.1 % of the weights; --no-protect prunes it too");
    JsonNode details = json.get("stages").get(0).get("details");
    assertThat(details.get("sparsity").asDouble()).isEqualTo(0.8);
    assertThat(details.get("protected").get(1).get("weights").asInt()).isEqualTo(5000);
    assertThat(json.get("nonzero").asInt()).isEqualTo(580 + 500 + 5000 + 85_000);
  }

  @Test
  void layersThatAreAskedForArePruned() throws Exception {
    assertThat(prune(LENET_5, "--sparsity", 0.8, "--no-protect", "--dry-run").out())
        .contains("430,500 → 86,100 weights in 4 tensors")
        .doesNotContain("protected");
    assertThat(prune(LENET_5, "--sparsity", 0.8, "--layer", "conv1*=0.3", "--dry-run").out())
        .contains("in 3 tensors")
        .contains("protected 1 layer: ip2.weight (last layer); --no-protect prunes it too");
    assertThat(prune(LENET_5, "--sparsity", 0.8, "--target", "*.weight", "--dry-run").out())
        .contains("in 4 tensors")
        .doesNotContain("protected");
    assertThat(prune(LENET_5, "--pattern", "2:4", "--layer-pattern", "ip2*=1:4", "--dry-run").out())
        .contains("protected 1 layer: conv1.weight (first layer)");
    assertThat(prune(LENET_5, "--layer", "ip1*=0.9", "--dry-run").out())
        .doesNotContain("protected");
  }

  @Test
  void cutsSayItToo() throws Exception {
    assertThat(prune(LENET_5, "--pattern", "channel", "--sparsity", 0.5, "--dry-run").out())
        .contains("protected 1 layer: conv1.weight (first layer); --no-protect prunes it too")
        .contains("20 channels  conv1.weight:0, conv1.bias:0, conv2.weight:1; stays: first layer");
    assertThat(
            prune(LENET_5, "--pattern", "channel", "--sparsity", 0.5, "--no-protect", "--dry-run")
                .out())
        .contains("20 → 10 channels  conv1.weight:0")
        .doesNotContain("protected");
  }

  @Test
  void aRecipeSaysItAgain() throws Exception {
    Path saved = folder.resolve("saved.yaml");
    Cli cli = prune(LENET_300, "--sparsity", 0.5, "--no-protect", "--save-recipe", saved, "--json");
    assertThat(cli.code()).as("%s", cli).isZero();
    JsonNode options = cli.json().get("stages").get(0).get("options");
    assertThat(options.get("no-protect").asBoolean()).isTrue();
    assertThat(Files.readString(saved)).contains("no-protect: true");
    Path again = folder.resolve("again.onnx");
    assertThat(Cli.run("run", saved, "-o", again).code()).isZero();
    assertThat(again).hasSameBinaryContentAs(folder.resolve("out.onnx"));
  }

  @Test
  void aCheckpointIsUsedOnlyIfItProtectsAlike() throws Exception {
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe, "model: %s%nstages:%n  - {stage: prune, sparsity: 0.5}%n".formatted(LENET_300));
    Path out = folder.resolve("run.onnx");
    JsonNode first = Cli.run("run", recipe, "-o", out, "--keep-work", "--json").json();
    assertThat(first.get("skipped").get(0).get("name").asString()).isEqualTo("ip3.weight");
    assertThat(first.get("nonzero").asInt()).isEqualTo(410 + 1000 + 132_600);
    Object[] again = {
      "run", recipe, "-S", "prune.no-protect=true", "-o", out, "--keep-work", "--force", "--json"
    };
    JsonNode second = Cli.run(again).json();
    assertThat(second.get("skipped")).isEmpty();
    assertThat(second.get("nonzero").asInt()).isEqualTo(410 + 500 + 132_600);
  }

  @Test
  void aScanMeasuresProtectedLayersToo() throws Exception {
    Path data = Java.root().resolve("samples/mnist");
    Cli cli =
        prune(
            LENET_300,
            "--sensitivity",
            "--sparsities",
            "0.5,0.95",
            "--metric",
            "kl",
            "--calibration-samples",
            16,
            "--data",
            data);
    assertThat(cli.code()).as("%s", cli).isZero();
    assertThat(cli.out()).contains("ip3.weight  ").doesNotContain("skipped");
    Path scan = folder.resolve("out.onnx");
    Cli pruned =
        Cli.run(
            "prune",
            LENET_300,
            "--sparsity",
            0.8,
            "--allocation",
            "sensitivity:" + scan,
            "-o",
            folder.resolve("pruned.onnx"),
            "--dry-run");
    assertThat(pruned.out()).contains("265,200 → ").contains("ip3.weight (last layer)");
  }

  @Test
  void comparisonsProtectByDefault() throws Exception {
    Path compared = folder.resolve("compared");
    Object[] command = {
      "compare",
      LENET_300,
      "--random-data",
      8,
      "--patterns",
      "unstructured",
      "--sparsity",
      0.5,
      "--no-latency",
      "--json",
      "-o",
      compared
    };
    Cli cli = Cli.run(command);
    JsonNode trial = cli.json().get("trials").get(0);
    assertThat(trial.get("skipped")).hasSize(1);
    assertThat(trial.get("skipped").get(0).get("name").asString()).isEqualTo("ip3.weight");
    Object[] all = Arrays.copyOf(command, command.length + 2);
    all[command.length] = "-S";
    all[command.length + 1] = "prune.no-protect=true";
    JsonNode other = Cli.run(all).json().get("trials").get(0);
    assertThat(other.get("skipped")).isEmpty();
    Path recipe = compared.resolve(other.get("folder").asString()).resolve("recipe.yaml");
    assertThat(Files.readString(recipe)).contains("no-protect: true");
    JsonNode result =
        JsonMapper.shared().readTree(Files.readString(recipe.resolveSibling("result.json")));
    assertThat(result.get("key")).isNotEqualTo(trial.get("key"));
  }
}
