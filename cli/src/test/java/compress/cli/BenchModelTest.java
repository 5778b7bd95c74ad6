package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** That a network is timed in all ways and its figures fit together; never how fast it is. */
class BenchModelTest {
  @TempDir private Path folder;

  private static Cli bench(Object... options) {
    List<Object> args = new ArrayList<>(List.of("bench", "model"));
    args.addAll(List.of(options));
    args.addAll(List.of("--samples", 3, "--min-time", 0, "--warm-up", 0));
    return Cli.run(args.toArray());
  }

  private Path dense() throws IOException {
    Path file = folder.resolve("small.onnx");
    return Files.exists(file) ? file : Samples.model(file, 1);
  }

  private Path pruned() throws IOException {
    Path pruned = folder.resolve("pruned.onnx");
    if (Files.exists(pruned)) {
      return pruned;
    }
    Cli cli = Cli.run("prune", dense(), "--pattern", "block:4x1", "--sparsity", 0.5, "-o", pruned);
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    return pruned;
  }

  @Test
  void jsonHasTheKeysThatToolsRead() throws IOException {
    Cli cli = bench(pruned(), "--against", dense(), "--batch", "1,3", "--threads", 2, "--json");
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    JsonNode document = cli.json();
    assertThat(document.get("runs").size()).isEqualTo(2);
    assertThat(document.get("layers").size()).isEqualTo(2);
    for (JsonNode run : document.get("runs")) {
      for (JsonNode layer : run.get("layers")) {
        assertThat(layer.propertyNames())
            .contains(
                "name", "op", "m", "n", "k", "sparsity", "kernel", "dense_ms", "ms", "speedup");
        assertThat(layer.get("sparsity").asDouble()).isBetween(0.3, 0.6);
        assertThat(layer.get("n").asInt()).isEqualTo(run.get("batch").asInt());
      }
      JsonNode ends = run.get("end_to_end");
      for (String key :
          List.of(
              "dense_ms", "ms", "onnxruntime_ms", "onnxruntime_compressed_ms", "weight_bytes")) {
        assertThat(ends.get(key).asDouble()).as(key).isPositive();
      }
      assertThat(ends.get("speedup").asDouble())
          .isEqualTo(ends.get("dense_ms").asDouble() / ends.get("ms").asDouble());
      assertThat(ends.get("predicted_speedup").asDouble()).isPositive();
      assertThat(ends.get("layer_share").asDouble()).isBetween(0.1, 1.0);
    }
  }

  @Test
  void tableAndPictureShowEachLayer() throws IOException {
    Path picture = folder.resolve("bars.svg");
    Cli cli = bench(pruned(), "--plot", picture);
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    assertThat(cli.out())
        .contains("1 sample at a time, 1 thread", "the whole network")
        .contains("predicted from its layers", "as fast as ONNX Runtime");
    assertThat(Files.readString(picture)).contains("<svg", "Where the time goes");
    Cli again = bench(pruned(), "--plot", picture);
    assertThat(again.code()).isEqualTo(Exit.USAGE);
  }

  @Test
  void rivalAloneHasNoLayers() throws IOException {
    Cli cli = bench(dense(), "--engine", "onnxruntime", "--json");
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    assertThat(cli.json().get("layers").size()).isZero();
    assertThat(cli.json().get("end_to_end").get("onnxruntime_ms").asDouble()).isPositive();
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    Path damaged = folder.resolve("damaged.onnx");
    byte[] bytes = Files.readAllBytes(dense());
    Files.write(damaged, java.util.Arrays.copyOf(bytes, 300));
    Cli cli = bench(damaged);
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.BAD_INPUT);
    assertThat(cli.err()).contains("damaged.onnx");
    Cli batches = bench(dense(), "--batch", "0");
    assertThat(batches.code()).isEqualTo(Exit.USAGE);
  }
}
