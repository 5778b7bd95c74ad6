package compress.distill;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A graph as it is being written: each method appends a node and gives the name of its value. The
 * nodes are those of operator set 17 in which 13 to 17 agree.
 */
final class Sketch {
  /** The operator set of a graph of its own. */
  static final long OPSET = 17;

  private final String prefix;
  private final List<Node> nodes = new ArrayList<>();
  private final SequencedMap<String, Param> params = new LinkedHashMap<>();
  private final SequencedMap<String, ValueInfo> inputs = new LinkedHashMap<>();

  /**
   * @param prefix of all names made here
   */
  Sketch(String prefix) {
    this.prefix = prefix;
  }

  private String fresh(String op) {
    return prefix + op + "." + (nodes.size() + params.size());
  }

  String node(String op, Map<String, Attribute> attributes, String... from) {
    String name = fresh(op);
    nodes.add(Node.of(op, List.of(from), List.of(name), attributes));
    return name;
  }

  String node(String op, String... from) {
    return node(op, Map.of(), from);
  }

  /** An input of any shape; the same name gives the same one. */
  String input(String name, DType type) {
    inputs.putIfAbsent(name, new ValueInfo(name, Optional.of(type), Optional.empty(), new byte[0]));
    return name;
  }

  /** A param that learns. */
  String param(String name, Tensor tensor) {
    params.put(prefix + name, Param.of(prefix + name, tensor));
    return prefix + name;
  }

  /** A number. */
  String number(double value) {
    String name = fresh("number");
    params.put(name, Param.of(name, Tensor.of(Shape.of(), (float) value)));
    return name;
  }

  private String integers(long... values) {
    String name = fresh("integers");
    params.put(name, Param.of(name, Tensor.ofLongs(Shape.of(values.length), values)));
    return name;
  }

  String add(String a, String b) {
    return node("Add", a, b);
  }

  String sub(String a, String b) {
    return node("Sub", a, b);
  }

  String mul(String a, String b) {
    return node("Mul", a, b);
  }

  String times(String a, double factor) {
    return factor == 1 ? a : mul(a, number(factor));
  }

  String div(String a, String b) {
    return node("Div", a, b);
  }

  String square(String a) {
    return mul(a, a);
  }

  String atLeast(String a, double least) {
    return node("Max", a, number(least));
  }

  String flat(String a) {
    return node("Flatten", Map.of("axis", new Attribute.IntValue(1)), a);
  }

  String unsqueeze(String a, long axis) {
    return node("Unsqueeze", a, integers(axis));
  }

  String reshape(String a, long... dims) {
    return node("Reshape", a, integers(dims));
  }

  String transpose(String a, Long... order) {
    return node("Transpose", Map.of("perm", new Attribute.Ints(List.of(order))), a);
  }

  /** The sum along axes. */
  String sum(String a, boolean keep, long... axes) {
    return node(
        "ReduceSum", Map.of("keepdims", new Attribute.IntValue(keep ? 1 : 0)), a, integers(axes));
  }

  /** The mean along axes. */
  String mean(String a, boolean keep, Long... axes) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("axes", new Attribute.Ints(List.of(axes)));
    attributes.put("keepdims", new Attribute.IntValue(keep ? 1 : 0));
    return node("ReduceMean", attributes, a);
  }

  /** The mean of all entries, as a tensor of one. */
  String mean(String a) {
    Map<String, Attribute> keep = Map.of("keepdims", new Attribute.IntValue(0));
    return reshape(node("ReduceMean", keep, a), 1);
  }

  /** The sum of all entries, as a tensor of one. */
  String sum(String a) {
    Map<String, Attribute> keep = Map.of("keepdims", new Attribute.IntValue(0));
    return reshape(node("ReduceSum", keep, a), 1);
  }

  String logSoftmax(String a) {
    return node("LogSoftmax", Map.of("axis", new Attribute.IntValue(-1)), a);
  }

  String toFloat(String a) {
    return node("Cast", Map.of("to", new Attribute.IntValue(1)), a);
  }

  /** Each row divided by its length; a row of nearly 0 stays so. */
  String unitRows(String a) {
    String length = node("Sqrt", atLeast(sum(square(a), true, -1), 1e-12));
    return div(a, length);
  }

  /** 0.5 x^2 where {@code |x| < 1}, {@code |x| - 0.5} elsewhere. */
  String huber(String x) {
    String size = node("Abs", x);
    String small = node("Min", size, number(1));
    return sub(add(times(square(small), 0.5), size), small);
  }

  /** A model of its own, with these values as outputs. */
  Model model(String name, List<String> outputs) {
    List<ValueInfo> infos =
        outputs.stream()
            .map(o -> new ValueInfo(o, Optional.of(DType.F32), Optional.empty(), new byte[0]))
            .toList();
    Graph graph =
        new Graph(name, List.copyOf(nodes), List.copyOf(inputs.values()), infos, new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", OPSET), Map.of(), new byte[0]);
  }

  /** {@code model} with these nodes behind its own, and with other outputs. */
  Model behind(Model model, List<String> outputs) {
    Graph graph = model.graph().orElseThrow();
    List<Node> all = new ArrayList<>(graph.nodes());
    all.addAll(nodes);
    SequencedMap<String, Param> together = new LinkedHashMap<>(model.params());
    together.putAll(params);
    List<ValueInfo> infos =
        outputs.stream()
            .map(o -> new ValueInfo(o, Optional.of(DType.F32), Optional.empty(), new byte[0]))
            .toList();
    Graph changed = new Graph(graph.name(), all, graph.inputs(), infos, graph.carried());
    return new Model(
        Optional.of(changed), together, model.opsets(), model.metadata(), model.carried());
  }
}
