package compress.cli.options;

import compress.model.ByName;
import compress.model.Model;
import compress.quantize.QuantizeOptions;
import compress.quantize.QuantizeStage;
import compress.quantize.Scheme;
import compress.quantize.Schemes;
import compress.train.Stage;
import compress.train.TrainOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Fewer bits a weight. */
public final class QuantizeStageOptions implements StageOptions {
  private static final int USUAL_BITS = 5;

  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      description =
          "kmeans: the weights of a tensor share a few values; fp16: floats of 16 bits. Default:"
              + " ${DEFAULT-VALUE}.")
  private String scheme = Schemes.ALL.getFirst().name();

  @Option(
      names = "--bits",
      paramLabel = "N",
      description = "Bits a weight, zeros kept apart. Default: 5, or the scheme's only number.")
  private @Nullable Integer bits;

  @Option(
      names = "--layer",
      paramLabel = "NAMES=N",
      description =
          "Other bits for the tensors of these names, as in --target; the first that matches holds."
              + " Default: none.")
  private Map<String, Integer> layer = new LinkedHashMap<>();

  @Option(
      names = "--bias-bits",
      paramLabel = "N",
      description = "Quantize biases too. Default: they stay as they are.")
  private @Nullable Integer biasBits;

  @Option(
      names = "--init",
      paramLabel = "NAME",
      description =
          "Where k-means starts: exact (the optimum), linear, density, cube-root or random."
              + " Default: exact.")
  private @Nullable String init;

  @Option(
      names = "--entropy-lambda",
      paramLabel = "X",
      description =
          "What a bit after entropy coding is worth, as a multiple of the mean squared error; more"
              + " makes files smaller and weights less exact. Default: 0.")
  private @Nullable String entropyLambda;

  @Mixin private TargetOptions targets;
  @Mixin private FinetuneOptions finetune;

  @Override
  public Stage stage(Model original) throws IOException {
    return stage(finetune.options(original));
  }

  @Override
  public Optional<Stage> untrained(Model original) {
    return Optional.of(stage(Optional.empty()));
  }

  private Stage stage(Optional<TrainOptions> training) {
    Scheme chosen = scheme();
    int everywhere =
        bits != null ? bits : Math.clamp(USUAL_BITS, chosen.fewestBits(), chosen.mostBits());
    QuantizeOptions options =
        QuantizeOptions.defaults()
            .withScheme(chosen)
            .withBits(ByName.of(everywhere, new LinkedHashMap<>(layer)))
            .withSelection(targets.selection());
    if (biasBits != null) {
      options = options.withBiasBits(biasBits);
    }
    if (training.isPresent()) {
      options = options.withFinetune(training.get());
    }
    return new QuantizeStage(options);
  }

  private Scheme scheme() {
    Map<String, String> settings = new LinkedHashMap<>();
    if (init != null) {
      settings.put("init", init);
    }
    if (entropyLambda != null) {
      settings.put("entropy-lambda", entropyLambda);
    }
    return Schemes.parse(scheme, settings);
  }

  @Override
  public List<Path> files() {
    return finetune.files();
  }
}
