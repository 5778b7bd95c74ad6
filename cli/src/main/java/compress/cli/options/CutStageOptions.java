package compress.cli.options;

import compress.model.ByName;
import compress.model.Selection;
import compress.prune.Allocation;
import compress.prune.structure.CutOptions;
import compress.prune.structure.CutPattern;
import compress.prune.structure.CutStage;
import compress.prune.structure.GroupCriteria;
import compress.train.Stage;
import compress.train.TrainOptions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is particular to cutting channels, neurons and heads. */
public final class CutStageOptions {
  @Option(
      names = "--macs",
      paramLabel = "X",
      converter = Fraction.class,
      description =
          "Instead of --sparsity: cut channels, neurons or heads until this share of the"
              + " multiply-accumulates is left. Default: by --sparsity.")
  private @Nullable Double macs;

  @Option(
      names = "--round-to",
      paramLabel = "N",
      description =
          "Keep multiples of N channels, neurons or head columns, rounded up. Default: any number.")
  private @Nullable Integer roundTo;

  /**
   * The stage.
   *
   * @param amountGiven whether the user said how much, other than by multiply-accumulates
   */
  Stage stage(
      CutPattern pattern,
      boolean amountGiven,
      ByName<Double> amounts,
      String criterion,
      Allocation allocation,
      Selection selection,
      boolean protect,
      Optional<TrainOptions> training) {
    if (macs == null && !amountGiven) {
      throw new IllegalArgumentException("how much to cut is missing: sparsity, layer or macs");
    }
    if (macs != null && amounts.otherwise() != 0) {
      throw new IllegalArgumentException("sparsity and macs both say how much; leave one out");
    }
    CutOptions options =
        CutOptions.of(pattern, 0)
            .withAmount(amounts)
            .withCriterion(GroupCriteria.parse(criterion))
            .withAllocation(allocation)
            .withSelection(selection)
            .withProtect(protect)
            .withRoundTo(roundTo == null ? 1 : roundTo);
    if (macs != null) {
      options = options.withMacs(macs);
    }
    return new CutStage(training.isPresent() ? options.withFinetune(training.get()) : options);
  }

  /** Refuses options that mean nothing to another pattern. */
  void requireUnused(String pattern) {
    if (macs != null || roundTo != null) {
      throw new IllegalArgumentException(
          "%s is for patterns that cut (channel, neuron, head, structured), not for '%s'"
              .formatted(macs != null ? "macs" : "round-to", pattern));
    }
  }
}
