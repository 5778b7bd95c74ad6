package compress.cli.options;

import compress.model.ByName;
import compress.model.Model;
import compress.prune.Allocation;
import compress.prune.Allocations;
import compress.prune.Control;
import compress.prune.Criteria;
import compress.prune.Patterns;
import compress.prune.PruneOptions;
import compress.prune.PruneStage;
import compress.prune.Schedule;
import compress.prune.Schedules;
import compress.prune.SparsityPattern;
import compress.prune.structure.CutPattern;
import compress.train.Stage;
import compress.train.TrainOptions;
import compress.train.data.Inputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Weights set to zero. */
public final class PruneStageOptions implements StageOptions {
  private static final String MEASURED = "sensitivity:";

  @Option(
      names = "--sparsity",
      paramLabel = "X",
      converter = Fraction.class,
      description =
          "The share of weights to remove, from 0 to 1, of the layers that are pruned: what cannot"
              + " be, and what is protected, does not count. Default: 0, but for --layer.")
  private @Nullable Double sparsity;

  @Option(
      names = "--layer",
      paramLabel = "NAMES=X",
      description =
          "Another share for the tensors of these names, as in --target; the first that matches"
              + " holds. Default: none.")
  private Map<String, Double> layer = new LinkedHashMap<>();

  @Option(
      names = "--pattern",
      paramLabel = "NAME",
      description =
          "Which weights may stay together. unstructured: any; N:M: N in every run of M inputs, 2:4"
              + " say; bank:WIDTH: equally many in each bank of WIDTH neighbours in a row;"
              + " block:RxC: blocks of R outputs by C neighbours; kernel: those of convolutions; row:"
              + " all weights of an output. The last three as wholes, by their mean, or with :max,"
              + " :l1 or :l2 behind. Or what is cut out of the network for good: channel (or filter),"
              + " neuron, head, structured (all three). Default: ${DEFAULT-VALUE}.")
  private String pattern = Patterns.ALL.getFirst().form();

  @Option(
      names = "--layer-pattern",
      paramLabel = "NAMES=P",
      description =
          "Another pattern for the tensors of these names, as in --target; the first that matches"
              + " holds. Default: none.")
  private Map<String, String> layerPattern = new LinkedHashMap<>();

  @Option(
      names = "--no-protect",
      description =
          "Prune the first, the last and tiny layers too. Default: they stay whole if they hold less"
              + " than 5 %% of the weights, and are not named by --target, --layer or"
              + " --layer-pattern.")
  private boolean noProtect;

  @Option(
      names = "--criterion",
      paramLabel = "NAME",
      description =
          "Which weights matter least. magnitude; wanda: times the size of the input; obs: what the"
              + " layer's outputs lose, the other weights making up for it (SparseGPT); taylor:"
              + " times the gradient; movement: away from 0 in training; batch-norm: the scale"
              + " behind; geometric-median: near to all other outputs; random."
              + " Default: ${DEFAULT-VALUE}.")
  private String criterion = Criteria.ALL.getFirst().name();

  @Option(
      names = "--allocation",
      paramLabel = "NAME",
      description =
          "How layers share the sparsity. uniform: each alike; global: one threshold for all; lamp:"
              + " one threshold for layer-adaptive scores; erk: large layers more; deviation:"
              + " --sparsity is a number of standard deviations; sensitivity:FILE: by what"
              + " --sensitivity measured. Default: ${DEFAULT-VALUE}.")
  private String allocation = Allocations.ALL.getFirst().name();

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description =
          "one-shot: all at once, then fine-tune; gradual: along a cubic curve while fine-tuning;"
              + " iterative: in rounds; rewind: in rounds, what is left starting anew after each"
              + " (lottery tickets); growing: by a penalty that grows; sampling: the best of several"
              + " shares among layers. Default: ${DEFAULT-VALUE}.")
  private String schedule = Schedules.ALL.getFirst().name();

  @Option(
      names = "--initial-sparsity",
      paramLabel = "X",
      description = "Where a gradual schedule begins. Default: 0.")
  private @Nullable String initialSparsity;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of a gradual schedule. Default: 50.")
  private @Nullable String steps;

  @Option(
      names = "--span",
      paramLabel = "X",
      description =
          "The share of training that a gradual or growing schedule takes. Default: 0.6 and 0.5.")
  private @Nullable String span;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of an iterative or rewind schedule. Default: 3.")
  private @Nullable String rounds;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Epochs before the weights that a rewind schedule goes back to. Default: 0.")
  private @Nullable String warmUp;

  @Option(
      names = "--most",
      paramLabel = "X",
      description = "The share that a growing penalty takes in its last step. Default: 0.1.")
  private @Nullable String most;

  @Option(
      names = "--candidates",
      paramLabel = "N",
      description = "Shares that a sampling schedule draws. Default: 10.")
  private @Nullable String candidates;

  @Option(
      names = "--spread",
      paramLabel = "X",
      description = "How far it draws from the allocation's sparsities. Default: 0.2.")
  private @Nullable String spread;

  @Option(
      names = "--splicing",
      description =
          "Lets pruned weights learn on and come back until the last update of the schedule."
              + " Default: off.")
  private boolean splicing;

  @Option(
      names = "--reset-batch-norm",
      description =
          "Measure the means and variances of batch normalizations anew after pruning. Default:"
              + " off.")
  private boolean resetBatchNorm;

  @Option(
      names = "--control",
      paramLabel = "NAME",
      description =
          "What to compare with. random-mask: as sparse, what stays being drawn; from-scratch: the"
              + " same masks on new weights, trained as long. Default: none.")
  private Control control = Control.NONE;

  @Mixin private CalibrationOptions calibration;
  @Mixin private CutStageOptions cut;
  @Mixin private TargetOptions targets;
  @Mixin private FinetuneOptions finetune;

  @Override
  public Stage stage(Model original) throws IOException {
    Schedule when = schedule();
    Optional<TrainOptions> training = finetune.options(original);
    Optional<Stage> cutting = cutting(when, training);
    return cutting.isPresent() ? cutting.get() : new PruneStage(options(original, when, training));
  }

  /** What to prune by, to be tried at sparsities of its own, untrained. */
  public PruneOptions scan(Model original) throws IOException {
    sparsity = 0.0;
    return options(original, new Schedule.OneShot(), Optional.empty());
  }

  /** Which weights go does not change how many bytes are left, so no network is looked at. */
  @Override
  public Optional<Stage> untrained(Model original) throws IOException {
    Optional<Stage> cutting = cutting(new Schedule.OneShot(), Optional.empty());
    if (cutting.isPresent()) {
      return cutting;
    }
    PruneOptions options = options(original, new Schedule.OneShot(), Optional.empty());
    return Optional.of(
        new PruneStage(
            options
                .withCriterion(new Criteria.Magnitude())
                .withResetBatchNorm(false)
                .withControl(Control.NONE)));
  }

  /** The stage that cuts, if the pattern is one that does. */
  private Optional<Stage> cutting(Schedule when, Optional<TrainOptions> training)
      throws IOException {
    Optional<CutPattern> cuts = CutPattern.parse(pattern);
    if (cuts.isEmpty()) {
      cut.requireUnused(pattern);
      return Optional.empty();
    }
    if (!(when instanceof Schedule.OneShot) || splicing) {
      throw new IllegalArgumentException(
          "pattern '%s' is cut at once; to go on in steps, use several stages of a recipe"
              .formatted(pattern));
    }
    if (control != Control.NONE || resetBatchNorm || !layerPattern.isEmpty()) {
      throw new IllegalArgumentException(
          "control, reset-batch-norm and layer-pattern are for patterns of zeros, not for '%s'"
              .formatted(pattern));
    }
    ByName<Double> amounts = ByName.of(sparsity == null ? 0 : sparsity, new LinkedHashMap<>(layer));
    return Optional.of(
        cut.stage(
            cuts.get(),
            sparsity != null || !layer.isEmpty(),
            amounts,
            criterion,
            allocation(),
            targets.selection(),
            !noProtect,
            training));
  }

  private PruneOptions options(Model original, Schedule when, Optional<TrainOptions> training)
      throws IOException {
    ByName<SparsityPattern> patterns = patterns();
    if (sparsity == null && layer.isEmpty() && !patterns.otherwise().hasOwnSparsity()) {
      throw new IllegalArgumentException("how much to prune is missing: sparsity, or layer");
    }
    double amount = sparsity == null ? 0 : sparsity;
    PruneOptions options =
        PruneOptions.of(amount)
            .withAmount(ByName.of(amount, new LinkedHashMap<>(layer)))
            .withPattern(patterns)
            .withCriterion(Criteria.parse(criterion))
            .withAllocation(allocation())
            .withSchedule(when)
            .withSplicing(splicing && training.isPresent())
            .withSelection(targets.selection())
            .withProtect(!noProtect)
            .withSamples(calibration.samples(256))
            .withResetBatchNorm(resetBatchNorm)
            .withControl(control);
    Optional<Inputs> inputs = calibration.inputs(original);
    options = inputs.isPresent() ? options.withCalibration(inputs.get()) : options;
    return training.isPresent() ? options.withFinetune(training.get()) : options;
  }

  private ByName<SparsityPattern> patterns() {
    SequencedMap<String, SparsityPattern> rules = new LinkedHashMap<>();
    layerPattern.forEach((names, text) -> rules.put(names, Patterns.parse(text)));
    return ByName.of(Patterns.parse(pattern), rules);
  }

  private Allocation allocation() throws IOException {
    Optional<Path> measured = sensitivity();
    return measured.isPresent()
        ? SensitivityFile.read(measured.get())
        : Allocations.parse(allocation);
  }

  private Optional<Path> sensitivity() {
    return allocation.startsWith(MEASURED)
        ? Optional.of(Path.of(allocation.substring(MEASURED.length())))
        : Optional.empty();
  }

  private Schedule schedule() {
    Map<String, String> settings = new LinkedHashMap<>();
    put(settings, "initial-sparsity", initialSparsity);
    put(settings, "steps", steps);
    put(settings, "span", span);
    put(settings, "rounds", rounds);
    put(settings, "warm-up", warmUp);
    put(settings, "most", most);
    put(settings, "candidates", candidates);
    put(settings, "spread", spread);
    return Schedules.parse(schedule, settings);
  }

  private static void put(Map<String, String> settings, String name, @Nullable String value) {
    if (value != null) {
      settings.put(name, value);
    }
  }

  @Override
  public List<Path> files() {
    List<Path> files = new ArrayList<>(finetune.files());
    files.addAll(calibration.files());
    sensitivity().ifPresent(files::add);
    return files;
  }
}
