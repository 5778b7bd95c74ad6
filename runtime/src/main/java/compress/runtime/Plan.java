package compress.runtime;

import compress.model.Node;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.runtime.op.Threads;
import compress.runtime.op.Value;
import compress.runtime.op.Work;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A network for inputs of certain shapes: steps in order, and a place for each value. */
public final class Plan {
  /** Is told how long each step took. */
  @FunctionalInterface
  public interface Timer {
    void ran(Step step, long nanos);
  }

  /** A step, and what it does: works with fixed places, or a node that is planned as it runs. */
  record Part(Step step, List<Work> works, @Nullable Node late) {}

  /** An input, an output: its name and where it lies. */
  record Port(String name, Value value) {}

  private final List<Part> parts;
  private final List<Port> inputs;
  private final List<ValueInfo> outputs;
  private final Map<String, Value> values;
  private final Memory memory;
  private final Source source;
  private @Nullable MemorySegment block;

  Plan(
      List<Part> parts,
      List<Port> inputs,
      Map<String, Value> values,
      Memory memory,
      Source source) {
    this.parts = parts;
    this.inputs = inputs;
    this.outputs = source.graph().outputs();
    this.values = values;
    this.memory = memory;
    this.source = source;
  }

  /** The steps in the order in which they run. */
  public List<Step> steps() {
    return parts.stream().map(Part::step).toList();
  }

  /** Bytes that all values take together, weights not counted. */
  public long bytes() {
    return memory.bytes();
  }

  void place(MemorySegment at) {
    if (!at.equals(block)) {
      memory.place(at);
      block = at;
    }
  }

  SequencedMap<String, Tensor> run(
      Map<String, Tensor> given, Threads threads, @Nullable Timer timer) {
    for (Port input : inputs) {
      input.value().put(Objects.requireNonNull(given.get(input.name())));
    }
    Map<String, Value> late = new HashMap<>();
    for (Part part : parts) {
      long start = timer == null ? 0 : System.nanoTime();
      Node node = part.late;
      if (node == null) {
        List<Work> works = part.works;
        for (int i = 0; i < works.size(); i++) {
          works.get(i).run(threads);
        }
      } else {
        runLate(node, late, threads);
      }
      if (timer != null) {
        timer.ran(part.step, System.nanoTime() - start);
      }
    }
    SequencedMap<String, Tensor> results = new LinkedHashMap<>();
    for (ValueInfo output : outputs) {
      Value value = late.getOrDefault(output.name(), values.get(output.name()));
      if (value == null) {
        throw new IllegalArgumentException("nothing computes output '" + output.name() + "'");
      }
      results.put(output.name(), value.tensor());
    }
    return results;
  }

  /** Runs the works of a step on what lies in its inputs; false if it is planned as it runs. */
  boolean again(Step step, Threads threads) {
    Part part = parts.get(step.number());
    if (part.late != null) {
      return false;
    }
    for (Work work : part.works) {
      work.run(threads);
    }
    return true;
  }

  private void runLate(Node node, Map<String, Value> late, Threads threads) {
    Interpreter interpreter =
        new Interpreter(
            source,
            name -> {
              Value value = late.get(name);
              if (value != null) {
                return value;
              }
              Value planned = values.get(name);
              return planned == null ? null : planned.asKnown();
            },
            threads);
    List<@Nullable Value> results = interpreter.run(node);
    for (int i = 0; i < results.size(); i++) {
      Value value = results.get(i);
      if (value != null) {
        late.put(node.outputs().get(i), value);
      }
    }
  }
}
