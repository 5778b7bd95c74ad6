package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is killed again and again ends with the bytes of one that is left alone. */
class ResumeTest {
  private static final int KILLS = 4;

  @TempDir Path folder;

  @Test
  void killedRunsEndWithTheSameBytes() throws Exception {
    Samples.model(folder.resolve("small.onnx"), 1);
    Samples.data(folder.resolve("data"), 360, 90);
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        model: small.onnx
        data: data
        seed: 5
        threads: 1
        stages:
          - {stage: train, epochs: 25, batch: 8}
          - {stage: prune, sparsity: 0.6, schedule: gradual, steps: 10, finetune: 25, batch: 8}
          - {stage: quantize, bits: 2, finetune: 25, batch: 8}
          - {stage: encode}
        """);
    Path undisturbed = folder.resolve("a").resolve("small.cmpr");
    Path disturbed = folder.resolve("b").resolve("small.cmpr");
    assertThat(start(recipe, undisturbed).waitFor()).as(this::log).isZero();

    long seed = 20161;
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> moments = new ArrayList<>();
    for (int kill = 0; kill < KILLS; kill++) {
      int moment = 400 + random.nextInt(2500);
      moments.add(moment);
      Process run = start(recipe, disturbed);
      if (run.waitFor(moment, TimeUnit.MILLISECONDS)) {
        break;
      }
      run.destroyForcibly().waitFor();
    }
    if (!Files.exists(disturbed)) {
      assertThat(start(recipe, disturbed).waitFor()).as(this::log).isZero();
    }
    assertThat(disturbed).as("killed after %s ms", moments).hasSameBinaryContentAs(undisturbed);
    assertThat(folder.resolve("b").resolve("small.cmpr.work")).doesNotExist();
  }

  private Process start(Path recipe, Path out) throws Exception {
    List<String> command = Java.command();
    command.addAll(List.of("run", recipe.toString(), "-o", out.toString()));
    File log = folder.resolve("log").toFile();
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }
}
