package compress.prune;

import compress.model.Dense;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.Values;
import compress.train.BatchNormStatistics;
import compress.train.Change;
import compress.train.Context;
import compress.train.Outcome;
import compress.train.Skip;
import compress.train.Stage;
import compress.train.TrainOptions;
import compress.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Removes the weights that matter least, by setting them to zero, and then, if asked to, trains
 * what is left. With a {@link Schedule} of several updates the removal is spread over the training.
 *
 * <p>Zeros of an earlier stage stay zero and count as removed, those in layers that are not
 * selected included. First, last and tiny layers stay whole unless they are named: {@link Spared}
 * says which; they are reported as skipped, and have no part in the sparsity. A codebook stays a
 * codebook, affine integers stay integers. Works without a graph and without data as long as
 * nothing is to be trained.
 */
public final class PruneStage implements Stage {
  private final PruneOptions options;

  public PruneStage(PruneOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return "prune";
  }

  @Override
  public List<String> check(Model model, Context context) {
    List<String> problems = new ArrayList<>();
    collect(problems, () -> options.selection().check(model));
    collect(problems, () -> options.amount().check(model));
    collect(problems, () -> options.pattern().check(model));
    collect(problems, () -> options.allocation().check(options.amount().otherwise()));
    for (var rule : options.amount().rules()) {
      collect(problems, rule.names() + ": ", () -> options.allocation().check(rule.value()));
    }
    Prunable prunable = Prunable.of(model, options);
    List<String> layers = List.copyOf(prunable.layers().keySet());
    if (layers.isEmpty() && problems.isEmpty()) {
      problems.add("nothing to prune: no weight is selected");
      prunable.skipped().forEach(s -> problems.add(s.name() + ": " + s.reason()));
    }
    layers.forEach(name -> whyNotNumbers(model.param(name)).ifPresent(problems::add));
    problems.addAll(Evidences.check(options, context, model));
    problems.addAll(contradictions(model, context));
    Optional<TrainOptions> finetune = options.finetune();
    if (finetune.isPresent() && context.data().isEmpty()) {
      problems.add("fine-tuning needs data; give some, or leave fine-tuning out");
    } else if (finetune.isPresent()) {
      problems.addAll(Trainer.check(model, context.data().get(), finetune.get()));
    }
    if (trainsWhilePruning()) {
      checkSpread(problems, model, layers);
    }
    boolean several = options.schedule().updates() > 1;
    if (options.splicing() && !(several && isHooked())) {
      problems.add("splicing needs a schedule of several updates; use gradual or iterative");
    }
    return problems;
  }

  /** Options that do not go together. */
  private List<String> contradictions(Model model, Context context) {
    List<String> wrong = new ArrayList<>();
    boolean obs = options.criterion().evidence() == Criterion.Evidence.CURVATURE;
    if (obs && trainsWhilePruning()) {
      wrong.add(
          "criterion 'obs' adjusts the weights that stay, so it prunes at once; use schedule"
              + " one-shot or sampling");
    }
    if (obs && options.allocation().needsScores()) {
      wrong.add(
          "allocation '%s' compares scores of layers, which criterion 'obs' has only one by one; use"
                  .formatted(options.allocation().name())
              + " uniform, erk or sensitivity");
    }
    boolean watches = options.criterion().evidence() == Criterion.Evidence.MOVEMENT;
    if (watches && !(isHooked() && options.schedule().updates() > 1)) {
      wrong.add(
          "criterion 'movement' watches weights move in training; use schedule gradual or iterative");
    }
    if (options.control() == Control.FROM_SCRATCH && !trains()) {
      wrong.add("control from-scratch trains new weights; add epochs of fine-tuning");
    }
    if (options.resetBatchNorm() || options.schedule() instanceof Schedule.Sampling) {
      if (model.graph().isEmpty()) {
        wrong.add("the model has no graph to run; take an ONNX file");
      } else {
        wrong.addAll(Evidences.checkInputs(options, context, model, "measuring networks"));
      }
    }
    if (options.resetBatchNorm() && !BatchNormStatistics.exist(model)) {
      wrong.add(
          "reset-batch-norm: the model has no batch normalization with statistics to measure");
    }
    return wrong;
  }

  private boolean trains() {
    return options.finetune().isPresent() && options.finetune().get().epochs() > 0;
  }

  /** Whether weights go while training goes on. */
  private boolean isHooked() {
    return switch (options.schedule()) {
      case Schedule.OneShot _, Schedule.Sampling _, Schedule.Rewind _ -> false;
      case Schedule.Growing _ -> true;
      case Schedule.Gradual _, Schedule.Iterative _ -> options.schedule().updates() > 1;
    };
  }

  private boolean trainsWhilePruning() {
    return isHooked() || options.schedule() instanceof Schedule.Rewind;
  }

  private void checkSpread(List<String> problems, Model model, List<String> layers) {
    String schedule = options.schedule().name();
    if (!trains()) {
      problems.add(
          "schedule '%s' prunes while training; add epochs of fine-tuning, or use one-shot"
              .formatted(schedule));
    }
    for (String layer : layers) {
      if (options.finetune().isPresent() && options.finetune().get().frozen().contains(layer)) {
        problems.add(
            "%s: schedule '%s' prunes what is trained, but the tensor is frozen"
                .formatted(layer, schedule));
      }
      Values values = model.param(layer).values();
      if (!(values instanceof Dense)) {
        problems.add(
            "%s: schedule '%s' needs plain floats, not %s; use one-shot, or prune before quantizing"
                .formatted(layer, schedule, values.getClass().getSimpleName()));
      }
    }
  }

  private static void collect(List<String> problems, Runnable check) {
    collect(problems, "", check);
  }

  private static void collect(List<String> problems, String where, Runnable check) {
    try {
      check.run();
    } catch (IllegalArgumentException e) {
      problems.add(where + e.getMessage());
    }
  }

  @Override
  public Outcome run(Model model, Context context) throws IOException {
    List<String> problems = check(model, context);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    Prunable prunable = Prunable.of(model, options);
    Pruning pruning = new Pruning(options, context, model, prunable);
    return outcome(model, pruning.run(), prunable, pruning.details());
  }

  private Outcome outcome(
      Model before, Model after, Prunable prunable, Map<String, Object> details) {
    List<Change> changed = new ArrayList<>();
    List<Map<String, Object>> tensors = new ArrayList<>();
    long size = 0;
    long kept = 0;
    for (String name : prunable.layers().keySet()) {
      Param now = after.param(name);
      Mask mask = now.mask();
      size += now.size();
      kept += mask.kept();
      String pattern = options.pattern().get(name).name();
      changed.add(
          new Change(
              name,
              String.format(
                  Locale.ROOT,
                  "pruned to %.1f %%%s",
                  100 * (1 - mask.sparsity()),
                  pattern.equals("unstructured") ? "" : ", " + pattern),
              now.size(),
              before.param(name).mask().kept(),
              mask.kept(),
              now.values().bits()));
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("name", name);
      facts.put("weights", now.size());
      facts.put("kept", mask.kept());
      facts.put("sparsity", mask.sparsity());
      facts.put("pattern", pattern);
      tensors.add(facts);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("pattern", options.pattern().otherwise().name());
    all.put("criterion", options.criterion().name());
    all.put("allocation", options.allocation().name());
    all.put("schedule", options.schedule().name());
    if (options.control() != Control.NONE) {
      all.put("control", options.control().toString());
    }
    all.put("sparsity", size == 0 ? 0 : 1 - (double) kept / size);
    all.put("tensors", tensors);
    all.put("protected", prunable.spared().stream().map(Spared::toMap).toList());
    all.put("left", prunable.left().stream().map(Skip::toMap).toList());
    all.putAll(details);
    List<Skip> skipped = new ArrayList<>(prunable.skipped());
    prunable.spared().forEach(s -> skipped.add(s.skip()));
    return new Outcome(after, changed, skipped, all);
  }

  private static Optional<String> whyNotNumbers(Param param) {
    float[] values = param.values().toFloats();
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        return Optional.of(
            "%s: weight %d is NaN; list the tensor under ignore, or repair the network"
                .formatted(param.name(), i));
      }
    }
    return Optional.empty();
  }
}
