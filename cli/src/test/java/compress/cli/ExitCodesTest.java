package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong ends with the right number, a line that says what would do, and no file. */
class ExitCodesTest {
  @TempDir Path folder;
  private Path model;
  private Path out;

  @BeforeEach
  void makeModel() throws Exception {
    model = Samples.model(folder.resolve("small.onnx"), 1);
    out = folder.resolve("out.onnx");
  }

  private void assertFails(Cli cli, int code, String... words) throws Exception {
    assertThat(cli.code()).as("%s", cli).isEqualTo(code);
    assertThat(cli.err()).contains(words).doesNotContain("\tat ", "Exception");
    assertThat(cli.out()).isEmpty();
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .noneMatch(f -> f.startsWith("out.") || f.endsWith(".tmp"));
    }
  }

  @Test
  void nothingToDo() throws Exception {
    assertFails(Cli.run(), Exit.USAGE, "a command is missing", "--help");
  }

  @Test
  void unknownNames() throws Exception {
    assertFails(Cli.run("prnue"), Exit.USAGE, "unknown command 'prnue'; did you mean 'prune'?");
    assertFails(
        Cli.run("prune", model, "--sparsty", "0.9"),
        Exit.USAGE,
        "unknown option '--sparsty'; did you mean '--sparsity'?");
    assertFails(Cli.run("quantize", model, "--scheme", "kmean", "-o", out), Exit.USAGE, "'kmeans'");
    assertFails(
        Cli.run("prune", model, "--sparsity", "0.5", "--target", "fc1.wieght", "-o", out),
        Exit.USAGE,
        "did you mean 'fc1.weight'?");
    assertFails(
        Cli.run("train", "--network", "lenet-300", "-o", out),
        Exit.USAGE,
        "no network is called 'lenet-300'");
  }

  @Test
  void valuesOutOfRange() throws Exception {
    assertFails(Cli.run("prune", model, "--sparsity", "much", "-o", out), Exit.USAGE, "'much'");
    assertFails(Cli.run("prune", model, "--sparsity", "1.5", "-o", out), Exit.USAGE, "1.5");
    assertFails(Cli.run("quantize", model, "--bits", "40", "-o", out), Exit.USAGE, "40");
    assertFails(
        Cli.run("quantize", model, "--scheme", "linear", "--bits", "0", "-o", out),
        Exit.USAGE,
        "2 to 8 bits, not 0");
    assertFails(
        Cli.run("quantize", model, "--scheme", "linear", "--activations", "8", "-o", out),
        Exit.USAGE,
        "give --data");
    assertFails(
        Cli.run("quantize", model, "--scheme", "linear", "--activations", "seven", "-o", out),
        Exit.USAGE,
        "4, 8, 16, dynamic");
    assertFails(
        Cli.run("quantize", model, "--bits", "4", "--mean-bits", "3", "-o", out),
        Exit.USAGE,
        "exclude each other");
    assertFails(Cli.run("prune", model, "-o", out), Exit.USAGE, "how much to prune is missing");
    assertFails(Cli.run("prune", model, "--sparsity", "0.5"), Exit.USAGE, "--output");
    assertFails(
        Cli.run("prune", model, "--sparsity", "0.5", "-o", folder.resolve("out.cmpr")),
        Exit.USAGE,
        ".cmpr");
  }

  @Test
  void missingFiles() throws Exception {
    Path nowhere = folder.resolve("nowhere");
    for (Object[] args :
        new Object[][] {
          {"inspect", nowhere},
          {"encode", nowhere, "-o", folder.resolve("out.cmpr")},
          {"decode", nowhere, "-o", out},
          {"prune", nowhere, "--sparsity", "0.5", "-o", out},
          {"diff", model, nowhere},
          {"run", nowhere}
        }) {
      assertFails(Cli.run(args), Exit.USAGE, nowhere + ": no such file or folder");
    }
    assertFails(
        Cli.run("eval", model, "--data", nowhere),
        Exit.USAGE,
        nowhere + ": no such file or folder");
    assertFails(Cli.run("eval", model), Exit.USAGE, "--data is missing");
    assertFails(
        Cli.run("prune", model, "--sparsity", "0.5", "--finetune", 1, "-o", out),
        Exit.USAGE,
        "needs data");
  }

  @Test
  void existingOutput() throws Exception {
    Path there = folder.resolve("there.onnx");
    Files.writeString(there, "precious");
    Cli refused = Cli.run("prune", model, "--sparsity", "0.5", "-o", there);
    assertFails(refused, Exit.USAGE, "exists already", "--force");
    assertThat(there).hasContent("precious");
    assertThat(Cli.run("prune", model, "--sparsity", "0.5", "-o", there, "--force").code())
        .isEqualTo(Exit.DONE);
    assertThat(Cli.run("inspect", there).code()).isEqualTo(Exit.DONE);
  }

  @Test
  void damagedInput() throws Exception {
    byte[] bytes = Files.readAllBytes(model);
    Path damaged = folder.resolve("damaged.onnx");
    Files.write(damaged, Arrays.copyOf(bytes, bytes.length / 2));
    assertFails(Cli.run("inspect", damaged), Exit.BAD_INPUT, damaged.toString());
    assertFails(
        Cli.run("prune", damaged, "--sparsity", "0.5", "-o", out),
        Exit.BAD_INPUT,
        damaged.toString());
    Files.writeString(damaged, "this is no model");
    assertFails(
        Cli.run("encode", damaged, "-o", folder.resolve("out.cmpr")),
        Exit.BAD_INPUT,
        "damaged.onnx");
    assertFails(Cli.run("decode", damaged, "-o", out), Exit.BAD_INPUT, "CMPR");
    assertFails(Cli.run("inspect", folder), Exit.BAD_INPUT, "is a folder");
  }

  @Test
  void everyCutOfAContainer() throws Exception {
    Path whole = folder.resolve("whole.cmpr");
    assertThat(Cli.run("encode", model, "-o", whole).code()).isZero();
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = folder.resolve("cut.cmpr");
    for (int length = 0; length < bytes.length; length += 1 + length / 16) {
      Files.write(cut, Arrays.copyOf(bytes, length));
      assertFails(Cli.run("decode", cut, "-o", out), Exit.BAD_INPUT, "cut.cmpr");
    }
  }

  @Test
  void missedGates() throws Exception {
    Path there = folder.resolve("gated.cmpr");
    Cli cli = Cli.run("encode", model, "-o", there, "--min-ratio", 50, "--max-bytes", 10);
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.GATE_MISSED);
    assertThat(cli.err())
        .contains("min-ratio missed", "bound 50")
        .contains("max-bytes missed: " + Files.size(there) + ", bound 10");
    assertThat(there).exists();
  }

  @Test
  void skippedUnderStrict() throws Exception {
    // Three values at 8 bits: a codebook would take more than the weights.
    Object[] args = {"quantize", model, "--bits", 8, "-o", out};
    Object[] strict = {"quantize", model, "--bits", 8, "-o", out, "--strict"};
    assertFails(Cli.run(strict), Exit.SKIPPED, "skipped fc2.weight");
    Cli cli = Cli.run(args);
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    assertThat(cli.out()).contains("skipped fc2.weight");
  }

  @Test
  void dryRunWritesNothing() throws Exception {
    Cli cli = Cli.run("prune", model, "--sparsity", "0.5", "-o", out, "--dry-run");
    assertThat(cli.code()).as("%s", cli).isEqualTo(Exit.DONE);
    assertThat(cli.out()).contains("predicted", "nothing was written");
    assertThat(out).doesNotExist();
    Path encoded = folder.resolve("e.cmpr");
    long predicted =
        Cli.run("encode", model, "-o", encoded, "--dry-run", "--json")
            .json()
            .get("output")
            .get("bytes")
            .asLong();
    assertThat(encoded).doesNotExist();
    assertThat(Cli.run("encode", model, "-o", encoded).code()).isZero();
    assertThat(predicted).isEqualTo(Files.size(encoded));
  }
}
