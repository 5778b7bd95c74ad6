package compress.model;

import java.util.List;

/** The value of a node's attribute. */
public sealed interface Attribute {
  record IntValue(long value) implements Attribute {}

  record FloatValue(float value) implements Attribute {}

  /** ONNX strings are UTF-8 by agreement; one that is not travels as {@link Carried}. */
  record Text(String value) implements Attribute {}

  record TensorValue(Tensor value) implements Attribute {}

  record Ints(List<Long> values) implements Attribute {}

  record Floats(List<Float> values) implements Attribute {}

  record Texts(List<String> values) implements Attribute {}

  /** Anything else (a sub-graph, a type, a sparse tensor), as the bytes of its message. */
  record Carried(byte[] message) implements Attribute {}
}
