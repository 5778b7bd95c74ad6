package compress.train.torch;

import compress.model.Attribute;
import compress.model.Node;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One node being run: what it is given and what its attributes say.
 *
 * @param opset the version of ONNX's operators that the graph is written in
 * @param inputs null where an optional input is left out
 */
record Call(Node node, long opset, List<@Nullable Tensor> inputs, Mode mode) {
  /** Input {@code i}, which must be there. */
  Tensor in(int i) {
    Tensor input = i < inputs.size() ? inputs.get(i) : null;
    if (input == null) {
      throw new IllegalArgumentException(node.label() + ": input " + i + " is missing");
    }
    return input;
  }

  boolean has(int i) {
    return i < inputs.size() && inputs.get(i) != null;
  }

  /** Input {@code i} for a function of libtorch that takes it or leaves it. */
  TensorOptional optional(int i) {
    return has(i) ? new TensorOptional(in(i)) : new TensorOptional();
  }

  /** The numbers of an integer input. */
  long[] longs(int i) {
    return Libtorch.toLongs(in(i));
  }

  /** The numbers of an integer input, or else of an attribute of older versions. */
  Optional<long[]> longs(int i, String attribute) {
    if (has(i)) {
      return Optional.of(longs(i));
    }
    return node.attributes().containsKey(attribute)
        ? Optional.of(ints(attribute))
        : Optional.empty();
  }

  long intAttribute(String name, long otherwise) {
    return node.intAttribute(name, otherwise);
  }

  boolean flag(String name, boolean otherwise) {
    return node.intAttribute(name, otherwise ? 1 : 0) != 0;
  }

  Scalar scalar(String name, float otherwise) {
    return new Scalar(node.floatAttribute(name, otherwise));
  }

  String text(String name, String otherwise) {
    return node.textAttribute(name, otherwise);
  }

  /** A list attribute, empty if it is left out. */
  long[] ints(String name) {
    return node.intsAttribute(name).stream().mapToLong(Long::longValue).toArray();
  }

  /** A list attribute, or {@code count} times {@code otherwise}. */
  long[] ints(String name, int count, long otherwise) {
    if (node.attributes().get(name) instanceof Attribute.Ints) {
      return ints(name);
    }
    long[] filled = new long[count];
    java.util.Arrays.fill(filled, otherwise);
    return filled;
  }

  /** An axis attribute of input 0, counted from the first axis. */
  int axis(String name, long otherwise) {
    return axis(in(0), node.intAttribute(name, otherwise));
  }

  /** {@code axis} of {@code tensor}, counted from the first axis. */
  static int axis(Tensor tensor, long axis) {
    return (int) (axis < 0 ? axis + tensor.dim() : axis);
  }

  /** Whether input {@code i} holds floats. */
  boolean isFloat(int i) {
    return in(i).is_floating_point();
  }

  ScalarType type(int i) {
    return in(i).scalar_type();
  }

  /** Something that no function here can do, found only while running. */
  IllegalArgumentException unsupported(String what) {
    return new IllegalArgumentException(node.label() + ": " + what);
  }
}
