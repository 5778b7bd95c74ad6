package compress.cli.options;

import compress.model.ByName;
import compress.model.Model;
import compress.quantize.BitBudget;
import compress.quantize.BitBudget.Limit;
import compress.quantize.QuantizeOptions;
import compress.quantize.QuantizeStage;
import compress.quantize.Scheme;
import compress.quantize.Schemes;
import compress.train.Stage;
import compress.train.TrainOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Fewer bits a weight. */
public final class QuantizeStageOptions implements StageOptions {
  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      description =
          "kmeans: the weights of a tensor share a few values; product: runs of weights share"
              + " vectors; hashed: weights share values by a hash; linear: integers times a scale;"
              + " ternary, binary: signs times a scale; fp16, bf16, fp8-e4m3, fp8-e5m2, tf32:"
              + " narrower floats. Default: ${DEFAULT-VALUE}.")
  private String scheme = Schemes.ALL.getFirst().name();

  @Option(
      names = "--bits",
      paramLabel = "N",
      description =
          "Bits a weight: 1 to 16 for kmeans, zeros kept apart; 2 to 8 for linear; 1 to 12 for a"
              + " whole run of product; for hashed what the shared values take, shared out over all"
              + " weights. Default: 5 for kmeans, 8 for linear and product, 4 for hashed, or the"
              + " scheme's only number.")
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

  @Option(
      names = "--sub-vector",
      paramLabel = "N",
      description = "Of product: weights of a run. Default: 4.")
  private @Nullable String subVector;

  @Option(
      names = "--outliers",
      paramLabel = "SHARE",
      converter = Fraction.class,
      description =
          "Of kmeans and linear: so many of the weights of a tensor, the largest, stay as they are"
              + " in a list of their own: 0.005 or 0.5%%. Default: 0.")
  private double outliers = 0;

  @Option(
      names = "--granularity",
      paramLabel = "WHAT",
      description =
          "Which weights share a scale: tensor (all), channel (those of an output), group:N (N"
              + " inputs of an output). Default: channel.")
  private @Nullable String granularity;

  @Option(
      names = "--range",
      paramLabel = "HOW",
      description =
          "How far integers reach: minmax, mse (least squared error), percentile[:PERCENT], 99.9"
              + " if it is not said. Default: minmax.")
  private @Nullable String range;

  @Option(
      names = "--symmetric",
      description = "Integers around zero, without a zero point. This is the default.")
  private boolean symmetric;

  @Option(
      names = "--asymmetric",
      description = "Integers from the least weight to the greatest, with a zero point.")
  private boolean asymmetric;

  @Option(
      names = "--mean-bits",
      paramLabel = "X",
      description =
          "Find the bits of each tensor: the answers change least at so many bits a weight on"
              + " average. Needs --data. Default: --bits for all.")
  private @Nullable Double meanBits;

  @Option(
      names = "--weight-bytes",
      paramLabel = "N",
      description = "The same with so many bytes for all weights, scales not counted.")
  private @Nullable Long weightBytes;

  @Option(
      names = "--bits-for-drop",
      paramLabel = "X",
      converter = Fraction.class,
      description =
          "The same with the fewest bits that let the accuracy on the validation part fall by at"
              + " most this fraction of 1.")
  private @Nullable Double bitsForDrop;

  @Option(
      names = "--revert-for-drop",
      paramLabel = "X",
      converter = Fraction.class,
      description =
          "Put tensors back to floats, those whose rounding harms most first, until the accuracy on"
              + " the validation part has fallen by at most this fraction of 1. Default: none.")
  private @Nullable Double revertForDrop;

  @Option(
      names = "--candidate-bits",
      paramLabel = "N",
      split = ",",
      description = "The bits that such a search may give a tensor. Default: 2,3,4,5,6,8.")
  private List<Integer> candidateBits = new ArrayList<>();

  @Mixin private LinearStageOptions linear;
  @Mixin private TargetOptions targets;
  @Mixin private FinetuneOptions finetune;

  @Override
  public Stage stage(Model original) throws IOException {
    return stage(original, finetune.options(original));
  }

  @Override
  public Optional<Stage> untrained(Model original) throws IOException {
    return Optional.of(stage(original, Optional.empty()));
  }

  private Stage stage(Model original, Optional<TrainOptions> training) throws IOException {
    Scheme chosen = scheme();
    int everywhere = bits != null ? bits : chosen.usualBits();
    QuantizeOptions options =
        QuantizeOptions.defaults()
            .withScheme(chosen)
            .withBits(ByName.of(everywhere, new LinkedHashMap<>(layer)))
            .withSelection(targets.selection())
            .withOutliers(outliers)
            .withLinear(linear.options(original));
    Optional<BitBudget> budget = budget();
    if (budget.isPresent()) {
      options = options.withBudget(budget.get());
    }
    if (revertForDrop != null) {
      options = options.withRevertForDrop(revertForDrop);
    }
    if (biasBits != null) {
      options = options.withBiasBits(biasBits);
    }
    if (training.isPresent()) {
      options = options.withFinetune(training.get());
    }
    return new QuantizeStage(options);
  }

  private Optional<BitBudget> budget() {
    List<Limit> limits = new ArrayList<>();
    if (meanBits != null) {
      limits.add(new Limit.MeanBits(meanBits));
    }
    if (weightBytes != null) {
      limits.add(new Limit.WeightBytes(weightBytes));
    }
    if (bitsForDrop != null) {
      limits.add(new Limit.Drop(bitsForDrop));
    }
    if (limits.size() > 1 || !limits.isEmpty() && bits != null) {
      throw new IllegalArgumentException(
          "bits, mean-bits, weight-bytes and bits-for-drop exclude each other");
    }
    if (limits.isEmpty()) {
      if (!candidateBits.isEmpty()) {
        throw new IllegalArgumentException(
            "candidate-bits belongs to mean-bits, weight-bytes or bits-for-drop");
      }
      return Optional.empty();
    }
    return Optional.of(
        new BitBudget(
            candidateBits.isEmpty() ? BitBudget.USUAL_CANDIDATES : candidateBits,
            limits.getFirst()));
  }

  private Scheme scheme() {
    if (symmetric && asymmetric) {
      throw new IllegalArgumentException("symmetric and asymmetric exclude each other");
    }
    Map<String, String> settings = new LinkedHashMap<>();
    put(settings, "init", init);
    put(settings, "entropy-lambda", entropyLambda);
    put(settings, "sub-vector", subVector);
    put(settings, "granularity", granularity);
    put(settings, "range", range);
    if (symmetric || asymmetric) {
      settings.put("asymmetric", Boolean.toString(asymmetric));
    }
    return Schemes.parse(scheme, settings);
  }

  private static void put(Map<String, String> settings, String name, @Nullable String value) {
    if (value != null) {
      settings.put(name, value);
    }
  }

  @Override
  public List<Path> files() {
    List<Path> files = new ArrayList<>(finetune.files());
    files.addAll(linear.files());
    return files;
  }
}
