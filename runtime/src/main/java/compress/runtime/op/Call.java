package compress.runtime.op;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One node being planned: what it is given, what its attributes say, and what was planned. */
public final class Call {
  private final Node node;
  private final long opset;
  private final List<@Nullable Value> inputs;
  private final Setting setting;
  private final @Nullable Value[] outputs;
  private final List<Work> works = new ArrayList<>();
  private final List<Value> scratch = new ArrayList<>();
  private final List<Value> reads = new ArrayList<>();
  private final List<Product> products = new ArrayList<>();

  /**
   * @param opset the version of the operators of the node's domain
   * @param inputs null where an optional input is left out
   */
  public Call(Node node, long opset, List<@Nullable Value> inputs, Setting setting) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
    this.setting = setting;
    this.outputs = new Value[node.outputs().size()];
    inputs.stream().filter(Objects::nonNull).forEach(reads::add);
  }

  public Node node() {
    return node;
  }

  long opset() {
    return opset;
  }

  Setting setting() {
    return setting;
  }

  int inputs() {
    return inputs.size();
  }

  boolean has(int i) {
    return i < inputs.size() && inputs.get(i) != null;
  }

  /** Input {@code i}, which must be there. */
  Value in(int i) {
    Value input = i < inputs.size() ? inputs.get(i) : null;
    if (input == null) {
      throw refuse("input " + i + " is missing");
    }
    return input;
  }

  /** Input {@code i} in row-major order. */
  Value dense(int i) {
    return dense(in(i));
  }

  /** The same numbers in row-major order: a copy if they do not lie so. */
  Value dense(Value value) {
    return relaid(value, Value.rowMajor(value.shape()));
  }

  /** Plans a copy of input 0 in row-major order. */
  public Value rowMajor() {
    return dense(0);
  }

  /** The same numbers with these strides: a copy if they do not lie so. */
  Value relaid(Value value, long[] strides) {
    if (value.hasStrides(strides)) {
      return value;
    }
    Optional<Value> kept = setting.kept(value, strides);
    kept.ifPresent(reads::add);
    return kept.orElseGet(() -> {
      Value copy = scratch(Value.of(value.type(), value.shape(), strides));
      work(Copies.of(value, copy));
      setting.keep(value, copy);
      return copy;
    });
  }

  /** The integers of an input. */
  long[] longs(int i) {
    Value value = in(i);
    if (!value.isKnown()) {
      throw new NotYetKnown();
    }
    if (!value.type().isInteger()) {
      throw refuse("input " + i + " is " + value.type() + "; integers are needed");
    }
    return value.tensor().toLongs();
  }

  /** The numbers of an input. */
  float[] floats(int i) {
    Value value = in(i);
    if (!value.isKnown()) {
      throw new NotYetKnown();
    }
    return value.tensor().toFloats();
  }

  /** The integers of an input, or else of an attribute of older operator sets. */
  Optional<long[]> longs(int i, String attribute) {
    if (has(i)) {
      return Optional.of(longs(i));
    }
    return hasAttribute(attribute) ? Optional.of(ints(attribute)) : Optional.empty();
  }

  boolean hasAttribute(String name) {
    return node.attributes().containsKey(name);
  }

  long intAttribute(String name, long otherwise) {
    return node.intAttribute(name, otherwise);
  }

  boolean flag(String name, boolean otherwise) {
    return node.intAttribute(name, otherwise ? 1 : 0) != 0;
  }

  float number(String name, float otherwise) {
    return node.floatAttribute(name, otherwise);
  }

  String text(String name, String otherwise) {
    return node.textAttribute(name, otherwise);
  }

  /** A list attribute, empty if it is left out. */
  long[] ints(String name) {
    return node.intsAttribute(name).stream().mapToLong(Long::longValue).toArray();
  }

  /** A list attribute, or {@code count} times {@code otherwise}. */
  int[] ints(String name, int count, int otherwise) {
    if (node.attributes().get(name) instanceof Attribute.Ints) {
      int[] found = Arrays.stream(ints(name)).mapToInt(Math::toIntExact).toArray();
      if (found.length != count) {
        throw refuse("attribute '%s' has %d entries, not %d".formatted(name, found.length, count));
      }
      return found;
    }
    int[] filled = new int[count];
    Arrays.fill(filled, otherwise);
    return filled;
  }

  /** An axis attribute, counted from the first of {@code rank} axes. */
  int axis(String name, long otherwise, int rank) {
    return axis(node.intAttribute(name, otherwise), rank);
  }

  /** An axis counted from the first of {@code rank}. */
  int axis(long axis, int rank) {
    long from = axis < 0 ? axis + rank : axis;
    if (from < 0 || from >= Math.max(rank, 1)) {
      throw refuse("there is no axis " + axis + " of " + rank);
    }
    return (int) from;
  }

  /** A type that an attribute names. */
  DType type(String name, DType otherwise) {
    long code = node.intAttribute(name, otherwise.onnxCode());
    return DType.ofOnnx((int) code)
        .orElseThrow(() -> refuse("type number " + code + " is not computed with"));
  }

  boolean wants(int output) {
    return output < outputs.length && !node.outputs().get(output).isEmpty();
  }

  /** Output {@code i} in new memory, row-major. */
  Value out(int i, DType type, int... shape) {
    return out(i, Value.of(type, shape));
  }

  /** Output {@code i} is this new value. */
  Value out(int i, Value value) {
    scratch.add(value);
    if (i < outputs.length) {
      outputs[i] = value;
    }
    return value;
  }

  /** Output {@code i} is a view of an input, or a constant. */
  void alias(int i, Value value) {
    if (i < outputs.length) {
      outputs[i] = value;
    }
  }

  /** Memory that this node alone uses. */
  Value scratch(Value value) {
    scratch.add(value);
    return value;
  }

  void work(Work work) {
    works.add(work);
  }

  /** As {@link #work}, a product whose weights are to be packed before the first run. */
  Product product(Product product) {
    products.add(product);
    return product;
  }

  /** What to throw for what cannot be done. */
  Unsupported refuse(String reason) {
    return new Unsupported(node.label() + ": " + reason);
  }

  /** The outputs, null where one was not planned. */
  public List<@Nullable Value> outputs() {
    return Arrays.asList(outputs);
  }

  /** What to run, in order; nothing if all outputs are views. */
  public List<Work> works() {
    return works;
  }

  /** What the works write. */
  public List<Value> written() {
    return scratch;
  }

  /** What the works read, beside what they write. */
  public List<Value> read() {
    return reads;
  }

  /** The products among the works. */
  public List<Product> products() {
    return products;
  }
}
