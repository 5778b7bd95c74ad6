package compress.model;

/**
 * Values of which a few entries are other numbers than their storage says: outliers, kept as they
 * are beside a base of few bits.
 *
 * @param base of all entries; not itself patched
 * @param places of the others in row-major order: I32 of rank 1, ascending, each once
 * @param outliers what stands there: floats in the shape of {@code places}
 */
public record Patched(Values base, Tensor places, Tensor outliers) implements Values {
  public Patched {
    if (base instanceof Patched) {
      throw new IllegalArgumentException("values that are patched already");
    }
    if (places.type() != DType.I32
        || places.shape().rank() != 1
        || !outliers.type().isFloat()
        || !outliers.shape().equals(places.shape())) {
      throw new IllegalArgumentException(
          "outliers %s %s at places %s %s; floats at as many I32 are needed"
              .formatted(outliers.type(), outliers.shape(), places.type(), places.shape()));
    }
    long last = -1;
    for (long i = 0; i < places.size(); i++) {
      long place = places.longAt(i);
      if (place <= last || place >= base.shape().size()) {
        throw new IllegalArgumentException(
            "outlier %d is at place %d, after %d and of %d"
                .formatted(i, place, last, base.shape().size()));
      }
      last = place;
    }
  }

  @Override
  public Shape shape() {
    return base.shape();
  }

  @Override
  public float[] toFloats() {
    float[] values = base.toFloats();
    for (long i = 0; i < places.size(); i++) {
      values[(int) places.longAt(i)] = outliers.floatAt(i);
    }
    return values;
  }

  /** Those of the base: outliers are counted in no entry. */
  @Override
  public int bits() {
    return base.bits();
  }
}
