package compress.runtime;

import compress.model.Node;
import compress.runtime.op.Call;
import compress.runtime.op.Setting;
import compress.runtime.op.Threads;
import compress.runtime.op.Value;
import compress.runtime.op.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs nodes one by one, planning each when the numbers of its inputs are there. For what is
 * constant, while a network is planned; and while it runs, for what depends on numbers that were
 * not known before, and for the bodies of loops and conditions.
 */
final class Interpreter implements Setting {
  private final Source source;
  private final Function<String, @Nullable Value> outside;
  private final Threads threads;
  private final Map<String, Value> values = new HashMap<>();

  /**
   * @param outside what a name means that the graph does not define; the value is known
   */
  Interpreter(Source source, Function<String, @Nullable Value> outside, Threads threads) {
    this.source = source;
    this.outside = outside;
    this.threads = threads;
  }

  private @Nullable Value lookUp(String name) {
    Value value = values.get(name);
    if (value == null) {
      value = source.constants().get(name);
    }
    return value != null ? value : outside.apply(name);
  }

  /** Runs one node; its outputs are null where it has none. */
  List<@Nullable Value> run(Node node) {
    List<@Nullable Value> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      inputs.add(name.isEmpty() ? null : lookUp(name));
    }
    Call call = new Call(node, source.opset(node), inputs, this);
    Source.operator(node).plan(call);
    call.written().forEach(v -> v.storage().placeApart());
    call.products().forEach(p -> p.prepare(threads, Weights.Policy.DENSE));
    call.works().forEach(w -> w.run(threads));
    call.written().forEach(v -> v.storage().makeKnown());
    return call.outputs();
  }

  /** Runs a sub-graph. */
  @Override
  public List<Value> run(Node node, String attribute, List<@Nullable Value> inputs) {
    Source body = source.inside(node, attribute);
    Interpreter inside = new Interpreter(body, this::lookUp, threads);
    for (int i = 0; i < inputs.size(); i++) {
      Value value = inputs.get(i);
      if (value != null) {
        inside.values.put(body.graph().inputs().get(i).name(), value);
      }
    }
    for (Node n : body.nodes()) {
      List<@Nullable Value> outputs = inside.run(n);
      for (int i = 0; i < outputs.size(); i++) {
        Value value = outputs.get(i);
        if (value != null) {
          inside.values.put(n.outputs().get(i), value);
        }
      }
    }
    List<Value> results = new ArrayList<>();
    body.graph()
        .outputs()
        .forEach(o -> results.add(Objects.requireNonNull(inside.lookUp(o.name()))));
    return results;
  }

  @Override
  public Optional<Value> kept(Value value, long[] strides) {
    return Optional.empty();
  }

  @Override
  public void keep(Value value, Value copy) {}

  @Override
  public boolean isDense() {
    // What is planned anew in each run is not worth looking at.
    return true;
  }

  @Override
  public Weights weights(Value from, String role, Supplier<Weights> pack) {
    return pack.get();
  }
}
