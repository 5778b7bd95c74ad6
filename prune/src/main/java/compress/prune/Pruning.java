package compress.prune;

import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.train.BatchNormStatistics;
import compress.train.Calibration;
import compress.train.Context;
import compress.train.FreshWeights;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trained;
import compress.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One run of {@link PruneStage}: cuts and trains as the schedule says. */
final class Pruning {
  private final PruneOptions options;
  private final Context context;
  private final Model original;
  private final Evidences evidences;
  private final Pruner pruner;
  private Map<String, Mask> admitted = Map.of();
  private final Map<String, Object> details = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  Pruning(PruneOptions options, Context context, Model original, Prunable prunable)
      throws IOException {
    this.options = options;
    this.context = context;
    this.original = original;
    this.evidences = new Evidences(options, context);
    this.pruner =
        new Pruner(
            options, prunable.layers(), evidences.of(original, prunable.layers()), context.seed());
  }

  /** What the report says beside the tensors. */
  Map<String, Object> details() {
    if (!notes.isEmpty()) {
      details.put("notes", List.copyOf(notes));
    }
    return details;
  }

  Model run() throws IOException {
    admitted = pruner.admitted();
    Model pruned =
        switch (options.schedule()) {
          case Schedule.OneShot _ -> tuned(cut(original, sparsities(original)));
          case Schedule.Sampling s -> tuned(sampled(s));
          case Schedule.Rewind r -> rewound(r);
          case Schedule.Growing g -> grown(g);
          case Schedule.Gradual _, Schedule.Iterative _ ->
              options.schedule().updates() > 1
                  ? spread()
                  : tuned(cut(original, sparsities(original)));
        };
    Model result = options.control() == Control.FROM_SCRATCH ? fromScratch(pruned) : pruned;
    requirePatterns(result);
    return result;
  }

  /** What is not 0 must lie within what the pattern of its tensor kept. */
  private void requirePatterns(Model result) {
    pruner
        .layers()
        .forEach((name, layer) -> {
          Mask is = result.param(name).mask();
          Mask may = admitted.get(name);
          boolean within = options.pattern().get(name).admits(layer.view(is));
          if (!within && may != null) {
            within = true;
            for (int i = 0; i < is.shape().size(); i++) {
              within &= may.keeps(i) || !is.keeps(i);
            }
          }
          if (!within) {
            throw new IllegalStateException(
                name + ": the result is not " + options.pattern().get(name).name());
          }
        });
  }

  private Map<String, Double> sparsities(Model model) {
    return pruner.sparsities(name -> model.param(name).values().toFloats());
  }

  /** The original with one layer pruned alone. */
  Model alone(String layer, double sparsity) throws IOException {
    return cut(original, pruner.only(layer), Map.of(layer, sparsity));
  }

  /** Measures how much worse others are than the original. */
  Judge judge(Optional<Judge.Metric> metric) throws IOException {
    boolean labelled =
        context.data().isPresent()
            && !context.data().get().validation().isEmpty()
            && context.data().get().validation().hasLabels();
    return metric.map(m -> m == Judge.Metric.ACCURACY).orElse(labelled)
        ? Judge.byAccuracy(original, context.data().orElseThrow(), context.threads())
        : Judge.byAnswers(
            original, metric, evidences.calibration(original).inputs(), context.threads());
  }

  private Model cut(Model model, Map<String, Double> sparsities) throws IOException {
    return cut(model, pruner, sparsities);
  }

  /** {@code model} at given sparsities, untrained. */
  private Model cut(Model model, Pruner pruner, Map<String, Double> sparsities) throws IOException {
    Model result;
    boolean random = options.control() == Control.RANDOM_MASK;
    if (options.criterion() instanceof Criteria.Obs && !random) {
      Calibration calibration = evidences.calibration(model);
      Reconstruction reconstruction = new Reconstruction(options, calibration);
      result = reconstruction.run(model, pruner.layers(), sparsities);
      admitted = reconstruction.admitted();
    } else {
      Map<String, Mask> masks =
          pruner.masks(name -> model.param(name).values().toFloats(), sparsities);
      result = masked(model, masks);
      admitted = pruner.admitted();
    }
    return options.resetBatchNorm() ? measured(result) : result;
  }

  private static Model masked(Model model, Map<String, Mask> masks) {
    List<Param> changed = new ArrayList<>();
    masks.forEach((name, mask) -> {
      Param param = model.param(name);
      changed.add(param.with(Zeroed.of(param.values(), mask)));
    });
    return model.with(changed);
  }

  private Model measured(Model model) throws IOException {
    Calibration c = evidences.calibration(model);
    return BatchNormStatistics.measured(model, c.inputs(), c.threads(), c.progress());
  }

  private Model tuned(Model model) throws IOException {
    return options.finetune().isEmpty()
        ? model
        : train(model, options.finetune().get(), "").model();
  }

  /**
   * Trains with all zeros held.
   *
   * @param part of the work, for the folder of checkpoints
   */
  private Trained train(Model model, TrainOptions training, String part) throws IOException {
    return train(model, training.keepingZeros(model), StepHook.NONE, part);
  }

  private Trained train(Model model, TrainOptions training, StepHook hook, String part)
      throws IOException {
    Context within = context;
    if (!part.isEmpty() && context.checkpoints().isPresent()) {
      within = context.withCheckpoints(context.checkpoints().get().resolve(part));
    }
    Trained trained = Trainer.train(model, context.data().orElseThrow(), training, within, hook);
    details.putAll(trained.details());
    notes.addAll(trained.notes());
    return trained;
  }

  private Model sampled(Schedule.Sampling schedule) throws IOException {
    Calibration calibration = evidences.calibration(original);
    Judge judge = judge(Optional.empty());
    Optional<Calibration> statistics =
        BatchNormStatistics.exist(original) ? Optional.of(calibration) : Optional.empty();
    SubModels subModels =
        new SubModels(schedule, pruner.layers(), judge, statistics, context.progress());
    SubModels.Found found =
        subModels.best(s -> cut(original, s), sparsities(original), context.seed());
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("metric", judge.metric().toString());
    facts.put("chosen", found.candidate());
    facts.put("losses", List.copyOf(found.losses().values()));
    details.put("candidates", facts);
    return cut(original, found.sparsities());
  }

  private Model rewound(Schedule.Rewind schedule) throws IOException {
    TrainOptions training = options.finetune().orElseThrow();
    Model start = original;
    if (schedule.warmUp() > 0) {
      start = train(original, training.withEpochs(schedule.warmUp()), "warm-up").model();
    }
    Model current = start;
    for (int round = 0; round < schedule.rounds(); round++) {
      Model trained = train(current, training, "round-" + (round + 1)).model();
      Map<String, Mask> masks =
          pruner.masks(name -> trained.param(name).values().toFloats(), round);
      current = masked(start, masks);
    }
    return train(current, training, "final").model();
  }

  private Model grown(Schedule.Growing schedule) throws IOException {
    TrainOptions training = options.finetune().orElseThrow().keepingZeros(original);
    String description = new PruneHook(options, pruner, training.epochs()).describe();
    GrowingHook hook = new GrowingHook(schedule, pruner, description, training.epochs());
    Trained trained = train(original, training, hook, "");
    return hook.isDone() && isAsSparse(trained) ? trained.model() : rest(trained.model());
  }

  private Model spread() throws IOException {
    TrainOptions training = options.finetune().orElseThrow().keepingZeros(original);
    PruneHook hook = new PruneHook(options, pruner, training.epochs());
    Trained trained = train(original, training, hook, "");
    return hook.isDone() && isAsSparse(trained) ? trained.model() : rest(trained.model());
  }

  /** After an early stop, or if an epoch was kept from before the last update. */
  private Model rest(Model trained) {
    notes.add("training ended before the last update of the schedule; pruned the rest at once");
    int last = options.schedule().updates() - 1;
    return masked(trained, pruner.masks(name -> trained.param(name).values().toFloats(), last));
  }

  /** Whether the last masks of the schedule hold in the model. */
  private boolean isAsSparse(Trained trained) {
    for (String name : pruner.layers().keySet()) {
      Mask mask = trained.masks().get(name);
      if (mask == null || trained.model().param(name).mask().kept() > mask.kept()) {
        return false;
      }
    }
    return true;
  }

  private Model fromScratch(Model pruned) throws IOException {
    Map<String, Mask> masks = new LinkedHashMap<>();
    pruner.layers().keySet().forEach(name -> masks.put(name, pruned.param(name).mask()));
    Model fresh = masked(FreshWeights.of(pruned, context.seed()), masks);
    return train(fresh, options.finetune().orElseThrow(), "from-scratch").model();
  }
}
