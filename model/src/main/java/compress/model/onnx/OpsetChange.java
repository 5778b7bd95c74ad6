package compress.model.onnx;

import compress.model.Attribute;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One change of some operators, as of the operator set {@code since}: how a node written before it
 * is written after it. Operators that are in no change here only gained types and optional inputs
 * or attributes between operator sets 7 and 25.
 */
record OpsetChange(
    long since, Set<String> ops, Function<Node, Optional<String>> objects, Rewrite rewrite) {
  private static final byte[] NOTHING = {};

  /** A node in its new form, maybe with others around it. */
  interface Rewrite {
    List<Node> apply(Node node, Map<String, Param> params);
  }

  /** In the order of their operator sets. */
  static final List<OpsetChange> ALL =
      List.of(
          impossible(9, "reads its scales from an attribute", "Upsample"),
          dropped(9, "BatchNormalization", "spatial"),
          toInputs(10, List.of("starts", "ends", "axes"), "Slice"),
          toInputs(10, List.of("k"), "TopK"),
          impossible(10, "is replaced by Resize", "Upsample"),
          impossible(11, "computes coordinates in another way since 11", "Resize"),
          toInputs(11, List.of("pads", "value"), "Pad"),
          toInputs(11, List.of("min", "max"), "Clip"),
          impossible(11, "is replaced by other operators", "Scatter"),
          toInputs(12, List.of("ratio"), "Dropout"),
          new OpsetChange(
              13,
              Set.of("Softmax", "LogSoftmax", "Hardmax"),
              n -> Optional.empty(),
              (node, params) -> flattened(node)),
          toInputs(13, List.of("axes"), "Squeeze", "Unsqueeze", "ReduceSum"),
          toInputs(13, List.of("split"), "Split"),
          new OpsetChange(
              14,
              Set.of("BatchNormalization"),
              n ->
                  n.outputs().size() > 1
                      ? Optional.of("gives statistics of training")
                      : Optional.empty(),
              (node, params) -> List.of(node)),
          new OpsetChange(
              16,
              Set.of("RoiAlign"),
              n -> Optional.empty(),
              (node, params) ->
                  List.of(
                      setting(
                          node,
                          "coordinate_transformation_mode",
                          new Attribute.Text("output_half_pixel")))),
          toInputs(
              18,
              List.of("axes"),
              "ReduceL1",
              "ReduceL2",
              "ReduceLogSum",
              "ReduceLogSumExp",
              "ReduceMax",
              "ReduceMean",
              "ReduceMin",
              "ReduceProd",
              "ReduceSumSquare"),
          new OpsetChange(
              18, Set.of("Split"), n -> Optional.empty(), (node, params) -> List.of(equal(node))),
          impossible(20, "names its ways of interpolation anew", "GridSample"),
          impossible(20, "reads its axis from an input since 20", "DFT"),
          impossible(
              21, "takes one scale a channel since 21, not one a group", "GroupNormalization"));

  boolean appliesTo(Node node, long from, long to) {
    return from < since && since <= to && ops.stream().anyMatch(node::is);
  }

  Optional<String> objection(Node node) {
    return objects.apply(node);
  }

  List<Node> apply(Node node, Map<String, Param> params) {
    return rewrite.apply(node, params);
  }

  private static OpsetChange impossible(long since, String why, String... ops) {
    return new OpsetChange(
        since, Set.of(ops), n -> Optional.of("it " + why), (node, params) -> List.of(node));
  }

  /** An attribute that is gone; it said what is now always so. */
  private static OpsetChange dropped(long since, String op, String attribute) {
    return new OpsetChange(
        since,
        Set.of(op),
        n ->
            n.intAttribute(attribute, 1) != 1
                ? Optional.of("its attribute '" + attribute + "' is gone")
                : Optional.empty(),
        (node, params) -> {
          Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
          attributes.remove(attribute);
          return List.of(with(node, node.inputs(), attributes));
        });
  }

  /** Attributes that became inputs, in this order after the first; new params hold them. */
  private static OpsetChange toInputs(long since, List<String> names, String... ops) {
    return new OpsetChange(
        since,
        Set.of(ops),
        n -> Optional.empty(),
        (node, params) -> {
          Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
          List<String> inputs = new ArrayList<>(node.inputs().subList(0, 1));
          for (String name : names) {
            Attribute value = attributes.remove(name);
            inputs.add(value == null ? "" : param(node, name, value, params));
          }
          while (inputs.getLast().isEmpty()) {
            inputs.removeLast();
          }
          return List.of(with(node, inputs, attributes));
        });
  }

  private static String param(Node node, String name, Attribute value, Map<String, Param> params) {
    Tensor tensor =
        switch (value) {
          case Attribute.Ints(List<Long> v) ->
              Tensor.ofLongs(Shape.of(v.size()), v.stream().mapToLong(Long::longValue).toArray());
          case Attribute.IntValue(long v) -> Tensor.ofLongs(Shape.of(1), v);
          case Attribute.FloatValue(float v) -> Tensor.of(Shape.of(), v);
          default ->
              throw new IllegalArgumentException(
                  "%s: attribute '%s' is no number".formatted(node.label(), name));
        };
    String free = node.outputs().getFirst() + "." + name;
    while (params.containsKey(free)) {
      free += "_";
    }
    params.put(free, Param.of(free, tensor));
    return free;
  }

  /**
   * Before 13 a softmax went over all axes from the given one on, which is the same thing for the
   * last only.
   */
  private static List<Node> flattened(Node node) {
    long axis = node.intAttribute("axis", 1);
    Attribute last = new Attribute.IntValue(-1);
    if (axis == -1) {
      return List.of(setting(node, "axis", last));
    }
    String y = node.outputs().getFirst();
    String shape = y + ".shape";
    String rows = y + ".rows";
    String scores = y + ".scores";
    return List.of(
        Node.of("Shape", List.of(node.input(0)), List.of(shape), Map.of()),
        Node.of(
            "Flatten",
            List.of(node.input(0)),
            List.of(rows),
            Map.of("axis", new Attribute.IntValue(axis))),
        new Node(
            node.name(),
            node.op(),
            node.domain(),
            List.of(rows),
            List.of(scores),
            Map.of("axis", last),
            node.carried()),
        new Node(
            rows + ".back", "Reshape", "", List.of(scores, shape), List.of(y), Map.of(), NOTHING));
  }

  /** Parts of equal size, which since 18 have to be counted. */
  private static Node equal(Node node) {
    if (!node.input(1).isEmpty() || node.attributes().containsKey("num_outputs")) {
      return node;
    }
    return setting(node, "num_outputs", new Attribute.IntValue(node.outputs().size()));
  }

  private static Node setting(Node node, String name, Attribute value) {
    Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
    attributes.putIfAbsent(name, value);
    return with(node, node.inputs(), attributes);
  }

  private static Node with(Node node, List<String> inputs, Map<String, Attribute> attributes) {
    return new Node(
        node.name(), node.op(), node.domain(), inputs, node.outputs(), attributes, node.carried());
  }
}
