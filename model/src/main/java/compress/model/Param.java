package compress.model;

/**
 * A named tensor of the network.
 *
 * @param name what the graph's nodes call it
 * @param type the type that the nodes see, whatever the entries are stored as: an F16 tensor that
 *     the graph casts to F32 before use has type F32 and F16 values
 */
public record Param(String name, DType type, Values values) {
  /** A param stored as it is seen. */
  public static Param of(String name, Tensor tensor) {
    return new Param(name, tensor.type(), new Dense(tensor));
  }

  public Shape shape() {
    return values.shape();
  }

  public long size() {
    return shape().size();
  }

  /** Which entries are not zero. */
  public Mask mask() {
    return Mask.ofNonZeros(shape(), values.toFloats());
  }

  public Param with(Values changed) {
    return new Param(name, type, changed);
  }
}
