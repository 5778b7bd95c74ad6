package compress.quantize;

import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who makes and who reads each value of a graph. */
final class Wiring {
  private final Map<String, Node> makers = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();
  private final Set<String> outputs = new HashSet<>();
  private final Set<String> taken = new HashSet<>();

  Wiring(Model model) {
    Graph graph = model.graph().orElseThrow();
    for (Node node : graph.nodes()) {
      node.outputs().forEach(o -> makers.put(o, node));
      node.inputs().forEach(i -> readers.computeIfAbsent(i, n -> new ArrayList<>()).add(node));
    }
    graph.outputs().forEach(o -> outputs.add(o.name()));
    taken.addAll(makers.keySet());
    taken.addAll(readers.keySet());
    taken.addAll(model.params().keySet());
    graph.inputs().forEach(i -> taken.add(i.name()));
  }

  /** The node that makes {@code value}; empty for params and inputs. */
  Optional<Node> maker(String value) {
    return Optional.ofNullable(makers.get(value));
  }

  /** In the order of the graph; a node that reads the value twice is there twice. */
  List<Node> readers(String value) {
    return readers.getOrDefault(value, List.of());
  }

  boolean isOutput(String value) {
    return outputs.contains(value);
  }

  /** The node that reads {@code value}, if it is the only one and the value is no output. */
  Optional<Node> onlyReader(String value) {
    List<Node> all = readers(value);
    return all.size() == 1 && !isOutput(value) ? Optional.of(all.getFirst()) : Optional.empty();
  }

  /** {@code wanted}, or with a number if that name is taken. Nobody else gets it afterwards. */
  String unique(String wanted) {
    String name = wanted;
    for (int i = 2; !taken.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  /**
   * The dense floats of a param; empty if there is none of that name, or it is stored otherwise.
   */
  static Optional<float[]> floats(Model model, String name) {
    Param param = model.params().get(name);
    return param != null && param.type().isFloat() && param.values() instanceof compress.model.Dense
        ? Optional.of(param.values().toFloats())
        : Optional.empty();
  }

  /** {@code node} with other inputs. */
  static Node reading(Node node, List<String> inputs) {
    return new Node(
        node.name(),
        node.op(),
        node.domain(),
        inputs,
        node.outputs(),
        node.attributes(),
        node.carried());
  }

  /** {@code node} with other outputs. */
  static Node making(Node node, List<String> outputs) {
    return new Node(
        node.name(),
        node.op(),
        node.domain(),
        node.inputs(),
        outputs,
        node.attributes(),
        node.carried());
  }
}
