package compress.train;

import compress.model.Dense;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.Weight;
import compress.model.Weights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains a network as it is: pruned entries stay zero, and shared values stay shared. A mask in the
 * options goes before the one that a param's zeros make.
 */
public final class TrainStage implements Stage {
  private final TrainOptions options;

  public TrainStage(TrainOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return "train";
  }

  @Override
  public List<String> check(Model model, Context context) {
    return context.data().isEmpty()
        ? List.of("training needs data; name some")
        : Trainer.check(model, context.data().get(), options);
  }

  @Override
  public Outcome run(Model model, Context context) throws IOException {
    List<String> problems = check(model, context);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    Map<String, Mask> masks = new LinkedHashMap<>(pruned(model));
    masks.putAll(options.masks());
    Trained trained =
        Trainer.train(
            model, context.data().orElseThrow(), options.withMasks(masks), context, StepHook.NONE);
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("training", trained.log());
    details.put("kept_epoch", trained.keptEpoch());
    if (!Double.isNaN(trained.validation())) {
      details.put("validation", trained.validation());
    }
    details.put("notes", trained.notes());
    return new Outcome(trained.model(), changes(model, trained.model()), List.of(), details);
  }

  /** The params that are pruned on purpose: a lone zero is more likely chance. */
  private static Map<String, Mask> pruned(Model model) {
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (Weight weight : Weights.of(model)) {
      if (weight.role().isWeight() && weight.param().values() instanceof Dense) {
        Mask mask = weight.param().mask();
        if (mask.sparsity() >= 0.01) {
          masks.put(weight.name(), mask);
        }
      }
    }
    return masks;
  }

  private static List<Change> changes(Model before, Model after) {
    List<Change> changes = new ArrayList<>();
    for (Param param : after.params().values()) {
      Param old = before.param(param.name());
      if (param.type().isFloat() && !param.equals(old)) {
        changes.add(
            new Change(
                param.name(),
                "trained",
                param.size(),
                old.mask().kept(),
                param.mask().kept(),
                param.values().bits()));
      }
    }
    return changes;
  }
}
