package compress.prune.structure;

import compress.model.Node;
import compress.model.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A node among its neighbours: all that a {@link Rule} needs to know.
 *
 * @param constants names of what does not depend on the network's inputs
 * @param opset version of ONNX's own operators
 */
record Site(Node node, Couplings ties, Lengths lengths, Set<String> constants, long opset) {
  String label() {
    return node.label();
  }

  boolean has(int input) {
    return !node.input(input).isEmpty();
  }

  Axis in(int input, int axis) {
    return new Axis(node.input(input), axis);
  }

  Axis out(int output, int axis) {
    return new Axis(node.outputs().get(output), axis);
  }

  Shape shapeIn(int input) {
    return ties.shape(node.input(input));
  }

  Shape shapeOut(int output) {
    return ties.shape(node.outputs().get(output));
  }

  boolean isConstant(int input) {
    return constants.contains(node.input(input));
  }

  /** Outputs that somebody wants. */
  List<Integer> outputs() {
    List<Integer> wanted = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        wanted.add(i);
      }
    }
    return wanted;
  }

  /**
   * Whole numbers that older operator sets have in an attribute and newer ones in an input; an
   * empty list if they are left out, nothing at all if they are computed.
   */
  Optional<long[]> numbers(String attribute, int input) {
    return has(input)
        ? lengths.constants(node.input(input))
        : Optional.of(node.intsAttribute(attribute).stream().mapToLong(Long::longValue).toArray());
  }

  /** An axis counted from the last if negative. */
  static int axis(long axis, int rank) {
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** Ties the same axes of two values but for {@code except}; -1 for none. */
  void tieAllBut(String a, String b, int except) {
    for (int axis = 0; axis < ties.shape(a).rank(); axis++) {
      if (axis != except) {
        ties.tie(new Axis(a, axis), new Axis(b, axis));
      }
    }
  }

  /** Keeps whatever this node reads and computes as it is. */
  void pinAll(String why) {
    node.inputs().forEach(value -> ties.pin(value, why));
    node.outputs().forEach(value -> ties.pin(value, why));
  }
}
