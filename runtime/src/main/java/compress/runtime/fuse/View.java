package compress.runtime.fuse;

import compress.model.Dense;
import compress.model.Node;
import compress.model.Param;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A graph as a fusion looks at it: what makes a value, who reads it, what is constant. */
final class View {
  private final Map<String, Node> makers = new HashMap<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();
  private final Map<String, Param> params;

  /**
   * @param fixed names that are read from outside of the nodes
   */
  View(List<Node> nodes, Map<String, Param> params, Set<String> fixed) {
    this.params = params;
    int place = 0;
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        makers.put(output, node);
        places.put(output, place);
      }
      node.inputs().forEach(i -> readers.merge(i, 1, Integer::sum));
      place++;
    }
    fixed.forEach(name -> readers.merge(name, 2, Integer::sum));
  }

  /** The node that makes a value, if it makes nothing else and so many inputs read it. */
  Optional<Node> maker(String value, int readBy) {
    Node node = makers.get(value);
    return Optional.ofNullable(node)
        .filter(n -> n.outputs().stream().filter(o -> !o.isEmpty()).count() == 1)
        .filter(n -> readers.getOrDefault(value, 0) == readBy);
  }

  /** The node that makes a value only one input reads, if its operator is {@code op}. */
  Optional<Node> only(String op, String value) {
    return maker(value, 1).filter(n -> n.is(op));
  }

  /** Where in the order a value is made; -1 for what is there before. */
  int place(String value) {
    return places.getOrDefault(value, -1);
  }

  @Nullable Param param(String name) {
    return params.get(name);
  }

  boolean isParam(String name) {
    return params.containsKey(name);
  }

  /** The only number of a constant. */
  Optional<Float> scalar(String name) {
    Param param = params.get(name);
    return param != null && param.size() == 1 && param.values() instanceof Dense(var tensor)
        ? Optional.of(tensor.floatAt(0))
        : Optional.empty();
  }

  boolean isScalar(String name, double value, double tolerance) {
    return scalar(name).filter(v -> Math.abs(v - value) <= tolerance).isPresent();
  }

  /** The other of the two inputs of a node. */
  static String other(Node node, String input) {
    return node.input(0).equals(input) ? node.input(1) : node.input(0);
  }
}
