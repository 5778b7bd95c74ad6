package compress.cli;

import compress.cli.options.TrainStageOptions;
import compress.cli.recipe.Recipe.Source;
import compress.train.Networks;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compress train}: trains a network from scratch, or one that exists further. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description =
        "Trains a network from scratch, or one that exists further. Zeros stay zero, and shared"
            + " values stay shared.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress train --network lenet-300-100 --data mnist/ --epochs 20 -o lenet.onnx",
      "  compress train pruned.onnx --data mnist/ --epochs 3 --learning-rate 0.001 -o tuned.onnx"
    })
final class Train extends StageCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      arity = "0..1",
      description = "ONNX or .cmpr file to train further.")
  private @Nullable Path file;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description =
          "Start from scratch: lenet-300-100, lenet-5, resnet-20, mobilenet; resnet-8, resnet-32 and"
              + " so on, resnet-20-8 with 8 channels at first; mlp-30-30 with two layers of 30 for"
              + " MNIST. Default: none.")
  private @Nullable String network;

  @Mixin private TrainStageOptions options;

  @Override
  public Integer call() throws Exception {
    return stage(source(), "train", options);
  }

  private Source source() {
    if (file != null && network == null) {
      return new Source.File(file);
    }
    if (file == null && network != null) {
      return fresh(network);
    }
    throw new IllegalArgumentException("give either a MODEL to train further, or --network NAME");
  }

  /** A network from scratch. */
  static Source fresh(String network) {
    Networks.require(network);
    return new Source.Fresh(network);
  }
}
