package compress.model;

import java.util.Arrays;

/** The lengths of a tensor's axes, outermost first. A scalar has rank 0 and size 1. */
public final class Shape {
  private final long[] dims;

  private Shape(long[] dims) {
    this.dims = dims;
  }

  /**
   * @throws IllegalArgumentException if a length is negative or the product overflows a long
   */
  public static Shape of(long... dims) {
    long size = 1;
    for (long d : dims) {
      if (d < 0) {
        throw new IllegalArgumentException("negative length in shape " + Arrays.toString(dims));
      }
      try {
        size = Math.multiplyExact(size, d);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("shape " + Arrays.toString(dims) + " overflows", e);
      }
    }
    return new Shape(dims.clone());
  }

  public int rank() {
    return dims.length;
  }

  /** The length of {@code axis}; a negative axis counts from the last. */
  public long dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /** The number of elements. */
  public long size() {
    long size = 1;
    for (long d : dims) {
      size *= d;
    }
    return size;
  }

  public long[] toArray() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As people write it: {@code [20, 1, 5, 5]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
