package compress.cli;

import compress.cli.options.PruneStageOptions;
import compress.cli.recipe.Recipe.Source;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code compress prune}: removes the weights that matter least. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    description =
        "Sets the weights that matter least to zero, or cuts out whole channels, neurons or heads,"
            + " and can train what is left. First, last and tiny layers stay whole unless they are"
            + " named: see --no-protect.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress prune model.onnx --sparsity 0.9 -o pruned.onnx",
      "  compress prune model.onnx --sparsity 0.8 --layer 'conv*=0.5' -o pruned.onnx --dry-run",
      "  compress prune model.onnx --pattern channel --macs 0.5 --round-to 8 -o half.onnx --dry-run",
      "  compress prune model.onnx --sparsity 0.92 --schedule gradual --finetune 5 \\",
      "      --data mnist/ --max-drop 0.003 -o pruned.onnx",
      "  compress prune model.onnx --pattern 2:4 --criterion obs --data mnist/ -o sparse.onnx",
      "  compress prune encoder.onnx --sparsity 0.5 --criterion wanda --ignore '*embeddings*' \\",
      "      --calibration-data sentences.jsonl -o sparse.onnx",
      "  compress prune model.onnx --sensitivity --data mnist/ -o scan.json --plot scan.svg",
      "  compress prune model.onnx --sparsity 0.8 --allocation sensitivity:scan.json -o pruned.onnx"
    })
final class Prune extends StageCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "ONNX, safetensors or .cmpr file.")
  private Path file;

  @Mixin private PruneStageOptions options;
  @Mixin private PruneSensitivity sensitivity;

  @Override
  public Integer call() throws Exception {
    if (sensitivity.wanted()) {
      return sensitivity.run(file, options, data, run, flags, console);
    }
    return stage(new Source.File(file), "prune", options);
  }
}
