package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class EvaluationTest {
  @TempDir Path folder;
  private Path model;
  private Path data;

  @BeforeEach
  void makeSamples() throws Exception {
    model = Samples.model(folder.resolve("small.onnx"), 1);
    data = Samples.data(folder.resolve("data"), 300, 150);
  }

  @Test
  void trainingHelpsAndBothEnginesAgree() {
    Path trained = folder.resolve("trained.onnx");
    Cli train =
        Cli.run(
            "train", model, "--data", data, "--epochs", 8, "--batch", 8, "-o", trained, "--json");
    assertThat(train.code()).as("%s", train).isZero();
    JsonNode json = train.json();
    assertThat(json.get("metric_after").asDouble())
        .isGreaterThan(0.95)
        .isGreaterThan(json.get("metric_before").asDouble());

    JsonNode torch = Cli.run("eval", trained, "--data", data, "--engine", "torch", "--json").json();
    JsonNode ort = Cli.run("eval", trained, "--data", data, "--json").json();
    assertThat(ort.propertyNames()).contains("metric", "value", "samples", "ci95", "engine");
    assertThat(ort.get("engine").asString()).isEqualTo("onnxruntime");
    assertThat(ort.get("samples").asInt()).isEqualTo(150);
    assertThat(torch.get("value").asDouble()).isEqualTo(ort.get("value").asDouble());
    assertThat(ort.get("value").asDouble()).isEqualTo(json.get("metric_after").asDouble());
  }

  @Test
  void aDropBeyondTheBoundIsAMissedGate() {
    Path trained = folder.resolve("trained.onnx");
    assertThat(
            Cli.run("train", model, "--data", data, "--epochs", 8, "--batch", 8, "-o", trained)
                .code())
        .isZero();
    Cli cli =
        Cli.run(
            "prune",
            trained,
            "--sparsity",
            "0.99",
            "--data",
            data,
            "--max-drop",
            "0.01",
            "-o",
            folder.resolve("ruined.onnx"));
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.GATE_MISSED);
    assertThat(cli.err()).contains("max-drop missed", "bound 0.01");
  }

  @Test
  void diffIsZeroBetweenEquals() {
    Cli same = Cli.run("diff", model, model, "--data", data, "--json");
    assertThat(same.code()).as("%s", same).isZero();
    JsonNode outputs = same.json().get("outputs");
    assertThat(outputs.get("samples").asInt()).isEqualTo(150);
    assertThat(outputs.get("top1_agreement").asDouble()).isEqualTo(1);
    assertThat(outputs.get("max_abs_difference").asDouble()).isZero();
    assertThat(outputs.get("cosine").asDouble())
        .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-6));
    assertThat(same.json().get("tensors").get(0).get("sqnr_db").isNull()).isTrue();
  }

  @Test
  void diffTellsWhatPruningDid() {
    Path pruned = folder.resolve("pruned.onnx");
    assertThat(Cli.run("prune", model, "--sparsity", "0.5", "-o", pruned).code()).isZero();
    Cli cli = Cli.run("diff", model, pruned, "--random-data", 20, "--json");
    assertThat(cli.code()).as("%s", cli).isZero();
    JsonNode weight = cli.json().get("tensors").get(0);
    // Half the weights are gone, and the smaller half: more signal than noise is left.
    assertThat(weight.get("sqnr_db").asDouble()).isBetween(3.0, 30.0);
    assertThat(cli.json().get("outputs").get("data").asString()).isEqualTo("random");
    assertThat(cli.json().get("outputs").get("max_abs_difference").asDouble()).isPositive();
  }

  /** ONNX Runtime looks through the command line, at the cost of stack for each letter of it. */
  @Test
  void aLongCommandLineDoesNotEndTheProcess() throws Exception {
    List<String> command = Java.command();
    command.add(1, "-Dfiller=" + "x".repeat(60_000));
    command.addAll(List.of("eval", model.toString(), "--data", data.toString(), "--json"));
    Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(run.waitFor()).as(out).isZero();
    assertThat(out).contains("\"samples\"");
  }
}
