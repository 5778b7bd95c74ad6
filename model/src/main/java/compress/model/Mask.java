package compress.model;

import java.util.BitSet;

/** Which entries of a tensor exist, in row-major order. Immutable. */
public final class Mask {
  private final Shape shape;
  private final BitSet kept;

  private Mask(Shape shape, BitSet kept) {
    this.shape = shape;
    this.kept = kept;
  }

  /** Keeps the entries whose bits are set. {@code kept} is copied. */
  public static Mask of(Shape shape, BitSet kept) {
    if (kept.length() > shape.size()) {
      throw new IllegalArgumentException("entry " + (kept.length() - 1) + " is outside " + shape);
    }
    return new Mask(shape, (BitSet) kept.clone());
  }

  /** Keeps the entries that are not zero; -0 is zero, NaN is not. */
  public static Mask ofNonZeros(Shape shape, float[] values) {
    BitSet kept = new BitSet(values.length);
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0) {
        kept.set(i);
      }
    }
    return new Mask(shape, kept);
  }

  public Shape shape() {
    return shape;
  }

  public boolean keeps(int i) {
    return kept.get(i);
  }

  /** How many entries exist. */
  public long kept() {
    return kept.cardinality();
  }

  /** The share of entries that do not exist; 0 for an empty tensor. */
  public double sparsity() {
    return shape.size() == 0 ? 0 : 1 - (double) kept() / shape.size();
  }

  /** Sets to zero what does not exist. Works in place. */
  public void apply(float[] values) {
    for (int i = kept.nextClearBit(0); i < values.length; i = kept.nextClearBit(i + 1)) {
      values[i] = 0;
    }
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Mask m && shape.equals(m.shape) && kept.equals(m.kept);
  }

  @Override
  public int hashCode() {
    return kept.hashCode();
  }

  @Override
  public String toString() {
    return "Mask" + shape + ", " + kept() + " kept";
  }
}
