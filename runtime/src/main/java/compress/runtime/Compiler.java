package compress.runtime;

import compress.model.DType;
import compress.model.Node;
import compress.model.Shape;
import compress.model.ValueInfo;
import compress.runtime.op.Call;
import compress.runtime.op.NotYetKnown;
import compress.runtime.op.Setting;
import compress.runtime.op.Storage;
import compress.runtime.op.Threads;
import compress.runtime.op.Unsupported;
import compress.runtime.op.Value;
import compress.runtime.op.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link Plan}: goes through the nodes once, in their order. A node whose inputs are all
 * known is run at once; one whose shapes depend on numbers that are not known is left to the run;
 * for any other its operator plans a step. Then steps that nothing needs are dropped, and what is
 * left gets its memory.
 */
final class Compiler implements Setting {
  private final Source source;
  private final Options options;
  private final Threads threads;
  private final Weights.Policy policy;
  private final Map<WeightsKey, Weights> packed;
  private final Map<String, Value> values = new HashMap<>();
  private final Set<String> late = new HashSet<>();
  private final List<Draft> drafts = new ArrayList<>();
  private final Map<Value, List<Value>> kept = new HashMap<>();

  /** Which weights were packed, shared by all plans of a program. */
  record WeightsKey(Storage storage, String role) {}

  private record Draft(Node node, @Nullable Call call) {}

  Compiler(
      Source source,
      Options options,
      Map<WeightsKey, Weights> packed,
      Threads threads,
      Weights.Policy policy) {
    this.source = source;
    this.options = options;
    this.threads = threads;
    this.policy = policy;
    this.packed = packed;
  }

  /**
   * @throws compress.runtime.op.Unsupported if a node cannot be run
   */
  Plan compile(Map<String, Shape> shapes, Map<String, DType> types) {
    values.putAll(source.constants());
    List<Plan.Port> inputs = new ArrayList<>();
    for (ValueInfo input : source.graph().inputs()) {
      String name = input.name();
      int[] shape =
          Arrays.stream(Objects.requireNonNull(shapes.get(name)).toArray())
              .mapToInt(Math::toIntExact)
              .toArray();
      Value value = Value.of(Objects.requireNonNull(types.get(name)), shape);
      values.put(name, value);
      inputs.add(new Plan.Port(name, value));
    }
    for (Node node : source.nodes()) {
      plan(node);
    }
    finish();
    return plan(inputs);
  }

  private void plan(Node node) {
    List<String> reads = source.reads(node);
    if (reads.stream().anyMatch(late::contains)) {
      defer(node);
      return;
    }
    boolean known = reads.stream().allMatch(name -> name.isEmpty() || value(name).isKnown());
    if (known) {
      name(node, new Interpreter(source, values::get, Threads.NONE).run(node));
      return;
    }
    List<@Nullable Value> given = new ArrayList<>();
    node.inputs().forEach(name -> given.add(name.isEmpty() ? null : value(name)));
    Call call = new Call(node, source.opset(node), given, this);
    int before = drafts.size();
    try {
      Source.operator(node).plan(call);
    } catch (NotYetKnown e) {
      assert before == drafts.size();
      // Copies that were planned for it are not made.
      kept.values().forEach(copies -> copies.removeAll(call.written()));
      defer(node);
      return;
    }
    drafts.add(new Draft(node, call));
    name(node, call.outputs());
  }

  private Value value(String name) {
    Value value = values.get(name);
    if (value == null) {
      throw new Unsupported("'" + name + "' is read, but nothing computes it before");
    }
    return value;
  }

  private void name(Node node, List<@Nullable Value> outputs) {
    for (int i = 0; i < outputs.size(); i++) {
      Value value = outputs.get(i);
      if (value != null && !node.outputs().get(i).isEmpty()) {
        values.put(node.outputs().get(i), value);
      }
    }
  }

  private void defer(Node node) {
    drafts.add(new Draft(node, null));
    late.addAll(node.outputs());
  }

  /** Outputs leave in row-major order. */
  private void finish() {
    for (ValueInfo output : source.graph().outputs()) {
      Value value = values.get(output.name());
      if (value == null || value.isKnown() || late.contains(output.name()) || value.isDense()) {
        continue;
      }
      Node copy = Node.of("Identity", List.of(output.name()), List.of(output.name()), Map.of());
      Call call = new Call(copy, 1, List.of(value), this);
      values.put(output.name(), call.rowMajor());
      drafts.add(new Draft(copy, call));
    }
  }

  private Plan plan(List<Plan.Port> inputs) {
    Map<Storage, Integer> lastRead = new HashMap<>();
    int end = drafts.size();
    source.graph().outputs().forEach(o -> read(lastRead, values.get(o.name()), end));
    boolean[] needed = new boolean[end];
    for (int i = end - 1; i >= 0; i--) {
      Draft draft = drafts.get(i);
      Call call = draft.call;
      if (call == null) {
        needed[i] = true;
        // What it gives may be a view of what it was given.
        source.reads(draft.node).forEach(name -> read(lastRead, values.get(name), end));
        continue;
      }
      boolean wanted = call.written().stream().anyMatch(v -> lastRead.containsKey(v.storage()));
      needed[i] = wanted && !call.works().isEmpty();
      if (needed[i]) {
        for (Value v : call.read()) {
          read(lastRead, v, i);
        }
        for (Value v : call.written()) {
          lastRead.putIfAbsent(v.storage(), i);
        }
      }
    }
    List<Memory.Life> lives = new ArrayList<>();
    for (Plan.Port input : inputs) {
      Storage storage = input.value().storage();
      lives.add(new Memory.Life(storage, -1, lastRead.getOrDefault(storage, -1)));
    }
    List<Plan.Part> parts = new ArrayList<>();
    Set<Storage> seen = new HashSet<>();
    for (int i = 0; i < end; i++) {
      if (!needed[i]) {
        continue;
      }
      Draft draft = drafts.get(i);
      Call call = draft.call;
      if (call == null) {
        parts.add(
            new Plan.Part(Steps.of(parts.size(), draft.node, List.of()), List.of(), draft.node));
        continue;
      }
      call.products().forEach(p -> p.prepare(threads, policy));
      for (Value v : call.written()) {
        if (seen.add(v.storage())) {
          lives.add(
              new Memory.Life(v.storage(), i, Objects.requireNonNull(lastRead.get(v.storage()))));
        }
      }
      Step step = Steps.of(parts.size(), draft.node, call.products());
      parts.add(new Plan.Part(step, List.copyOf(call.works()), null));
    }
    Memory memory = new Memory(lives, options.sharedMemory());
    return new Plan(parts, inputs, values, memory, source);
  }

  private static void read(Map<Storage, Integer> lastRead, @Nullable Value value, int step) {
    if (value != null && !value.storage().isPlaced()) {
      lastRead.merge(value.storage(), step, Math::max);
    }
  }

  @Override
  public Optional<Value> kept(Value value, long[] strides) {
    return kept.getOrDefault(value, List.of()).stream()
        .filter(v -> v.hasStrides(strides))
        .findFirst();
  }

  @Override
  public void keep(Value value, Value copy) {
    kept.computeIfAbsent(value, v -> new ArrayList<>()).add(copy);
  }

  @Override
  public boolean isDense() {
    return policy.dense();
  }

  @Override
  public Weights weights(Value from, String role, Supplier<Weights> pack) {
    WeightsKey key = new WeightsKey(from.storage(), role);
    Weights weights = packed.get(key);
    if (weights == null) {
      weights = pack.get();
      if (source.constants().containsValue(from)) {
        packed.put(key, weights);
      }
    }
    return weights;
  }

  @Override
  public List<Value> run(Node node, String attribute, List<@Nullable Value> inputs) {
    throw new NotYetKnown();
  }
}
