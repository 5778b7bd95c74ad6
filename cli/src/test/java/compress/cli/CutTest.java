package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code compress prune} with a pattern that cuts. */
class CutTest {
  @TempDir Path folder;

  @Test
  void cutsAndSaysWhat() throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Path cut = folder.resolve("cut.onnx");
    Cli cli = Cli.run("prune", model, "--pattern", "neuron", "--sparsity", "1/2", "-o", cut);
    assertThat(cli.err()).isEmpty();
    assertThat(cli.out())
        .contains("228 → 114 multiply-accumulates (50.0 %)")
        .contains("12 → 6 neurons  fc1.weight:0, fc1.bias:0, fc2.weight:1")
        .contains("3 neurons  fc2.weight:0, fc2.bias:0; stays: an output of the network");
    JsonNode json = Cli.run("inspect", cut, "--json").json();
    assertThat(json.get("macs").asInt()).isEqualTo(114);
    assertThat(json.get("tensors").get(0).get("shape").toString()).isEqualTo("[6,16]");
  }

  @Test
  void predictsWithoutWriting() throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Path cut = folder.resolve("cut.onnx");
    JsonNode json =
        Cli.run(
                "prune",
                model,
                "--pattern",
                "structured",
                "--macs",
                "1/4",
                "--round-to",
                2,
                "--criterion",
                "geometric-median",
                "-o",
                cut,
                "--dry-run",
                "--json")
            .json();
    assertThat(cut).doesNotExist();
    JsonNode details = json.get("stages").get(0).get("details");
    assertThat(details.get("macs_before").asInt()).isEqualTo(228);
    assertThat(details.get("macs_after").asInt()).isEqualTo(38);
    JsonNode group = details.get("groups").get(0);
    assertThat(group.propertyNames()).contains("name", "kind", "units", "kept", "members", "cut");
    assertThat(group.get("kept").asInt()).isEqualTo(2);
    assertThat(json.get("changed").get(0).get("what").asString())
        .isEqualTo("cut from [12, 16] to [2, 16]");
  }

  @Test
  void trainsWhatIsLeft() throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Path data = Samples.data(folder.resolve("data"), 90, 30);
    Path cut = folder.resolve("cut.onnx");
    Cli cli =
        Cli.run(
            "prune",
            model,
            "--pattern",
            "neuron",
            "--macs",
            "0.5",
            "--finetune",
            2,
            "--data",
            data,
            "--scale",
            "1/255",
            "-o",
            cut);
    assertThat(cli.code()).as(cli.err()).isZero();
    assertThat(cli.out()).contains("2 epochs").contains("accuracy");
  }

  @Test
  void contradictionsAreRefused() throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Path cut = folder.resolve("cut.onnx");
    assertRefused(
        "sparsity and macs both say how much",
        model,
        cut,
        "neuron",
        "--macs",
        "0.5",
        "--sparsity",
        "0.5");
    assertRefused("how much to cut is missing: sparsity, layer or macs", model, cut, "neuron");
    assertRefused("macs is for patterns that cut", model, cut, "unstructured", "--macs", "0.5");
    assertRefused(
        "nothing to cut: fc1.weight: the pattern takes no neurons",
        model,
        cut,
        "head",
        "--sparsity",
        "0.5");
    assertRefused(
        "is cut at once",
        model,
        cut,
        "neuron",
        "--sparsity",
        "0.5",
        "--schedule",
        "gradual",
        "--finetune",
        "1");
  }

  private static void assertRefused(
      String why, Path model, Path cut, String pattern, Object... more) throws Exception {
    Object[] all = new Object[more.length + 6];
    System.arraycopy(new Object[] {"prune", model, "--pattern", pattern, "-o", cut}, 0, all, 0, 6);
    System.arraycopy(more, 0, all, 6, more.length);
    Cli cli = Cli.run(all);
    assertThat(cli.err()).contains(why);
    assertThat(cli.code()).isEqualTo(Exit.USAGE);
  }
}
