package compress.prune;

import compress.model.ByName;
import compress.model.Selection;
import compress.train.TrainOptions;
import compress.train.data.Inputs;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What to prune and how. Start from {@link #of} and change what should differ.
 *
 * @param pattern of each tensor
 * @param amount what the allocation shares out: a sparsity, or for {@link Allocations.Deviation} a
 *     number of standard deviations. The layers that no rule matches share {@code otherwise} among
 *     them; a layer that a rule matches has the rule's amount for itself. What cannot be pruned, or
 *     is protected, has no part in it: a sparsity is that of the layers that are pruned.
 * @param splicing whether weights that a schedule of several updates removed may come back before
 *     its last one: underneath they go on learning, and each update chooses among all anew (Guo et
 *     al. 2016; Lin et al. 2020, algorithm 1)
 * @param selection by default every weight; a bias or other tensor also if {@code target} has its
 *     full name
 * @param protect whether layers that {@link Spared} chooses stay whole, unless a target, or a rule
 *     of {@code amount} or {@code pattern}, matches their names
 * @param finetune trains what is left, pruned weights staying 0; absent trains nothing
 * @param calibration what a criterion that looks at layers runs the network on; absent takes
 *     training samples
 * @param samples at most so many of these, chosen by the seed
 * @param resetBatchNorm whether batch normalizations get the means and variances that the pruned
 *     network has on these samples
 * @param control what is done instead, to compare with
 * @see <a href="https://arxiv.org/abs/1608.04493">Guo et al. 2016</a>, dynamic network surgery
 * @see <a href="https://arxiv.org/abs/2006.07253">Lin et al. 2020</a>, dynamic pruning with
 *     feedback
 */
public record PruneOptions(
    ByName<SparsityPattern> pattern,
    Criterion criterion,
    Allocation allocation,
    ByName<Double> amount,
    Schedule schedule,
    boolean splicing,
    Selection selection,
    boolean protect,
    Optional<TrainOptions> finetune,
    Optional<Inputs> calibration,
    int samples,
    boolean resetBatchNorm,
    Control control) {
  public PruneOptions {
    if (samples < 1) {
      throw new IllegalArgumentException("samples must be at least 1, not " + samples);
    }
  }

  /**
   * Every layer that is not protected to the same sparsity, by magnitude, without structure, at
   * once, untrained.
   */
  public static PruneOptions of(double sparsity) {
    return new PruneOptions(
        ByName.of(new Unstructured()),
        new Criteria.Magnitude(),
        new Allocations.Uniform(),
        ByName.of(sparsity),
        new Schedule.OneShot(),
        false,
        Selection.ALL,
        true,
        Optional.empty(),
        Optional.empty(),
        256,
        false,
        Control.NONE);
  }

  /** The same pattern for every tensor. */
  public PruneOptions withPattern(SparsityPattern to) {
    return withPattern(ByName.of(to));
  }

  public PruneOptions withPattern(ByName<SparsityPattern> to) {
    return with(draft -> draft.pattern = to);
  }

  public PruneOptions withCriterion(Criterion to) {
    return with(draft -> draft.criterion = to);
  }

  public PruneOptions withAllocation(Allocation to) {
    return with(draft -> draft.allocation = to);
  }

  public PruneOptions withAmount(ByName<Double> to) {
    return with(draft -> draft.amount = to);
  }

  public PruneOptions withSchedule(Schedule to) {
    return with(draft -> draft.schedule = to);
  }

  public PruneOptions withSplicing(boolean to) {
    return with(draft -> draft.splicing = to);
  }

  public PruneOptions withSelection(Selection to) {
    return with(draft -> draft.selection = to);
  }

  public PruneOptions withProtect(boolean to) {
    return with(draft -> draft.protect = to);
  }

  public PruneOptions withFinetune(TrainOptions to) {
    return with(draft -> draft.finetune = Optional.of(to));
  }

  public PruneOptions withCalibration(Inputs to) {
    return with(draft -> draft.calibration = Optional.of(to));
  }

  public PruneOptions withSamples(int to) {
    return with(draft -> draft.samples = to);
  }

  public PruneOptions withResetBatchNorm(boolean to) {
    return with(draft -> draft.resetBatchNorm = to);
  }

  public PruneOptions withControl(Control to) {
    return with(draft -> draft.control = to);
  }

  /** Whether the user asked for a weight by its name, other than by all of them. */
  boolean names(String weight) {
    return amount.rule(weight).isPresent()
        || pattern.rule(weight).isPresent()
        || !selection.target().isEmpty() && selection.includes(weight);
  }

  private PruneOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** Options with one of them about to change. */
  private static final class Draft {
    private ByName<SparsityPattern> pattern;
    private Criterion criterion;
    private Allocation allocation;
    private ByName<Double> amount;
    private Schedule schedule;
    private boolean splicing;
    private Selection selection;
    private boolean protect;
    private Optional<TrainOptions> finetune;
    private Optional<Inputs> calibration;
    private int samples;
    private boolean resetBatchNorm;
    private Control control;

    Draft(PruneOptions from) {
      pattern = from.pattern;
      criterion = from.criterion;
      allocation = from.allocation;
      amount = from.amount;
      schedule = from.schedule;
      splicing = from.splicing;
      selection = from.selection;
      protect = from.protect;
      finetune = from.finetune;
      calibration = from.calibration;
      samples = from.samples;
      resetBatchNorm = from.resetBatchNorm;
      control = from.control;
    }

    PruneOptions options() {
      return new PruneOptions(
          pattern,
          criterion,
          allocation,
          amount,
          schedule,
          splicing,
          selection,
          protect,
          finetune,
          calibration,
          samples,
          resetBatchNorm,
          control);
    }
  }
}
