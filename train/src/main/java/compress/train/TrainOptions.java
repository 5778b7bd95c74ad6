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

/**
 * How to train. Start from {@link #defaults} and change what should differ.
 *
 * @param epochs to train at most; 0 trains nothing
 * @param batch samples a step
 * @param patience epochs without a better validation accuracy before stopping early; 0 for never
 * @param masks by param: what a mask does not keep is 0 and stays 0
 * @param frozen names of params that stay as they are
 * @param freezeBatchNorm leaves running means and variances as they are, and normalizes with them
 * @param dropout by the name of a {@code Gemm} or {@code MatMul} weight: the share of that layer's
 *     inputs set to 0 in training, the others scaled up to make up for it
 * @param labelSmoothing the share of the target that is spread over all classes, from 0
 */
public record TrainOptions(
    int epochs,
    int batch,
    Optimizer optimizer,
    LearningRate rate,
    Augment augment,
    Optional<Distill> distill,
    int patience,
    Keep keep,
    Map<String, Mask> masks,
    Set<String> frozen,
    boolean freezeBatchNorm,
    Map<String, Double> dropout,
    double labelSmoothing) {
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
        0);
  }

  public TrainOptions withEpochs(int to) {
    return new TrainOptions(
        to,
        batch,
        optimizer,
        rate,
        augment,
        distill,
        patience,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withBatch(int to) {
    return new TrainOptions(
        epochs,
        to,
        optimizer,
        rate,
        augment,
        distill,
        patience,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withOptimizer(Optimizer to) {
    return new TrainOptions(
        epochs,
        batch,
        to,
        rate,
        augment,
        distill,
        patience,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withRate(LearningRate to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        to,
        augment,
        distill,
        patience,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withAugment(Augment to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        to,
        distill,
        patience,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withDistill(Distill to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        Optional.of(to),
        patience,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withoutDistill() {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        Optional.empty(),
        patience,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withPatience(int to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        distill,
        to,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withKeep(Keep to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        distill,
        patience,
        to,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withMasks(Map<String, Mask> to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        distill,
        patience,
        keep,
        to,
        frozen,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
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

  public TrainOptions withFrozen(Set<String> to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        distill,
        patience,
        keep,
        masks,
        to,
        freezeBatchNorm,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withFreezeBatchNorm(boolean to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        distill,
        patience,
        keep,
        masks,
        frozen,
        to,
        dropout,
        labelSmoothing);
  }

  public TrainOptions withDropout(Map<String, Double> to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        distill,
        patience,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        to,
        labelSmoothing);
  }

  public TrainOptions withLabelSmoothing(double to) {
    return new TrainOptions(
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        distill,
        patience,
        keep,
        masks,
        frozen,
        freezeBatchNorm,
        dropout,
        to);
  }
}
