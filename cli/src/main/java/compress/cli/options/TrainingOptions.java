package compress.cli.options;

import compress.model.Model;
import compress.model.NamePattern;
import compress.model.Param;
import compress.train.Augment;
import compress.train.Keep;
import compress.train.LearningRate;
import compress.train.Optimizer;
import compress.train.Precision;
import compress.train.TrainOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to train, for the stages that do. How long is theirs to say. */
public final class TrainingOptions {
  enum OptimizerKind {
    SGD,
    ADAM
  }

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples a step. Default: ${DEFAULT-VALUE}.")
  private int batch = 64;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "sgd or adam. Default: ${DEFAULT-VALUE}.")
  private OptimizerKind optimizer = OptimizerKind.SGD;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      converter = Fraction.class,
      description = "Before its schedule. Default: 0.01 for sgd, 0.001 for adam.")
  private @Nullable Double learningRate;

  @Option(
      names = "--momentum",
      paramLabel = "X",
      description = "Of sgd. Default: ${DEFAULT-VALUE}.")
  private double momentum = 0.9;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      converter = Fraction.class,
      description = "L2 regularization. Default: ${DEFAULT-VALUE}.")
  private double weightDecay = 0.0;

  @Option(
      names = "--rate-schedule",
      paramLabel = "NAME",
      description =
          "The learning rate over time: constant, cosine[:WARMUP[:FLOOR]], step:EPOCHS:FACTOR or"
              + " restarts:EPOCHS[:LONGER[:FLOOR]]. Default: ${DEFAULT-VALUE}.")
  private String rateSchedule = "constant";

  @Option(
      names = "--augment",
      paramLabel = "HOW=X",
      split = ",",
      description =
          "Random changes of training images: shift=PIXELS, rotate=DEGREES, scale=SHARE,"
              + " elastic=PIXELS, flip=0|1, and mixup=ALPHA, which mixes samples and labels; joined by"
              + " commas. Default: none.")
  private Map<String, Double> augment = new LinkedHashMap<>();

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "Stop after N epochs without a better validation accuracy; 0 for never. Default:"
              + " ${DEFAULT-VALUE}.")
  private int patience = 0;

  @Option(
      names = "--keep",
      paramLabel = "WHICH",
      description =
          "The epoch to end with: last, or the best on the validation part. Default:"
              + " ${DEFAULT-VALUE}.")
  private Keep keep = Keep.LAST;

  @Option(
      names = "--freeze",
      paramLabel = "NAMES",
      description = "Tensors to leave as they are, as in --target. Default: none.")
  private List<String> freeze = new ArrayList<>();

  @Option(
      names = "--freeze-batch-norm",
      description =
          "Leave running means and variances, and normalize with them. Default: ${DEFAULT-VALUE}.")
  private boolean freezeBatchNorm;

  @Option(
      names = "--dropout",
      paramLabel = "NAME=X",
      description =
          "The share of a layer's inputs to drop, by the name of its weight. Default: none.")
  private Map<String, Double> dropout = new LinkedHashMap<>();

  @Option(
      names = "--label-smoothing",
      paramLabel = "X",
      description = "The share of the target spread over all classes. Default: ${DEFAULT-VALUE}.")
  private double labelSmoothing = 0;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "What products and convolutions compute in while training: fp32, or bf16, about twice as"
              + " fast where the processor has it. Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.FP32;

  /**
   * @param original the network before the first stage
   */
  TrainOptions options(int epochs, Model original) {
    return TrainOptions.defaults()
        .withEpochs(epochs)
        .withBatch(batch)
        .withOptimizer(optimizer())
        .withRate(schedule())
        .withAugment(augment())
        .withPatience(patience)
        .withKeep(keep)
        .withFrozen(frozen(original))
        .withFreezeBatchNorm(freezeBatchNorm)
        .withDropout(dropout)
        .withLabelSmoothing(labelSmoothing)
        .withPrecision(precision);
  }

  private Optimizer optimizer() {
    return switch (optimizer) {
      case SGD ->
          new Optimizer.Sgd(
              learningRate == null ? 0.01 : learningRate, momentum, false, weightDecay);
      case ADAM ->
          new Optimizer.Adam(learningRate == null ? 0.001 : learningRate, 0.9, 0.999, weightDecay);
    };
  }

  private Set<String> frozen(Model model) {
    List<NamePattern> patterns = freeze.stream().map(NamePattern::parse).toList();
    List<String> names = model.params().values().stream().map(Param::name).toList();
    patterns.forEach(p -> p.requireMatch(names));
    return names.stream()
        .filter(n -> patterns.stream().anyMatch(p -> p.matches(n)))
        .collect(Collectors.toSet());
  }

  private Augment augment() {
    Set<String> known = Set.of("shift", "rotate", "scale", "elastic", "flip", "mixup");
    for (String key : augment.keySet()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "augment knows shift, rotate, scale, elastic, flip and mixup, not '" + key + "'");
      }
    }
    return new Augment(
        augment.getOrDefault("shift", 0.0),
        augment.getOrDefault("flip", 0.0) != 0,
        augment.getOrDefault("rotate", 0.0),
        augment.getOrDefault("scale", 0.0),
        augment.getOrDefault("elastic", 0.0),
        augment.getOrDefault("mixup", 0.0));
  }

  private LearningRate schedule() {
    String[] parts = rateSchedule.split(":", -1);
    try {
      return switch (parts[0] + " " + parts.length) {
        case "constant 1" -> LearningRate.constant();
        case "cosine 1", "cosine 2", "cosine 3" ->
            new LearningRate.Cosine(number(parts, 1, 0), number(parts, 2, 0));
        case "step 3" -> new LearningRate.Step(number(parts, 1, 0), number(parts, 2, 0));
        case "restarts 2", "restarts 3", "restarts 4" ->
            new LearningRate.WarmRestarts(
                number(parts, 1, 0), number(parts, 2, 1), number(parts, 3, 0));
        default ->
            throw new IllegalArgumentException(
                "rate-schedule '%s' is none of constant, cosine[:WARMUP[:FLOOR]],"
                        .formatted(rateSchedule)
                    + " step:EPOCHS:FACTOR, restarts:EPOCHS[:LONGER[:FLOOR]]");
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "rate-schedule '%s' has something else where a number belongs".formatted(rateSchedule),
          e);
    }
  }

  private static double number(String[] parts, int i, double otherwise) {
    return i < parts.length ? Double.parseDouble(parts[i]) : otherwise;
  }
}
