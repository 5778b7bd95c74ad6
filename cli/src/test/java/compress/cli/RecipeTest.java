package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import compress.cli.recipe.Recipe;
import compress.cli.recipe.RecipeReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RecipeTest {
  private static final List<String> GOOD =
      List.of(
          "model: small.onnx", // 1
          "seed: 7",
          "output: small.cmpr",
          "stages:",
          "  - stage: prune", // 5
          "    sparsity: 0.5",
          "    layer: {'fc2*': 0.25}",
          "  - stage: quantize",
          "    bits: 3",
          "    init: linear", // 10
          "  - stage: encode",
          "    coder: huffman",
          "gates:",
          "  min-ratio: 1",
          "paper:", // 15
          "  - {layer: fc1.weight, weights: 192, kept: 50 %, weight_bits: 3}");

  @TempDir Path folder;
  private Path recipe;

  @BeforeEach
  void makeModel() throws Exception {
    Samples.model(folder.resolve("small.onnx"), 1);
    recipe = folder.resolve("recipe.yaml");
    Files.write(recipe, GOOD);
  }

  @Test
  void runs() throws Exception {
    Cli cli = Cli.run("run", recipe);
    assertThat(cli.code()).as("%s", cli).isZero();
    assertThat(cli.out())
        .contains("prune        228 → 123 weights in 2 tensors")
        .contains("quantize     3 bits a weight in 2 tensors")
        .contains("read back: identical")
        .contains("in the paper", "50 %")
        .contains("small.report.json");
    assertThat(folder.resolve("small.cmpr.work")).doesNotExist();
    JsonNode report =
        JsonMapper.shared().readTree(Files.readString(folder.resolve("small.report.json")));
    assertThat(report.propertyNames())
        .contains(
            "input",
            "output",
            "ratio",
            "parameters",
            "nonzero",
            "changed",
            "skipped",
            "seed",
            "seconds",
            "stages",
            "ledger");
    assertThat(report.get("output").get("bytes").asLong())
        .isEqualTo(Files.size(folder.resolve("small.cmpr")));
    long inLedger = 0;
    for (JsonNode row : report.get("ledger")) {
      inLedger += row.get("bytes").asLong();
    }
    assertThat(inLedger).isEqualTo(Files.size(folder.resolve("small.cmpr")));
  }

  @Test
  void theResolvedRecipeGivesTheSameBytes() throws Exception {
    assertThat(Cli.run("run", recipe).code()).isZero();
    Path again = folder.resolve("again.cmpr");
    Cli cli = Cli.run("run", folder.resolve("small.recipe.yaml"), "-o", again);
    assertThat(cli.code()).as("%s", cli).isZero();
    assertThat(again).hasSameBinaryContentAs(folder.resolve("small.cmpr"));
  }

  @Test
  void aCommandSavesItsRecipe() throws Exception {
    Path saved = folder.resolve("saved.yaml");
    Path first = folder.resolve("first.onnx");
    Path second = folder.resolve("second.onnx");
    Path model = folder.resolve("small.onnx");
    Cli cli =
        Cli.run(
            "prune",
            model,
            "--sparsity",
            "0.5",
            "--layer",
            "fc2*=0.25",
            "--seed",
            3,
            "--allocation",
            "global",
            "-o",
            first,
            "--save-recipe",
            saved);
    assertThat(cli.code()).as("%s", cli).isZero();
    Cli again = Cli.run("run", saved, "-o", second);
    assertThat(again.code()).as("%s", again).isZero();
    assertThat(second).hasSameBinaryContentAs(first);
  }

  @Test
  void settingsGoBeforeTheRecipe() throws Exception {
    Recipe read =
        RecipeReader.read(
            recipe,
            List.of("seed=9", "prune.sparsity=0.75", "prune.layer={fc1*: 0.1}", "data.scale=1/2"));
    assertThat(read.run().seed()).isEqualTo(9);
    assertThat(read.toYaml(folder)).contains("sparsity: 0.75", "fc1*: 0.1").doesNotContain("fc2*");
    Cli cli = Cli.run("run", recipe, "-S", "distill.x=1");
    assertThat(cli.code()).isEqualTo(Exit.USAGE);
    assertThat(cli.err()).contains("-S distill.x=1: no stage of the recipe is called 'distill'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "1 | modle: small.onnx | unknown key 'modle'; did you mean 'model'?",
        "2 | seed: seven | 'seed': 'seven' is not a long",
        "2 | seed: 1 seed: 2 | not YAML",
        "3 | seed: 8 | 'seed' a second time",
        "5 | \"  - stage: prnue\" | no stage is called 'prnue'; did you mean 'prune'?",
        "6 | \"    sparsty: 0.5\" | unknown key 'sparsty' in 'prune'; did you mean 'sparsity'?",
        "6 | \"    sparsity: much\" | 'sparsity' in 'prune': 'much' is not a number",
        "6 | \"    sparsity:\" | 'sparsity' in 'prune' has no value",
        "6 | \"    sparsity: [0.5]\" | 'sparsity' in 'prune' takes one value, not a list",
        "6 | \"    sparsity: *x\" | aliases",
        "7 | \"    layer: 0.25\" | layer",
        "9 | \"    bits: 3.5\" | 'bits' in 'quantize': '3.5' is not an int",
        "12 | \"    coder: zip\" | zip",
        "14 | \"  min_ration: 1\" | unknown key 'min_ration' in 'gates'; did you mean 'min-ratio'?",
        "16 | \"  - {layers: x}\" | unknown key 'layers' in 'paper'; did you mean 'layer'?",
      })
  void complainsWithTheLine(int line, String wrong, String message) throws Exception {
    List<String> lines = new ArrayList<>(GOOD);
    lines.set(line - 1, wrong);
    Files.write(recipe, lines);
    Cli cli = Cli.run("run", recipe);
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.USAGE);
    assertThat(cli.err()).contains(recipe + ":" + line + ": ").contains(message.strip());
    assertThat(folder.resolve("small.cmpr")).doesNotExist();
  }

  @Test
  void complainsBeforeAnythingSlow() throws Exception {
    List<String> lines = new ArrayList<>(GOOD);
    lines.set(5, "    sparsity: 2");
    lines.set(9, "    target: fc9.weight");
    Files.write(recipe, lines);
    Cli cli = Cli.run("run", recipe);
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.USAGE);
    assertThat(cli.err()).contains("sparsity must be from 0 to 1, not 2");
    assertThat(folder.resolve("small.cmpr.work")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "\"\"                        | nothing in it",
        "just words                  | a recipe is a mapping",
        "[1, 2]                      | a recipe is a mapping, not a list",
        "model: [unclosed          | not YAML",
        "stages: []                | either 'model', a file, or 'network'",
        "model: small.onnx         | 'stages' is missing",
        "{model: m, stages: prune} | 'stages' is a list, not 'prune'",
        "{model: m, stages: [3]}   | an item of 'stages' is a mapping, not '3'",
      })
  void complainsAboutWhatIsNoRecipe(String text, String message) throws Exception {
    Files.writeString(recipe, text);
    Cli cli = Cli.run("run", recipe);
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.USAGE);
    assertThat(cli.err()).contains(message);
  }
}
