package compress.runtime;

import compress.model.Attribute;
import compress.model.FormatException;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.onnx.OnnxReader;
import compress.runtime.op.Operator;
import compress.runtime.op.Operators;
import compress.runtime.op.Unsupported;
import compress.runtime.op.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph to be run: its nodes that something needs, its constants, and the graphs inside of its
 * nodes. Whatever nothing here runs is found when this is made.
 *
 * @param constants by name, shared by all plans
 * @param inner by node and attribute
 * @param outside names that the graph reads and does not make, in the order of reading
 */
record Source(
    Graph graph,
    List<Node> nodes,
    Map<String, Long> opsets,
    Map<String, Value> constants,
    Map<Inner, Source> inner,
    Set<String> outside) {
  /** A graph that a node has as an attribute. */
  record Inner(List<String> outputs, String attribute) {
    static Inner of(Node node, String attribute) {
      return new Inner(node.outputs(), attribute);
    }
  }

  /**
   * @throws FormatException if the model has no graph, or a node that nothing here runs
   */
  static Source of(Path file, Model model) throws IOException {
    Graph graph =
        model
            .graph()
            .orElseThrow(() ->
                new FormatException(
                    file,
                    FormatException.NOWHERE,
                    "weights only and no graph, so it cannot be run"));
    List<Node> nodes = needed(graph);
    Map<String, Value> constants = new HashMap<>();
    model.params().forEach((name, param) -> constants.put(name, Value.constant(param)));
    Map<Inner, Source> inner = new HashMap<>();
    Set<String> made = new HashSet<>(constants.keySet());
    graph.inputs().forEach(i -> made.add(i.name()));
    Set<String> outside = new LinkedHashSet<>();
    for (Node node : nodes) {
      if (Operators.of(node) == null) {
        throw new FormatException(
            file,
            FormatException.NOWHERE,
            node.label() + ": operator '" + node.op() + "' is not offered by the bundled engine");
      }
      List<String> reads = new ArrayList<>(node.inputs());
      for (Map.Entry<String, Attribute> a : node.attributes().entrySet()) {
        if (a.getValue() instanceof Attribute.Carried carried) {
          Source within = of(file, OnnxReader.subgraph(file, carried, model.opsets()));
          inner.put(Inner.of(node, a.getKey()), within);
          reads.addAll(within.outside);
        }
      }
      reads.stream().filter(r -> !r.isEmpty() && !made.contains(r)).forEach(outside::add);
      made.addAll(node.outputs());
    }
    graph.outputs().stream()
        .map(o -> o.name())
        .filter(o -> !made.contains(o))
        .forEach(outside::add);
    return new Source(graph, nodes, model.opsets(), constants, inner, outside);
  }

  /** Nodes that an output follows from. */
  private static List<Node> needed(Graph graph) {
    // What a sub-graph reads from outside is not among the inputs, so then all nodes are kept.
    if (graph.nodes().stream().anyMatch(Source::hasGraph)) {
      return graph.nodes();
    }
    Set<String> wanted = new HashSet<>();
    graph.outputs().forEach(o -> wanted.add(o.name()));
    List<Node> needed = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(wanted::contains)) {
        needed.addFirst(node);
        wanted.addAll(node.inputs());
      }
    }
    return needed;
  }

  private static boolean hasGraph(Node node) {
    return node.attributes().values().stream().anyMatch(Attribute.Carried.class::isInstance);
  }

  /** What a node reads, its sub-graphs' reading included. */
  List<String> reads(Node node) {
    List<String> reads = new ArrayList<>(node.inputs());
    for (String attribute : node.attributes().keySet()) {
      Source within = inner.get(Inner.of(node, attribute));
      if (within != null) {
        reads.addAll(within.outside);
      }
    }
    return reads;
  }

  Source inside(Node node, String attribute) {
    Source within = inner.get(Inner.of(node, attribute));
    if (within == null) {
      throw new Unsupported(node.label() + ": attribute '" + attribute + "' is no graph");
    }
    return within;
  }

  /** The version of the operators of a node's domain. */
  long opset(Node node) {
    boolean own = node.domain().isEmpty() || node.domain().equals("ai.onnx");
    if (!own && opsets.containsKey(node.domain())) {
      return opsets.get(node.domain());
    }
    return opsets.getOrDefault("", opsets.getOrDefault("ai.onnx", 1L));
  }

  static Operator operator(Node node) {
    Operator operator = Operators.of(node);
    if (operator == null) {
      throw new Unsupported(node.label() + ": operator '" + node.op() + "' is not offered");
    }
    return operator;
  }
}
