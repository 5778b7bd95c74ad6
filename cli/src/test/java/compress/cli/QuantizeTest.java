package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code compress quantize}, from the command line to the container and back. */
class QuantizeTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "--scheme product --bits 3 --sub-vector 4,vectors",
    "--scheme hashed --bits 8,hashed",
    "--scheme kmeans --bits 2 --outliers 5%,'codebook, outliers'",
    "--scheme linear --bits 4 --outliers 0.05 --granularity tensor,'affine, outliers'"
  })
  void everyWayOfStoringIsEncodedAndDecodedToTheSameBytes(String options, String kind)
      throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Path data = Samples.data(folder.resolve("data"), 90, 30);
    Path small = folder.resolve("out.onnx");
    Cli cli = run(("quantize " + model + " " + options + " --target fc1.weight").split(" "), small);
    assertThat(cli.code()).as(cli.toString()).isZero();
    JsonNode tensors = Cli.run("inspect", small, "--json").json().get("tensors");
    assertThat(tensors.get(0).get("values").asString()).isEqualTo(kind);
    Path packed = folder.resolve("out.cmpr");
    Path back = folder.resolve("back.onnx");
    assertThat(Cli.run("encode", small, "-o", packed).code()).isZero();
    assertThat(Cli.run("decode", packed, "-o", back).code()).isZero();
    assertThat(back).hasSameBinaryContentAs(small);
    Cli eval = Cli.run("eval", small, "--data", data, "--json");
    assertThat(eval.json().get("samples").asInt()).isEqualTo(30);
    // Another step goes on from there: pruned weights are plain floats then.
    Path pruned = folder.resolve("pruned.onnx");
    assertThat(Cli.run("prune", small, "--sparsity", "0.5", "-o", pruned).code()).isZero();
    assertThat(Files.size(pruned)).isPositive();
  }

  private static Cli run(String[] words, Path output) {
    Object[] all = new Object[words.length + 2];
    System.arraycopy(words, 0, all, 0, words.length);
    all[words.length] = "-o";
    all[words.length + 1] = output;
    return Cli.run(all);
  }

  @Test
  void integersSayHowFastTheyAre() throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Path data = Samples.data(folder.resolve("data"), 90, 30);
    Path out = folder.resolve("int8.onnx");
    Object[] command = {
      "quantize", model, "--scheme", "linear", "--activations", 8, "--data", data, "-o", out
    };
    Cli cli = Cli.run(command);
    assertThat(cli.out()).containsPattern("speed +\\S+ → \\S+ ms for a sample in ONNX Runtime");
    assertThat(cli.out()).contains("times as fast");
    Object[] again = java.util.Arrays.copyOf(command, command.length + 2);
    again[command.length] = "--force";
    again[command.length + 1] = "--json";
    JsonNode speed = Cli.run(again).json().get("speed");
    double before = speed.get("before_ms").asDouble();
    double after = speed.get("after_ms").asDouble();
    assertThat(before).isPositive();
    assertThat(speed.get("speedup").asDouble()).isEqualTo(before / after);
    assertThat(speed.get("runs").asInt()).isGreaterThanOrEqualTo(5);
  }

  @Test
  void layersThatWentBackAreNamed() throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Path data = Samples.data(folder.resolve("data"), 90, 30);
    Path trained = folder.resolve("trained.onnx");
    assertThat(Cli.run("train", model, "--data", data, "--epochs", 8, "-o", trained).code())
        .isZero();
    Path out = folder.resolve("out.onnx");
    Cli cli =
        Cli.run(
            "quantize",
            trained,
            "--scheme",
            "hashed",
            "--bits",
            1,
            "--revert-for-drop",
            0,
            "--data",
            data,
            "-o",
            out);
    assertThat(cli.code()).as(cli.toString()).isZero();
    assertThat(cli.out()).contains("put back fc1.weight");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --scheme linear --bits 0|takes 2 to 8 bits, not 0
          --scheme linear --granularity group:5|not divisible by group 5
          --scheme product --sub-vector 5|which runs of 5 do not fill; use sub-vector 2, 4, 8, 16
          --scheme product --sub-vector 1|2 to 64 weights
          --scheme kmeans --outliers 0.7|from 0 to 0.5
          --scheme linear --smooth 0.5|--calibration-data
          --scheme linear --smooth 1.5|from 0 to 1
          --scheme linear --importance --calibration-data CALIBRATION|importance needs 'kmeans'
          --scheme linear --activations 8 --calibration-data CALIBRATION|image
          --scheme linear --revert-for-drop 0.01|labels to validate on
          """)
  void badSchemesAreRefusedBeforeAnythingIsWritten(String options, String message)
      throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Path calibration = Files.writeString(folder.resolve("c.jsonl"), "{\"image\": [1, 2, 3]}\n");
    Path out = folder.resolve("out.onnx");
    String words = options.replace("CALIBRATION", calibration.toString());
    Cli cli = run(("quantize " + model + " " + words).split(" "), out);
    assertThat(cli.code()).as(cli.toString()).isEqualTo(2);
    assertThat(cli.err()).contains(message);
    assertThat(out).doesNotExist();
  }
}
