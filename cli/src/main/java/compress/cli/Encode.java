package compress.cli;

import compress.cli.options.EncodeStageOptions;
import compress.cli.pipeline.OpenModel;
import compress.cli.recipe.Recipe.Source;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code compress encode}: writes a model as a container, without loss. */
@Command(
    name = "encode",
    mixinStandardHelpOptions = true,
    description =
        "Writes a model as a .cmpr file, from which 'decode' restores the very same bytes. What was"
            + " written is read back and compared.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress encode shared.onnx -o model.cmpr",
      "  compress encode shared.onnx -o model.cmpr --coder huffman -v",
      "  compress encode model.safetensors -o model.cmpr --dry-run --json"
    })
final class Encode extends StageCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "ONNX or safetensors file.")
  private Path file;

  @Mixin private EncodeStageOptions options;

  @Override
  public Integer call() throws Exception {
    if (OpenModel.isContainer(file)) {
      throw new IllegalArgumentException(file + " is encoded already");
    }
    return run(new Source.File(file), List.of(), Optional.of(options));
  }
}
