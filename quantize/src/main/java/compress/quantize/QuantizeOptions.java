package compress.quantize;

import compress.model.ByName;
import compress.model.Selection;
import compress.train.TrainOptions;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What to quantize and how. Start from {@link #defaults} and change what should differ.
 *
 * @param bits a weight, by tensor
 * @param biasBits what a bias takes, if biases are quantized too; a rule in {@code bits} that
 *     matches a bias goes before. Absent leaves biases as they are, as Han et al. 2016 do.
 * @param selection by default every weight; a bias or other tensor also if {@code target} has its
 *     full name
 * @param linear what is done around the rounding of weights
 * @param budget finds the bits of each weight that no rule in {@code bits} names
 * @param finetune trains the shared values and all that is not quantized; absent trains nothing
 */
public record QuantizeOptions(
    Scheme scheme,
    ByName<Integer> bits,
    OptionalInt biasBits,
    Selection selection,
    LinearOptions linear,
    Optional<BitBudget> budget,
    Optional<TrainOptions> finetune) {
  /** K-means from the exact optimum at 5 bits, weights only, no training. */
  public static QuantizeOptions defaults() {
    return new QuantizeOptions(
        new KMeans(new Inits.Exact()),
        ByName.of(5),
        OptionalInt.empty(),
        Selection.ALL,
        LinearOptions.NONE,
        Optional.empty(),
        Optional.empty());
  }

  public QuantizeOptions withScheme(Scheme to) {
    return new QuantizeOptions(to, bits, biasBits, selection, linear, budget, finetune);
  }

  public QuantizeOptions withBits(ByName<Integer> to) {
    return new QuantizeOptions(scheme, to, biasBits, selection, linear, budget, finetune);
  }

  public QuantizeOptions withBits(int everywhere) {
    return withBits(ByName.of(everywhere));
  }

  public QuantizeOptions withBiasBits(int to) {
    return new QuantizeOptions(
        scheme, bits, OptionalInt.of(to), selection, linear, budget, finetune);
  }

  public QuantizeOptions withSelection(Selection to) {
    return new QuantizeOptions(scheme, bits, biasBits, to, linear, budget, finetune);
  }

  public QuantizeOptions withLinear(LinearOptions to) {
    return new QuantizeOptions(scheme, bits, biasBits, selection, to, budget, finetune);
  }

  public QuantizeOptions withBudget(BitBudget to) {
    return new QuantizeOptions(
        scheme, bits, biasBits, selection, linear, Optional.of(to), finetune);
  }

  public QuantizeOptions withFinetune(TrainOptions to) {
    return new QuantizeOptions(scheme, bits, biasBits, selection, linear, budget, Optional.of(to));
  }
}
