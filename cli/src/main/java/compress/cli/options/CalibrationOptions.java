package compress.cli.options;

import compress.model.Model;
import compress.train.data.Inputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Samples that a network is run on to look at its layers. */
public final class CalibrationOptions {
  @Option(
      names = "--calibration-data",
      paramLabel = "FILE",
      description =
          "What to run the network on to look at its layers, where --data has no training samples"
              + " for it: lines of JSON with arrays of tokens. Default: training samples of"
              + " --data.")
  private @Nullable Path calibration;

  @Option(
      names = "--calibration-samples",
      paramLabel = "N",
      description =
          "At most so many of them; of a file chosen by the seed. Default: 256, to quantize 512.")
  private @Nullable Integer samples;

  /** The samples of the file; empty if none was named. */
  Optional<Inputs> inputs(Model model) throws IOException {
    if (calibration == null) {
      return Optional.empty();
    }
    if (model.graph().isEmpty()) {
      throw new IllegalArgumentException(
          "calibration needs a network to run, and safetensors have none; take an ONNX file");
    }
    return Optional.of(Inputs.of(NamedInputs.read(calibration, model.graph().get().inputs())));
  }

  /** How many to look at; {@code usual} if nobody said so. */
  int samples(int usual) {
    return samples == null ? usual : samples;
  }

  List<Path> files() {
    return calibration == null ? List.of() : List.of(calibration);
  }
}
