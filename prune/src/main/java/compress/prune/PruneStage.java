package compress.prune;

import compress.model.Dense;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Weight;
import compress.model.Weights;
import compress.train.Change;
import compress.train.Context;
import compress.train.Outcome;
import compress.train.Skip;
import compress.train.Stage;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trained;
import compress.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Removes the weights that matter least, by setting them to zero, and then, if asked to, trains
 * what is left. With a {@link Schedule} of several updates the removal is spread over the training.
 *
 * <p>Zeros of an earlier stage stay zero and count as removed, those in layers that are not
 * selected included. A codebook stays a codebook, affine integers stay integers. Works without a
 * graph and without data as long as nothing is to be trained.
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
    collect(problems, () -> options.allocation().check(options.amount().otherwise()));
    for (var rule : options.amount().rules()) {
      collect(problems, rule.names() + ": ", () -> options.allocation().check(rule.value()));
    }
    SequencedMap<String, Param> layers = layers(model);
    if (layers.isEmpty() && problems.isEmpty()) {
      problems.add("nothing to prune: no weight is selected");
    }
    layers.values().forEach(p -> whyNotNumbers(p).ifPresent(problems::add));
    for (Param layer : layers.values()) {
      collect(problems, layer.name() + ": ", () -> options.pattern().requireSuits(layer.shape()));
    }
    Optional<TrainOptions> finetune = options.finetune();
    if (finetune.isPresent() && context.data().isEmpty()) {
      problems.add("fine-tuning needs data; give some, or leave fine-tuning out");
    } else if (finetune.isPresent()) {
      problems.addAll(Trainer.check(model, context.data().get(), finetune.get()));
    }
    if (isSpread()) {
      checkSpread(problems, layers);
    } else if (options.splicing()) {
      problems.add("splicing needs a schedule of several updates; use gradual or iterative");
    }
    return problems;
  }

  /** Whether pruning goes on while the network is trained. */
  private boolean isSpread() {
    return options.schedule().updates() > 1;
  }

  private void checkSpread(List<String> problems, SequencedMap<String, Param> layers) {
    String schedule = options.schedule().name();
    if (options.finetune().isEmpty() || options.finetune().get().epochs() == 0) {
      problems.add(
          "schedule '%s' prunes while training; add epochs of fine-tuning, or use one-shot"
              .formatted(schedule));
    }
    for (Param layer : layers.values()) {
      if (options.finetune().isPresent()
          && options.finetune().get().frozen().contains(layer.name())) {
        problems.add(
            "%s: schedule '%s' prunes what is trained, but the tensor is frozen"
                .formatted(layer.name(), schedule));
      }
      if (!(layer.values() instanceof Dense)) {
        problems.add(
            "%s: schedule '%s' needs plain floats, not %s; use one-shot, or prune before quantizing"
                .formatted(layer.name(), schedule, layer.values().getClass().getSimpleName()));
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
    SequencedMap<String, Param> layers = layers(model);
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    layers.forEach((name, param) -> shapes.put(name, param.shape()));
    Pruner pruner = new Pruner(options, context.seed());
    Map<String, Object> details = new LinkedHashMap<>();
    Model result = isSpread() ? model : pruned(model, shapes, pruner);
    if (options.finetune().isPresent()) {
      TrainOptions training = options.finetune().get().keepingZeros(result);
      PruneHook gradual = new PruneHook(options, pruner, shapes, training.epochs());
      StepHook hook = isSpread() ? gradual : StepHook.NONE;
      Trained trained =
          Trainer.train(result, context.data().orElseThrow(), training, context, hook);
      result = trained.model();
      details.putAll(trained.details());
      if (isSpread() && !isAsSparse(result, trained.masks(), shapes, gradual)) {
        // An early stop, or an epoch kept from before the last update.
        result = pruned(result, shapes, pruner);
        List<String> notes = new ArrayList<>(trained.notes());
        notes.add("training ended before the last update of the schedule; pruned the rest at once");
        details.put("notes", notes);
      }
    }
    return outcome(model, result, layers, details);
  }

  /** {@code model} at the final sparsity. */
  private Model pruned(Model model, SequencedMap<String, Shape> shapes, Pruner pruner) {
    List<Param> changed = new ArrayList<>();
    int last = options.schedule().updates() - 1;
    pruner
        .masks(shapes, name -> model.param(name).values().toFloats(), last)
        .forEach((name, mask) -> {
          Param param = model.param(name);
          changed.add(param.with(Zeroed.of(param.values(), mask)));
        });
    return model.with(changed);
  }

  /** Whether the last masks of the schedule were set and hold in {@code model}. */
  private static boolean isAsSparse(
      Model model, Map<String, Mask> masks, SequencedMap<String, Shape> shapes, PruneHook hook) {
    for (String name : shapes.keySet()) {
      Mask mask = masks.get(name);
      if (mask == null || model.param(name).mask().kept() > mask.kept()) {
        return false;
      }
    }
    return hook.isDone();
  }

  private Outcome outcome(
      Model before, Model after, SequencedMap<String, Param> layers, Map<String, Object> details) {
    List<Change> changed = new ArrayList<>();
    List<Skip> skipped = new ArrayList<>();
    List<Map<String, Object>> tensors = new ArrayList<>();
    List<Map<String, Object>> left = new ArrayList<>();
    long size = 0;
    long kept = 0;
    for (Weight weight : Weights.of(before)) {
      String name = weight.name();
      if (!layers.containsKey(name)) {
        String reason = options.selection().whyLeft(weight, false).orElse("");
        if (reason.isEmpty()) {
          skipped.add(new Skip(name, whyUnable(weight.param()).orElseThrow()));
        } else {
          left.add(new Skip(name, reason).toMap());
        }
        continue;
      }
      Param now = after.param(name);
      long nonzeroBefore = weight.param().mask().kept();
      Mask mask = now.mask();
      size += now.size();
      kept += mask.kept();
      changed.add(
          new Change(
              name,
              String.format(Locale.ROOT, "pruned to %.1f %%", 100 * (1 - mask.sparsity())),
              now.size(),
              nonzeroBefore,
              mask.kept(),
              now.values().bits()));
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("name", name);
      facts.put("weights", now.size());
      facts.put("kept", mask.kept());
      facts.put("sparsity", mask.sparsity());
      tensors.add(facts);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("pattern", options.pattern().name());
    all.put("criterion", options.criterion().name());
    all.put("allocation", options.allocation().name());
    all.put("schedule", options.schedule().name());
    all.put("sparsity", size == 0 ? 0 : 1 - (double) kept / size);
    all.put("tensors", tensors);
    all.put("left", left);
    all.putAll(details);
    return new Outcome(after, changed, skipped, all);
  }

  /** The params to prune, by name, in the order of the model. */
  private SequencedMap<String, Param> layers(Model model) {
    SequencedMap<String, Param> layers = new LinkedHashMap<>();
    for (Weight weight : Weights.of(model)) {
      if (options.selection().whyLeft(weight, false).isEmpty()
          && whyUnable(weight.param()).isEmpty()) {
        layers.put(weight.name(), weight.param());
      }
    }
    return layers;
  }

  /** Why a tensor that is selected cannot be pruned. */
  private static Optional<String> whyUnable(Param param) {
    if (param.size() > Integer.MAX_VALUE - 8) {
      return Optional.of("has more weights than an array holds; split it first");
    }
    return Zeroed.canHoldZero(param.values())
        ? Optional.empty()
        : Optional.of("type F8_E8M0 has no zero; convert it to another first");
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
