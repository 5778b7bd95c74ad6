package compress.prune;

import compress.model.ByName;
import compress.model.Selection;
import compress.train.TrainOptions;
import java.util.Optional;

/**
 * What to prune and how. Start from {@link #of} and change what should differ.
 *
 * @param amount what the allocation shares out: a sparsity, or for {@link Allocations.Deviation} a
 *     number of standard deviations. The layers that no rule matches share {@code otherwise} among
 *     them; a layer that a rule matches has the rule's amount for itself.
 * @param splicing whether weights that a schedule of several updates removed may come back before
 *     its last one: underneath they go on learning, and each update chooses among all anew (Guo et
 *     al. 2016; Lin et al. 2020, algorithm 1)
 * @param selection by default every weight; a bias or other tensor also if {@code target} has its
 *     full name
 * @param finetune trains what is left, pruned weights staying 0; absent trains nothing
 * @see <a href="https://arxiv.org/abs/1608.04493">Guo et al. 2016</a>, dynamic network surgery
 * @see <a href="https://arxiv.org/abs/2006.07253">Lin et al. 2020</a>, dynamic pruning with
 *     feedback
 */
public record PruneOptions(
    SparsityPattern pattern,
    Criterion criterion,
    Allocation allocation,
    ByName<Double> amount,
    Schedule schedule,
    boolean splicing,
    Selection selection,
    Optional<TrainOptions> finetune) {
  /** Every layer to the same sparsity, by magnitude, without structure, at once, untrained. */
  public static PruneOptions of(double sparsity) {
    return new PruneOptions(
        new Unstructured(),
        new Criteria.Magnitude(),
        new Allocations.Uniform(),
        ByName.of(sparsity),
        new Schedule.OneShot(),
        false,
        Selection.ALL,
        Optional.empty());
  }

  public PruneOptions withPattern(SparsityPattern to) {
    return new PruneOptions(
        to, criterion, allocation, amount, schedule, splicing, selection, finetune);
  }

  public PruneOptions withCriterion(Criterion to) {
    return new PruneOptions(
        pattern, to, allocation, amount, schedule, splicing, selection, finetune);
  }

  public PruneOptions withAllocation(Allocation to) {
    return new PruneOptions(
        pattern, criterion, to, amount, schedule, splicing, selection, finetune);
  }

  public PruneOptions withAmount(ByName<Double> to) {
    return new PruneOptions(
        pattern, criterion, allocation, to, schedule, splicing, selection, finetune);
  }

  public PruneOptions withSchedule(Schedule to) {
    return new PruneOptions(
        pattern, criterion, allocation, amount, to, splicing, selection, finetune);
  }

  public PruneOptions withSplicing(boolean to) {
    return new PruneOptions(
        pattern, criterion, allocation, amount, schedule, to, selection, finetune);
  }

  public PruneOptions withSelection(Selection to) {
    return new PruneOptions(
        pattern, criterion, allocation, amount, schedule, splicing, to, finetune);
  }

  public PruneOptions withFinetune(TrainOptions to) {
    return new PruneOptions(
        pattern, criterion, allocation, amount, schedule, splicing, selection, Optional.of(to));
  }
}
