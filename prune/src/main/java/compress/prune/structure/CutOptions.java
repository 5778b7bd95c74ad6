package compress.prune.structure;

import compress.model.ByName;
import compress.model.Selection;
import compress.prune.Allocation;
import compress.prune.Allocations;
import compress.train.TrainOptions;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What to cut out of a network and how much. Start from {@link #of} and change what should differ.
 *
 * @param allocation how groups share the amount; by scores that are divided by their group's mean,
 *     so that one threshold can hold for all
 * @param amount the share of units that a group loses, by the first of its weights that a rule
 *     matches
 * @param macs the share of multiply-accumulates that may stay at most; the amount for groups
 *     without a rule is then the smallest that gets there
 * @param roundTo what is kept of an axis is a multiple of this, rounded up; 1 for any number
 * @param selection by the names of weights: a group is cut if a weight that computes its units is
 *     matched, and none of them is ignored
 * @param protect whether a group stays whole if each of the weights that compute its units is one
 *     that {@link compress.prune.Spared} chooses; targets and rules that match a name go before
 * @param finetune trains what is left; absent trains nothing
 */
public record CutOptions(
    CutPattern pattern,
    GroupCriterion criterion,
    Allocation allocation,
    ByName<Double> amount,
    OptionalDouble macs,
    int roundTo,
    Selection selection,
    boolean protect,
    Optional<TrainOptions> finetune) {
  public CutOptions {
    if (roundTo < 1) {
      throw new IllegalArgumentException("sizes are rounded to at least 1, not " + roundTo);
    }
    if (macs.isPresent() && !(macs.getAsDouble() > 0 && macs.getAsDouble() <= 1)) {
      throw new IllegalArgumentException(
          "the share of multiply-accumulates that stays must be above 0 and at most 1, not "
              + macs.getAsDouble());
    }
  }

  /** The same share of every group that is not protected, by magnitude, untrained. */
  public static CutOptions of(CutPattern pattern, double sparsity) {
    return new CutOptions(
        pattern,
        new GroupCriteria.Magnitude(),
        new Allocations.Uniform(),
        ByName.of(sparsity),
        OptionalDouble.empty(),
        1,
        Selection.ALL,
        true,
        Optional.empty());
  }

  public CutOptions withCriterion(GroupCriterion to) {
    return new CutOptions(
        pattern, to, allocation, amount, macs, roundTo, selection, protect, finetune);
  }

  public CutOptions withAllocation(Allocation to) {
    return new CutOptions(
        pattern, criterion, to, amount, macs, roundTo, selection, protect, finetune);
  }

  public CutOptions withAmount(ByName<Double> to) {
    return new CutOptions(
        pattern, criterion, allocation, to, macs, roundTo, selection, protect, finetune);
  }

  /** Cuts until at most this share of the multiply-accumulates is left. */
  public CutOptions withMacs(double to) {
    return new CutOptions(
        pattern,
        criterion,
        allocation,
        amount,
        OptionalDouble.of(to),
        roundTo,
        selection,
        protect,
        finetune);
  }

  public CutOptions withRoundTo(int to) {
    return new CutOptions(
        pattern, criterion, allocation, amount, macs, to, selection, protect, finetune);
  }

  public CutOptions withSelection(Selection to) {
    return new CutOptions(
        pattern, criterion, allocation, amount, macs, roundTo, to, protect, finetune);
  }

  public CutOptions withProtect(boolean to) {
    return new CutOptions(
        pattern, criterion, allocation, amount, macs, roundTo, selection, to, finetune);
  }

  public CutOptions withFinetune(TrainOptions to) {
    return new CutOptions(
        pattern, criterion, allocation, amount, macs, roundTo, selection, protect, Optional.of(to));
  }
}
