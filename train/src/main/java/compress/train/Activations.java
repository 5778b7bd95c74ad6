package compress.train;

import compress.model.Attribute;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.data.Inputs;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;

/**
 * The values of tensors inside a network, for methods that look at a layer's inputs. ONNX Runtime
 * runs the part of the graph that they depend on, with them as its outputs; one batch at a time is
 * in memory, whatever the number of samples.
 */
public final class Activations {
  private Activations() {}

  /** What is done with the values. */
  public interface Consumer {
    /**
     * @param batch its number, counted from 0
     * @param values by name, one for each tensor that was asked for
     */
    void take(int batch, Map<String, Tensor> values) throws IOException;
  }

  /**
   * Gives the values of {@code tensors} to {@code to}, batch by batch.
   *
   * @param tensors names of values that nodes of the graph make or read, inputs of the graph
   *     included
   * @throws IllegalArgumentException if the model has no graph, no value of the graph has such a
   *     name, or the inputs do not fit
   */
  public static void stream(
      Model model,
      Collection<String> tensors,
      Inputs inputs,
      int threads,
      Progress progress,
      Consumer to)
      throws IOException {
    SequencedSet<String> wanted = new LinkedHashSet<>(tensors);
    if (wanted.isEmpty()) {
      return;
    }
    Graph graph = graph(model);
    Set<String> given = new HashSet<>();
    graph.inputs().forEach(i -> given.add(i.name()));
    List<String> computed = wanted.stream().filter(t -> !given.contains(t)).toList();
    try (Progress.Task task = progress.start("look at layers", inputs.batches())) {
      Optional<Engine> engine =
          computed.isEmpty()
              ? Optional.empty()
              : Optional.of(OnnxRuntimeEngine.of(upTo(model, computed), threads));
      try {
        for (int i = 0; i < inputs.batches(); i++) {
          Map<String, Tensor> batch = inputs.batch(i);
          SequencedMap<String, Tensor> values = new LinkedHashMap<>();
          if (engine.isPresent()) {
            values.putAll(engine.get().run(batch));
          }
          for (String name : wanted) {
            if (given.contains(name)) {
              values.put(name, batch.get(name));
            }
          }
          to.take(i, values);
          task.advance(1);
        }
      } finally {
        engine.ifPresent(Engine::close);
      }
    }
  }

  private static Graph graph(Model model) {
    return model
        .graph()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "the model has no graph, so its layers have no inputs; take an ONNX file"));
  }

  /**
   * The part of a network that makes {@code tensors}, which become its outputs. All inputs stay.
   *
   * @throws IllegalArgumentException if no node makes one of them
   */
  static Model upTo(Model model, Collection<String> tensors) {
    Graph graph = graph(model);
    Map<String, Node> makers = new HashMap<>();
    graph.nodes().forEach(n -> n.outputs().forEach(o -> makers.put(o, n)));
    for (String tensor : tensors) {
      if (!makers.containsKey(tensor)) {
        throw new IllegalArgumentException("no node of the graph makes a tensor '" + tensor + "'");
      }
    }
    // A sub-graph may read any value from outside without saying so here.
    boolean closed =
        graph.nodes().stream()
            .flatMap(n -> n.attributes().values().stream())
            .noneMatch(a -> a instanceof Attribute.Carried);
    Set<String> needed = new HashSet<>(tensors);
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (!closed || node.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(node.inputs());
        kept.addFirst(node);
      }
    }
    SequencedMap<String, Param> params = new LinkedHashMap<>(model.params());
    if (closed) {
      params.keySet().retainAll(needed);
    }
    List<ValueInfo> outputs =
        tensors.stream()
            .map(t -> new ValueInfo(t, Optional.empty(), Optional.empty(), new byte[0]))
            .toList();
    Graph part = new Graph(graph.name(), kept, graph.inputs(), outputs, graph.carried());
    return new Model(Optional.of(part), params, model.opsets(), model.metadata(), model.carried());
  }
}
