package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The examples for continuous integration do what they say, with a small model in place. */
class CiSamplesTest {
  private static final Path SAMPLES = Java.root().resolve("samples").resolve("ci");

  @TempDir Path folder;
  private Path launcher;

  @BeforeEach
  void makeRepository() throws Exception {
    Samples.model(folder.resolve("model.onnx"), 1);
    Samples.data(folder.resolve("data"), 60, 90);
    Files.writeString(
        folder.resolve("recipe.yaml"),
        """
        model: model.onnx
        data: data
        stages:
          - {stage: prune, sparsity: 0.3}
          - {stage: encode}
        """);
    launcher = folder.resolve("launcher");
    Files.writeString(
        launcher, "#!/bin/sh\nexec '" + String.join("' '", Java.command()) + "' \"$@\"\n");
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
  }

  private int run(String command, Map<String, String> environment) throws Exception {
    File log = folder.resolve("log").toFile();
    ProcessBuilder shell =
        new ProcessBuilder("sh", "-e", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log);
    shell.environment().putAll(environment);
    shell.environment().put("COMPRESS", launcher.toString());
    return shell.start().waitFor();
  }

  private String log() throws Exception {
    return Files.readString(folder.resolve("log"));
  }

  @Test
  void theShellScriptPassesAndFails() throws Exception {
    String script = "sh '" + SAMPLES.resolve("compress.sh") + "'";
    Map<String, String> easy = Map.of("MIN_RATIO", "1", "MAX_DROP", "1", "BASELINE", "");
    assertThat(run(script, easy)).as(log()).isZero();
    Path report = folder.resolve("build/model.report.json");
    assertThat(report).exists();
    Path good = folder.resolve("good.json");
    Files.copy(report, good);
    Map<String, String> compared =
        Map.of("MIN_RATIO", "1", "MAX_DROP", "1", "BASELINE", good.toString());
    assertThat(run(script, compared)).as(log()).isZero();
    assertThat(log()).contains("same model, data, options, versions and machine");
    Map<String, String> hard = Map.of("MIN_RATIO", "500", "MAX_DROP", "1");
    assertThat(run(script, hard)).as(log()).isEqualTo(Exit.GATE_MISSED);
    assertThat(log()).contains("min-ratio missed", "bound 500");
    Files.writeString(folder.resolve("recipe.yaml"), "model: model.onnx\nstage: 1\n");
    assertThat(run(script, easy)).as(log()).isEqualTo(Exit.USAGE);
  }

  /** The steps that need no service of GitHub's. */
  @Test
  void theWorkflowsCommandsRun() throws Exception {
    JsonNode workflow =
        YAMLMapper.shared().readTree(Files.readString(SAMPLES.resolve("github-workflow.yml")));
    assertThat(workflow.has("jobs")).isTrue();
    Files.createDirectories(folder.resolve("ci"));
    Files.copy(SAMPLES.resolve("compress.sh"), folder.resolve("ci/compress.sh"));
    Path summary = folder.resolve("summary.md");
    List<String> commands = new ArrayList<>();
    for (JsonNode step : workflow.at("/jobs/compress/steps")) {
      assertThat(step.has("uses") || step.has("run")).as("%s", step).isTrue();
      if (step.has("run")) {
        commands.add(step.get("run").asString());
      }
    }
    assertThat(commands).hasSize(3);
    for (String command : commands) {
      int code =
          run(
              command,
              Map.of(
                  "MIN_RATIO",
                  "1",
                  "MAX_DROP",
                  "1",
                  "RECIPE",
                  "recipe.yaml",
                  "GITHUB_STEP_SUMMARY",
                  summary.toString()));
      assertThat(code).as("%s\n%s", command, log()).isZero();
    }
    assertThat(Files.readString(summary)).contains("### model.onnx", "| unstructured |");
    assertThat(folder.resolve("build/compared/report.html")).exists();
    assertThat(folder.resolve("baseline/model.report.json")).exists();
  }
}
