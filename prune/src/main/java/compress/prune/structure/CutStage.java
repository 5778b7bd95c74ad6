package compress.prune.structure;

import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.Shape;
import compress.prune.Spared;
import compress.prune.structure.ChannelGroup.Member;
import compress.train.Change;
import compress.train.Context;
import compress.train.Macs;
import compress.train.Outcome;
import compress.train.Skip;
import compress.train.Stage;
import compress.train.StepHook;
import compress.train.Trained;
import compress.train.Trainer;
import compress.train.ValueShapes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Cuts channels, neurons or heads out of a network, so that its params and the work of running it
 * shrink, and then, if asked to, trains what is left. What hangs together goes together ({@link
 * Structure}); the result is run by ONNX Runtime, and each of its shapes compared with what was
 * expected.
 */
public final class CutStage implements Stage {
  /** More than 1, so that no axis is mistaken for a batch. */
  private static final long BATCH = 2;

  private static final List<String> ALLOCATIONS = List.of("uniform", "global", "lamp");

  private final CutOptions options;

  public CutStage(CutOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return "prune";
  }

  @Override
  public List<String> check(Model model, Context context) {
    List<String> problems = checkOptions(model, context);
    if (problems.isEmpty()) {
      try {
        prepare(model, context);
      } catch (IOException | IllegalArgumentException | IllegalStateException e) {
        return List.of(String.valueOf(e.getMessage()));
      }
    }
    return problems;
  }

  /** What needs no look at the graph. */
  private List<String> checkOptions(Model model, Context context) {
    List<String> problems = new ArrayList<>();
    if (model.graph().isEmpty()) {
      return List.of(
          "pattern '%s' needs a graph, which says what hangs together; bare safetensors have none"
              .formatted(options.pattern()));
    }
    collect(problems, () -> options.selection().check(model));
    collect(problems, () -> options.amount().check(model));
    String allocation = options.allocation().name();
    if (!ALLOCATIONS.contains(allocation)) {
      problems.add(
          "allocation '%s' is none for pattern '%s'; there are: %s"
              .formatted(allocation, options.pattern(), String.join(", ", ALLOCATIONS)));
    }
    collect(problems, () -> options.allocation().check(options.amount().otherwise()));
    options
        .amount()
        .rules()
        .forEach(r -> collect(problems, () -> options.allocation().check(r.value())));
    if (options.finetune().isPresent()) {
      if (context.data().isEmpty()) {
        problems.add("fine-tuning needs data; give some, or leave fine-tuning out");
      } else {
        problems.addAll(Trainer.check(model, context.data().get(), options.finetune().get()));
      }
    }
    return problems;
  }

  /** What is found out before anything is cut. */
  private record Prepared(Structure structure, CutPlan plan, List<BitSet> units) {}

  /**
   * @throws IllegalArgumentException if nothing can be cut, or not as much as asked for
   */
  private Prepared prepare(Model model, Context context) throws IOException {
    Structure structure = Structure.of(model, ValueShapes.of(model, BATCH));
    CutPlan plan = new CutPlan(structure, options, context.seed());
    List<ChannelGroup> taken =
        structure.groups().stream().filter(g -> plan.whyLeft(g).isEmpty()).toList();
    if (taken.isEmpty()) {
      throw new IllegalArgumentException("nothing to cut: " + whyNothing(structure, plan));
    }
    for (ChannelGroup group : taken) {
      for (Member member : group.weights()) {
        requireNumbers(model.param(member.param()));
      }
    }
    return new Prepared(structure, plan, plan.units());
  }

  private static String whyNothing(Structure structure, CutPlan plan) {
    if (structure.groups().isEmpty()) {
      return "the network has no layers with weights";
    }
    List<String> reasons = new ArrayList<>();
    for (ChannelGroup group : structure.groups()) {
      reasons.add(group.name() + ": " + plan.whyLeft(group).orElse(""));
    }
    int most = 5;
    String more = reasons.size() > most ? "; and %d more".formatted(reasons.size() - most) : "";
    return String.join("; ", reasons.subList(0, Math.min(most, reasons.size()))) + more;
  }

  private static void collect(List<String> problems, Runnable check) {
    try {
      check.run();
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
    }
  }

  private static void requireNumbers(Param param) {
    float[] values = param.values().toFloats();
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        throw new IllegalArgumentException(
            "%s: weight %d is NaN; list the tensor under ignore, or repair the network"
                .formatted(param.name(), i));
      }
    }
  }

  @Override
  public Outcome run(Model model, Context context) throws IOException {
    List<String> problems = checkOptions(model, context);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    Prepared prepared = prepare(model, context);
    Structure structure = prepared.structure;
    Cutter cutter = new Cutter(structure, prepared.units);
    Model result = cutter.model();
    verify(result, cutter.shapes());
    SequencedMap<String, Object> details = details(structure, prepared.plan, prepared.units);
    details.put("macs_before", macs(model));
    details.put("macs_after", macs(result));
    if (options.finetune().isPresent()) {
      Trained trained =
          Trainer.train(
              result,
              context.data().orElseThrow(),
              options.finetune().get().keepingZeros(result),
              context,
              StepHook.NONE);
      result = trained.model();
      details.putAll(trained.details());
    }
    List<Skip> skipped = skipped(structure);
    prepared.plan.spared().forEach(s -> skipped.add(s.skip()));
    return new Outcome(result, changed(model, result), skipped, details);
  }

  /** Multiply-accumulates for one sample. */
  private static long macs(Model model) throws IOException {
    return Macs.of(model, ValueShapes.of(model, 1)).total();
  }

  /** Runs the smaller network: whatever a rule got wrong shows here, not at the user's. */
  private static void verify(Model model, SequencedMap<String, Shape> expected) throws IOException {
    ValueShapes.of(model, BATCH)
        .forEach((value, shape) -> {
          if (expected.containsKey(value) && !shape.equals(expected.get(value))) {
            throw new IllegalStateException(
                "after the cut '%s' has shape %s, not %s as expected; please report this network"
                    .formatted(value, shape, expected.get(value)));
          }
        });
  }

  private static List<Change> changed(Model before, Model after) {
    List<Change> changed = new ArrayList<>();
    for (Param was : before.params().values()) {
      Param is = after.params().get(was.name());
      if (is != null && was.type().isFloat() && !was.shape().equals(is.shape())) {
        Mask mask = is.mask();
        changed.add(
            new Change(
                was.name(),
                "cut from %s to %s".formatted(was.shape(), is.shape()),
                is.size(),
                was.mask().kept(),
                mask.kept(),
                is.values().bits()));
      }
    }
    return changed;
  }

  /** Groups that an operator without a rule keeps whole. */
  private List<Skip> skipped(Structure structure) {
    List<Skip> skipped = new ArrayList<>();
    for (ChannelGroup group : structure.groups()) {
      Optional<String> barrier = group.barrier();
      if (options.pattern().takes(group) && barrier.isPresent() && structure.isGap(barrier.get())) {
        skipped.add(new Skip(group.name(), barrier.get()));
      }
    }
    return skipped;
  }

  private SequencedMap<String, Object> details(
      Structure structure, CutPlan plan, List<BitSet> units) {
    List<Map<String, Object>> groups = new ArrayList<>();
    long all = 0;
    long cut = 0;
    for (int g = 0; g < units.size(); g++) {
      ChannelGroup group = structure.groups().get(g);
      Optional<String> left = plan.whyLeft(group);
      SequencedMap<String, Object> facts = new LinkedHashMap<>();
      facts.put("name", group.name());
      facts.put("kind", group.kind().toString());
      facts.put("units", group.units());
      facts.put("kept", group.units() - units.get(g).cardinality());
      facts.put("members", group.members().stream().map(CutStage::describe).toList());
      if (left.isPresent()) {
        facts.put("reason", left.get());
      } else {
        facts.put("cut", units.get(g).stream().boxed().toList());
        all += group.units();
        cut += units.get(g).cardinality();
      }
      groups.add(facts);
    }
    SequencedMap<String, Object> details = new LinkedHashMap<>();
    details.put("pattern", options.pattern().toString());
    details.put("criterion", options.criterion().name());
    details.put("allocation", options.allocation().name());
    details.put("sparsity", all == 0 ? 0 : (double) cut / all);
    details.put("groups", groups);
    details.put("protected", plan.spared().stream().map(Spared::toMap).toList());
    return details;
  }

  private static Map<String, Object> describe(Member member) {
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("tensor", member.param());
    facts.put("axis", member.axis());
    facts.put("per_unit", member.perUnit());
    facts.put(
        "first", member.indices().getFirst().length == 0 ? -1 : member.indices().getFirst()[0]);
    return facts;
  }
}
