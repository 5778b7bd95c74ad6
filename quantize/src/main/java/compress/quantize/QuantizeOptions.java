package compress.quantize;

import compress.model.ByName;
import compress.model.Selection;
import compress.train.TrainOptions;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * What to quantize and how. Start from {@link #defaults} and change what should differ.
 *
 * @param bits a weight, by tensor
 * @param biasBits what a bias takes, if biases are quantized too; a rule in {@code bits} that
 *     matches a bias goes before. Absent leaves biases as they are, as Han et al. 2016 do.
 * @param selection by default every weight; a bias or other tensor also if {@code target} has its
 *     full name
 * @param outliers the share of each tensor's weights, the largest, that stay as they are; 0 for
 *     none
 * @param linear what is done around the rounding of weights
 * @param budget finds the bits of each weight that no rule in {@code bits} names
 * @param revertForDrop takes the quantization of tensors back, the most harmful first, until the
 *     accuracy on the validation part has fallen by at most this fraction of 1
 * @param finetune trains the shared values and all that is not quantized; absent trains nothing
 */
public record QuantizeOptions(
    Scheme scheme,
    ByName<Integer> bits,
    OptionalInt biasBits,
    Selection selection,
    double outliers,
    LinearOptions linear,
    Optional<BitBudget> budget,
    OptionalDouble revertForDrop,
    Optional<TrainOptions> finetune) {
  public QuantizeOptions {
    if (!(outliers >= 0 && outliers <= 0.5)) {
      throw new IllegalArgumentException(
          "outliers are a share of the weights from 0 to 0.5, not " + outliers);
    }
    if (revertForDrop.isPresent()
        && !(revertForDrop.getAsDouble() >= 0 && revertForDrop.getAsDouble() < 1)) {
      throw new IllegalArgumentException(
          "a drop is from 0 to below 1, not " + revertForDrop.getAsDouble());
    }
  }

  /** K-means from the exact optimum at 5 bits, weights only, no training. */
  public static QuantizeOptions defaults() {
    return new QuantizeOptions(
        new KMeans(new Inits.Exact()),
        ByName.of(5),
        OptionalInt.empty(),
        Selection.ALL,
        0,
        LinearOptions.NONE,
        Optional.empty(),
        OptionalDouble.empty(),
        Optional.empty());
  }

  public QuantizeOptions withScheme(Scheme to) {
    return with(draft -> draft.scheme = to);
  }

  public QuantizeOptions withBits(ByName<Integer> to) {
    return with(draft -> draft.bits = to);
  }

  public QuantizeOptions withBits(int everywhere) {
    return withBits(ByName.of(everywhere));
  }

  public QuantizeOptions withBiasBits(int to) {
    return with(draft -> draft.biasBits = OptionalInt.of(to));
  }

  public QuantizeOptions withSelection(Selection to) {
    return with(draft -> draft.selection = to);
  }

  public QuantizeOptions withOutliers(double to) {
    return with(draft -> draft.outliers = to);
  }

  public QuantizeOptions withLinear(LinearOptions to) {
    return with(draft -> draft.linear = to);
  }

  public QuantizeOptions withBudget(BitBudget to) {
    return with(draft -> draft.budget = Optional.of(to));
  }

  public QuantizeOptions withRevertForDrop(double to) {
    return with(draft -> draft.revertForDrop = OptionalDouble.of(to));
  }

  public QuantizeOptions withFinetune(TrainOptions to) {
    return with(draft -> draft.finetune = Optional.of(to));
  }

  private QuantizeOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** Options with one of them about to change. */
  private static final class Draft {
    private Scheme scheme;
    private ByName<Integer> bits;
    private OptionalInt biasBits;
    private Selection selection;
    private double outliers;
    private LinearOptions linear;
    private Optional<BitBudget> budget;
    private OptionalDouble revertForDrop;
    private Optional<TrainOptions> finetune;

    Draft(QuantizeOptions from) {
      scheme = from.scheme;
      bits = from.bits;
      biasBits = from.biasBits;
      selection = from.selection;
      outliers = from.outliers;
      linear = from.linear;
      budget = from.budget;
      revertForDrop = from.revertForDrop;
      finetune = from.finetune;
    }

    QuantizeOptions options() {
      return new QuantizeOptions(
          scheme, bits, biasBits, selection, outliers, linear, budget, revertForDrop, finetune);
    }
  }
}
