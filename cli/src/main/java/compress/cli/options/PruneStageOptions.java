package compress.cli.options;

import compress.model.ByName;
import compress.model.Model;
import compress.prune.Allocations;
import compress.prune.Criteria;
import compress.prune.Patterns;
import compress.prune.PruneOptions;
import compress.prune.PruneStage;
import compress.prune.Schedule;
import compress.prune.Schedules;
import compress.prune.structure.CutPattern;
import compress.train.Stage;
import compress.train.TrainOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Weights set to zero. */
public final class PruneStageOptions implements StageOptions {
  @Option(
      names = "--sparsity",
      paramLabel = "X",
      converter = Fraction.class,
      description = "The share of weights to remove, from 0 to 1. Default: 0, but for --layer.")
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
          "Which weights may stay together; unstructured: any. Or what is cut out of the network for"
              + " good: channel (or filter), neuron, head, structured (all three). Default:"
              + " ${DEFAULT-VALUE}.")
  private String pattern = Patterns.ALL.getFirst().form();

  @Option(
      names = "--criterion",
      paramLabel = "NAME",
      description = "Which weights matter least: magnitude or random. Default: ${DEFAULT-VALUE}.")
  private String criterion = Criteria.ALL.getFirst().name();

  @Option(
      names = "--allocation",
      paramLabel = "NAME",
      description =
          "How layers share the sparsity. uniform: each alike; global: one threshold for all; lamp:"
              + " one threshold for layer-adaptive scores; deviation: --sparsity is a number of"
              + " standard deviations. Default: ${DEFAULT-VALUE}.")
  private String allocation = Allocations.ALL.getFirst().name();

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description =
          "one-shot: all at once, then fine-tune; gradual: along a cubic curve while fine-tuning;"
              + " iterative: in rounds. Default: ${DEFAULT-VALUE}.")
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
      description = "The share of training that a gradual schedule takes. Default: 0.6.")
  private @Nullable String span;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of an iterative schedule. Default: 3.")
  private @Nullable String rounds;

  @Option(
      names = "--splicing",
      description =
          "Lets pruned weights learn on and come back until the last update of the schedule."
              + " Default: off.")
  private boolean splicing;

  @Mixin private CutStageOptions cut;
  @Mixin private TargetOptions targets;
  @Mixin private FinetuneOptions finetune;

  @Override
  public Stage stage(Model original) throws IOException {
    return stage(schedule(), finetune.options(original));
  }

  @Override
  public Optional<Stage> untrained(Model original) {
    return Optional.of(stage(new Schedule.OneShot(), Optional.empty()));
  }

  private Stage stage(Schedule when, Optional<TrainOptions> training) {
    ByName<Double> amounts = ByName.of(sparsity == null ? 0 : sparsity, new LinkedHashMap<>(layer));
    Optional<CutPattern> cuts = CutPattern.parse(pattern);
    if (cuts.isPresent()) {
      if (when.updates() > 1 || splicing) {
        throw new IllegalArgumentException(
            "pattern '%s' is cut at once; to go on in steps, use several stages of a recipe"
                .formatted(pattern));
      }
      return cut.stage(
          cuts.get(),
          sparsity != null || !layer.isEmpty(),
          amounts,
          criterion,
          Allocations.parse(allocation),
          targets.selection(),
          training);
    }
    cut.requireUnused(pattern);
    if (sparsity == null && layer.isEmpty()) {
      throw new IllegalArgumentException("how much to prune is missing: sparsity, or layer");
    }
    double amount = sparsity == null ? 0 : sparsity;
    PruneOptions options =
        PruneOptions.of(amount)
            .withAmount(amounts)
            .withPattern(Patterns.parse(pattern))
            .withCriterion(Criteria.parse(criterion))
            .withAllocation(Allocations.parse(allocation))
            .withSchedule(when)
            .withSplicing(splicing && training.isPresent())
            .withSelection(targets.selection());
    return new PruneStage(training.isPresent() ? options.withFinetune(training.get()) : options);
  }

  private Schedule schedule() {
    Map<String, String> settings = new LinkedHashMap<>();
    put(settings, "initial-sparsity", initialSparsity);
    put(settings, "steps", steps);
    put(settings, "span", span);
    put(settings, "rounds", rounds);
    return Schedules.parse(schedule, settings);
  }

  private static void put(Map<String, String> settings, String name, @Nullable String value) {
    if (value != null) {
      settings.put(name, value);
    }
  }

  @Override
  public List<Path> files() {
    return finetune.files();
  }
}
