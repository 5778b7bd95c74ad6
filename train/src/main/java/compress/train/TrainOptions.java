package compress.train;

import compress.model.Dense;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Weight;
import compress.model.Weights;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How to train. Start from {@link #defaults} and change what should differ.
 *
 * @param epochs to train at most; 0 trains nothing
 * @param batch samples a step
 * @param guide what is learnt from besides labels
 * @param patience epochs without a better validation accuracy before stopping early; 0 for never
 * @param masks by param: what a mask does not keep is 0 and stays 0
 * @param frozen names of params that stay as they are
 * @param freezeBatchNorm leaves running means and variances as they are, and normalizes with them
 * @param dropout by the name of a {@code Gemm} or {@code MatMul} weight: the share of that layer's
 *     inputs set to 0 in training, the others scaled up to make up for it
 * @param labelSmoothing the share of the target that is spread over all classes, from 0
 * @param precision what products and convolutions compute in
 */
public record TrainOptions(
    int epochs,
    int batch,
    Optimizer optimizer,
    LearningRate rate,
    Augment augment,
    Optional<Guide> guide,
    int patience,
    Keep keep,
    Map<String, Mask> masks,
    Set<String> frozen,
    boolean freezeBatchNorm,
    Map<String, Double> dropout,
    double labelSmoothing,
    Precision precision) {
  public TrainOptions {
    if (epochs < 0 || batch < 1 || patience < 0) {
      throw new IllegalArgumentException(
          "epochs %d, batch %d, patience %d: must be at least 0, 1 and 0"
              .formatted(epochs, batch, patience));
    }
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException(
          "label smoothing must be from 0 to below 1, not " + labelSmoothing);
    }
    for (Map.Entry<String, Double> d : dropout.entrySet()) {
      if (!(d.getValue() >= 0 && d.getValue() < 1)) {
        throw new IllegalArgumentException(
            "dropout of %s must be from 0 to below 1, not %s".formatted(d.getKey(), d.getValue()));
      }
    }
  }

  /** One epoch, batches of 64, SGD at 0.01 with momentum 0.9, the last epoch kept. */
  public static TrainOptions defaults() {
    return new TrainOptions(
        1,
        64,
        Optimizer.sgd(0.01),
        LearningRate.constant(),
        Augment.NONE,
        Optional.empty(),
        0,
        Keep.LAST,
        Map.of(),
        Set.of(),
        false,
        Map.of(),
        0,
        Precision.FP32);
  }

  public TrainOptions withEpochs(int to) {
    return with(draft -> draft.epochs = to);
  }

  public TrainOptions withBatch(int to) {
    return with(draft -> draft.batch = to);
  }

  public TrainOptions withOptimizer(Optimizer to) {
    return with(draft -> draft.optimizer = to);
  }

  public TrainOptions withRate(LearningRate to) {
    return with(draft -> draft.rate = to);
  }

  public TrainOptions withAugment(Augment to) {
    return with(draft -> draft.augment = to);
  }

  public TrainOptions withGuide(Guide to) {
    return with(draft -> draft.guide = Optional.of(to));
  }

  public TrainOptions withoutGuide() {
    return with(draft -> draft.guide = Optional.empty());
  }

  public TrainOptions withPatience(int to) {
    return with(draft -> draft.patience = to);
  }

  public TrainOptions withKeep(Keep to) {
    return with(draft -> draft.keep = to);
  }

  public TrainOptions withMasks(Map<String, Mask> to) {
    return with(draft -> draft.masks = to);
  }

  public TrainOptions withFrozen(Set<String> to) {
    return with(draft -> draft.frozen = to);
  }

  public TrainOptions withFreezeBatchNorm(boolean to) {
    return with(draft -> draft.freezeBatchNorm = to);
  }

  public TrainOptions withDropout(Map<String, Double> to) {
    return with(draft -> draft.dropout = to);
  }

  public TrainOptions withLabelSmoothing(double to) {
    return with(draft -> draft.labelSmoothing = to);
  }

  public TrainOptions withPrecision(Precision to) {
    return with(draft -> draft.precision = to);
  }

  /**
   * With what is pruned in {@code model} kept so: each weight stored as plain floats that has zeros
   * gets the mask of its others, unless {@link #masks} has one for it. Codebooks and affine
   * integers keep their zeros anyway; zeros of biases and the like are as good as other numbers.
   */
  public TrainOptions keepingZeros(Model model) {
    Map<String, Mask> all = new LinkedHashMap<>();
    for (Weight weight : Weights.of(model)) {
      if (weight.role().isWeight() && weight.param().values() instanceof Dense) {
        Mask mask = weight.param().mask();
        if (mask.kept() < weight.param().size()) {
          all.put(weight.name(), mask);
        }
      }
    }
    all.putAll(masks);
    return withMasks(all);
  }

  private TrainOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** Options with one of them about to change. */
  private static final class Draft {
    private int epochs;
    private int batch;
    private Optimizer optimizer;
    private LearningRate rate;
    private Augment augment;
    private Optional<Guide> guide;
    private int patience;
    private Keep keep;
    private Map<String, Mask> masks;
    private Set<String> frozen;
    private boolean freezeBatchNorm;
    private Map<String, Double> dropout;
    private double labelSmoothing;
    private Precision precision;

    Draft(TrainOptions from) {
      epochs = from.epochs;
      batch = from.batch;
      optimizer = from.optimizer;
      rate = from.rate;
      augment = from.augment;
      guide = from.guide;
      patience = from.patience;
      keep = from.keep;
      masks = from.masks;
      frozen = from.frozen;
      freezeBatchNorm = from.freezeBatchNorm;
      dropout = from.dropout;
      labelSmoothing = from.labelSmoothing;
      precision = from.precision;
    }

    TrainOptions options() {
      return new TrainOptions(
          epochs,
          batch,
          optimizer,
          rate,
          augment,
          guide,
          patience,
          keep,
          masks,
          frozen,
          freezeBatchNorm,
          dropout,
          labelSmoothing,
          precision);
    }
  }
}
