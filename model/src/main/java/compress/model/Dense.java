package compress.model;

/** Each entry is stored as it is. */
public record Dense(Tensor tensor) implements Values {
  @Override
  public Shape shape() {
    return tensor.shape();
  }

  @Override
  public float[] toFloats() {
    return tensor.toFloats();
  }

  @Override
  public int bits() {
    return tensor.type().bits();
  }
}
