package compress.prune.structure;

import compress.model.Attribute;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** What is left of each axis once some units are gone. */
final class Cut {
  private final Couplings ties;
  private final BitSet gone;
  private final SequencedMap<String, Param> constants = new LinkedHashMap<>();

  /**
   * @param gone the roots of the units to cut
   */
  Cut(Couplings ties, BitSet gone) {
    this.ties = ties;
    this.gone = gone;
  }

  boolean keeps(Axis axis, int i) {
    return !gone.get(ties.root(axis, i));
  }

  /** The indices that stay, ascending. */
  int[] kept(Axis axis) {
    int[] kept = new int[ties.length(axis)];
    int count = 0;
    for (int i = 0; i < kept.length; i++) {
      if (keeps(axis, i)) {
        kept[count++] = i;
      }
    }
    return Arrays.copyOf(kept, count);
  }

  /** How many of the indices {@code from} up to below {@code to} stay. */
  int kept(Axis axis, int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      count += keeps(axis, i) ? 1 : 0;
    }
    return count;
  }

  int length(Axis axis) {
    return kept(axis, 0, ties.length(axis));
  }

  boolean changes(Axis axis) {
    return length(axis) != ties.length(axis);
  }

  /** The shape that a value or param will have. */
  Shape shape(String value) {
    long[] dims = new long[ties.shape(value).rank()];
    for (int a = 0; a < dims.length; a++) {
      dims[a] = length(new Axis(value, a));
    }
    return Shape.of(dims);
  }

  /** Params that rewritten nodes read, by name. */
  SequencedMap<String, Param> constants() {
    return constants;
  }

  /** A node that reads {@code values} as its input {@code input}, from a new param. */
  Node withInput(Node node, int input, long... values) {
    String name = node.outputs().getFirst() + ":cut" + input;
    constants.put(name, Param.of(name, Tensor.ofLongs(Shape.of(values.length), values)));
    List<String> inputs = new ArrayList<>(node.inputs());
    while (inputs.size() <= input) {
      inputs.add("");
    }
    inputs.set(input, name);
    return with(node, inputs, node.attributes());
  }

  static Node withAttribute(Node node, String name, Attribute value) {
    Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
    attributes.put(name, value);
    return with(node, node.inputs(), attributes);
  }

  static Node withoutAttribute(Node node, String name) {
    Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
    attributes.remove(name);
    return with(node, node.inputs(), attributes);
  }

  /** Numbers where {@link Site#numbers} finds them. */
  Node withNumbers(Site site, Node node, String attribute, int input, long... values) {
    return site.has(input) || !node.attributes().containsKey(attribute)
        ? withInput(node, input, values)
        : withAttribute(node, attribute, ints(values));
  }

  static Attribute ints(long... values) {
    return new Attribute.Ints(Arrays.stream(values).boxed().toList());
  }

  private static Node with(Node node, List<String> inputs, Map<String, Attribute> attributes) {
    return new Node(
        node.name(), node.op(), node.domain(), inputs, node.outputs(), attributes, node.carried());
  }
}
