package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import compress.model.Model;
import compress.model.ModelFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CompareTest {
  @TempDir Path folder;

  private Path model() throws Exception {
    return Samples.model(folder.resolve("small.onnx"), 1);
  }

  private Path data() throws Exception {
    return Samples.data(folder.resolve("data"), 120, 90);
  }

  private static List<Object> arguments(Path model, Path data, Path out, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("compare", model, "--data", data, "-o", out));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static Cli run(List<Object> arguments) {
    return Cli.run(arguments.toArray());
  }

  private static Map<Path, FileTime> results(Path out) throws Exception {
    Map<Path, FileTime> times = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(out.resolve("trials"))) {
      for (Path f : files.filter(p -> p.endsWith("result.json")).sorted().toList()) {
        times.put(f, Files.getLastModifiedTime(f));
      }
    }
    return times;
  }

  @Test
  void numbersAreThoseOfSingleCommands() throws Exception {
    Path out = folder.resolve("compared");
    List<Object> arguments =
        arguments(
            model(),
            data(),
            out,
            "--patterns",
            "unstructured,2:4,neuron",
            "--sparsity",
            "0.5",
            "--bits",
            "32,4",
            "--finetune",
            "1",
            "--batch",
            "8",
            "--seeds",
            "2",
            "--json");
    Cli cli = run(arguments);
    assertThat(cli.code()).as("%s", cli).isZero();
    JsonNode report = cli.json();
    assertThat(report.get("trials")).hasSize(12);
    assertThat(report.get("failures")).isEmpty();
    assertThat(report.get("configurations")).hasSize(6);
    // Three pairs of patterns, floats and 4 bits.
    assertThat(report.get("tests")).hasSize(6);
    assertThat(JsonMapper.shared().readTree(Files.readString(out.resolve("report.json"))))
        .isEqualTo(report);

    JsonNode trial = report.get("trials").get(3);
    Path recipe = out.resolve(trial.get("folder").asString()).resolve("recipe.yaml");
    Path byHand = folder.resolve("by-hand.cmpr");
    Cli single = Cli.run("run", recipe, "-o", byHand, "--json");
    assertThat(single.code()).as("%s", single).isZero();
    assertThat(single.json().at("/output/sha256")).isEqualTo(trial.get("sha256"));
    assertThat(single.json().at("/output/bytes")).isEqualTo(trial.get("bytes"));
    assertThat(single.json().get("ratio").asDouble())
        .isCloseTo(trial.get("ratio").asDouble(), within(1e-12));
    Cli eval = Cli.run("eval", byHand, "--data", folder.resolve("data"), "--json");
    assertThat(eval.json().get("value").asDouble())
        .isCloseTo(trial.at("/test/accuracy").asDouble(), within(1e-12));
    Cli original =
        Cli.run("eval", folder.resolve("small.onnx"), "--data", folder.resolve("data"), "--json");
    assertThat(original.json().get("value").asDouble())
        .isCloseTo(report.at("/original/test/accuracy").asDouble(), within(1e-12));
    Cli diff =
        Cli.run(
            "diff",
            folder.resolve("small.onnx"),
            byHand,
            "--data",
            folder.resolve("data"),
            "--json");
    assertThat(diff.json().at("/outputs/kl_divergence").asDouble())
        .isCloseTo(trial.at("/test/kl").asDouble(), within(1e-9));

    // Nothing is left of what trials shared on the way.
    assertThat(out.resolve("work")).doesNotExist();
    Map<Path, FileTime> before = results(out);
    assertThat(before).hasSize(13);
    Cli again = run(arguments);
    assertThat(again.out()).isEqualTo(cli.out());
    assertThat(results(out)).isEqualTo(before);

    // A wider sweep runs what is new alone.
    List<Object> wider = new ArrayList<>(arguments);
    wider.set(wider.indexOf("0.5"), "0.5,0.75");
    wider.add("--no-latency");
    Cli wide = run(wider);
    assertThat(wide.code()).as("%s", wide).isZero();
    assertThat(wide.json().get("trials")).hasSize(20);
    assertThat(results(out)).hasSize(21).containsAllEntriesOf(before);
  }

  @Test
  void aRecommendationIsARecipeThatRuns() throws Exception {
    Path out = folder.resolve("compared");
    Cli cli =
        run(
            arguments(
                model(),
                data(),
                out,
                "--patterns",
                "unstructured",
                "--sparsity",
                "0.3,0.8",
                "--max-drop",
                "1",
                "--no-latency",
                "--json"));
    assertThat(cli.code()).as("%s", cli).isZero();
    JsonNode smallest = cli.json().get("recommendations").get(0);
    assertThat(smallest.get("goal").asString()).isEqualTo("smallest");
    assertThat(smallest.get("configuration").asString()).isEqualTo("unstructured 0.8");
    assertThat(cli.json().get("recommendations").get(1).get("reason").asString())
        .isEqualTo("nothing was timed");
    Path made = out.resolve(smallest.get("model").asString());
    Path again = folder.resolve("again.cmpr");
    Cli run = Cli.run("run", out.resolve(smallest.get("recipe").asString()), "-o", again);
    assertThat(run.code()).as("%s", run).isZero();
    assertThat(again).hasSameBinaryContentAs(made);
  }

  @Test
  void oneFailedTrialDoesNotLoseTheRest() throws Exception {
    Path out = folder.resolve("compared");
    // There are no heads of attention in this network.
    List<Object> arguments =
        arguments(
            model(),
            data(),
            out,
            "--patterns",
            "unstructured,head",
            "--sparsity",
            "0.5",
            "--no-latency");
    Cli cli = run(arguments);
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.FAILED);
    assertThat(cli.err()).contains("head 0.5 seed 1 failed: ");
    assertThat(cli.out()).contains("failed: head 0.5 seed 1", "unstructured").contains("1 failed");
    assertThat(results(out)).hasSize(2);
    try (Stream<Path> files = Files.walk(out)) {
      assertThat(files.filter(f -> f.endsWith("failure.txt"))).hasSize(1);
    }
    assertThat(Cli.run("report", out).code()).isZero();
    assertThat(Files.readString(out.resolve("report.html"))).contains("1 trial failed");
  }

  @Test
  void withoutLabelsAnswersAreCompared() throws Exception {
    Path out = folder.resolve("compared");
    Cli cli =
        Cli.run(
            "compare",
            model(),
            "--random-data",
            12,
            "--patterns",
            "unstructured,block:2x1",
            "--sparsity",
            "0.5",
            "--no-latency",
            "-o",
            out,
            "--json");
    assertThat(cli.code()).as("%s", cli).isZero();
    assertThat(cli.json().get("metric").asString()).isEqualTo("cosine");
    JsonNode trial = cli.json().get("trials").get(0);
    assertThat(trial.at("/test/accuracy").isNull()).isTrue();
    assertThat(trial.at("/test/cosine").asDouble()).isBetween(0.3, 0.999999);
    assertThat(trial.at("/test/kl").asDouble()).isPositive();
    assertThat(cli.json().at("/original/test/cosine").asDouble()).isCloseTo(1, within(1e-9));
  }

  @Test
  void killedComparisonsEndAlike() throws Exception {
    model();
    data();
    Path undisturbed = folder.resolve("a");
    Path disturbed = folder.resolve("b");
    assertThat(start(undisturbed).waitFor()).as(this::log).isZero();
    long seed = 20168;
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> moments = new ArrayList<>();
    for (int kill = 0; kill < 2; kill++) {
      int moment = 1500 + random.nextInt(3000);
      moments.add(moment);
      Process run = start(disturbed);
      if (run.waitFor(moment, TimeUnit.MILLISECONDS)) {
        break;
      }
      run.destroyForcibly().waitFor();
    }
    assertThat(start(disturbed).waitFor()).as(this::log).isZero();
    assertThat(stable(disturbed)).as("killed after %s ms", moments).isEqualTo(stable(undisturbed));
  }

  private Process start(Path out) throws Exception {
    List<String> command = Java.command();
    command.addAll(
        List.of(
            "compare",
            folder.resolve("small.onnx").toString(),
            "--data",
            folder.resolve("data").toString(),
            "--patterns",
            "unstructured,2:4",
            "--sparsity",
            "0.5",
            "--bits",
            "32,3",
            "--finetune",
            "3",
            "--seeds",
            "2",
            "--no-latency",
            "-o",
            out.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }

  /** The table of a report: all but how long it took and how much memory. */
  private static List<String> stable(Path out) throws Exception {
    JsonNode report = JsonMapper.shared().readTree(Files.readString(out.resolve("report.json")));
    List<String> lines = new ArrayList<>();
    report.get("configurations").forEach(c -> lines.add(c.toString()));
    report.get("tests").forEach(t -> lines.add(t.toString()));
    report.get("trials").forEach(t -> lines.add(t.get("sha256").asString() + t.get("test")));
    report.get("recommendations").forEach(r -> lines.add(r.toString()));
    return lines;
  }

  @Test
  void mistakesAreToldBeforeAnythingSlow() throws Exception {
    Path out = folder.resolve("compared");
    Path model = model();
    Path data = data();
    assertUsage(Cli.run("compare", model, "-o", out), "--data is missing", "--random-data");
    assertUsage(Cli.run("compare", model, "--data", data), "--output DIR");
    assertUsage(
        run(arguments(model, data, out, "--patterns", "unstrctured")),
        "did you mean 'unstructured'");
    assertUsage(run(arguments(model, data, out, "--sparsity", "1.5")), "--sparsity 1.5");
    assertUsage(run(arguments(model, data, out, "--values", "huffman")), "codebook or linear");
    assertUsage(
        run(arguments(model, data, out, "-S", "quantize.granularity=tensor")),
        "no trial has a stage 'quantize'");
    assertUsage(
        run(arguments(model, data, out, "-S", "prune.sparsty=1")), "did you mean 'sparsity'");
    assertUsage(
        run(arguments(model, data, out, "--bits", "9", "--values", "linear")),
        "2 to 8 bits, not 9");
    assertUsage(run(arguments(model, data, out, "--patterns", "head")), "no trial can be run");
    assertUsage(run(arguments(model, data, out, "--seeds", "0")), "--seeds 0");
    assertUsage(run(arguments(model, data, data)), "holds something else");
    Path weights = folder.resolve("bare.safetensors");
    Model whole = ModelFiles.read(model);
    ModelFiles.write(
        new Model(Optional.empty(), whole.params(), Map.of(), Map.of(), new byte[0]), weights);
    assertUsage(run(arguments(weights, data, out)), "has no graph");
  }

  private static void assertUsage(Cli cli, String... words) {
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.USAGE);
    assertThat(cli.err()).contains(words).doesNotContain("\tat ");
    assertThat(cli.out()).isEmpty();
  }
}
