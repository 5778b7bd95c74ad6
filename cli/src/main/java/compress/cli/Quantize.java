package compress.cli;

import compress.cli.options.QuantizeStageOptions;
import compress.cli.recipe.Recipe.Source;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code compress quantize}: stores weights in fewer bits. */
@Command(
    name = "quantize",
    mixinStandardHelpOptions = true,
    description =
        "Stores weights in fewer bits; zeros stay zero. Can train the shared values afterwards.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress quantize model.onnx --bits 4 -o shared.onnx",
      "  compress quantize model.onnx --bits 5 --layer 'conv*=8' --init linear -o shared.onnx",
      "  compress quantize model.onnx --scheme linear --bits 4 --granularity group:32 -o int4.onnx",
      "  compress quantize model.onnx --scheme linear --range mse --asymmetric -o int8.onnx",
      "  compress quantize model.onnx --scheme linear --activations 8 --data mnist/ -o int8.onnx",
      "  compress quantize model.onnx --scheme linear --bits 4 --rounding gptq --data d/ -o w4.onnx",
      "  compress quantize model.onnx --scheme linear --mean-bits 3.5 --data d/ -o mixed.onnx",
      "  compress quantize pruned.onnx --bits 4 --finetune 3 --data mnist/ -o shared.onnx"
    })
final class Quantize extends StageCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "ONNX, safetensors or .cmpr file.")
  private Path file;

  @Mixin private QuantizeStageOptions options;

  @Override
  public Integer call() throws Exception {
    return stage(new Source.File(file), "quantize", options);
  }
}
