package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Activations: floats in row-major order outside the heap, one row for each feature and one column
 * for each sample or pixel. Rows follow each other without gaps; the segment may start at any
 * address that is a multiple of 4, and aligned to 64 bytes is fastest.
 */
public record Matrix(MemorySegment data, int rows, int columns) implements Input {
  public Matrix {
    if (rows < 1 || columns < 1 || data.byteSize() < 4L * rows * columns) {
      throw new IllegalArgumentException(
          "%d bytes do not hold floats [%d, %d]".formatted(data.byteSize(), rows, columns));
    }
    if (!data.isNative() || data.address() % 4 != 0) {
      throw new IllegalArgumentException("a matrix lies outside the heap, on a multiple of 4");
    }
  }

  /** All zero, on a cache line. */
  public static Matrix zeros(int rows, int columns) {
    return new Matrix(OffHeap.allocate(4L * rows * columns), rows, columns);
  }

  /** A copy of {@code values}, row-major. */
  public static Matrix of(int rows, int columns, float... values) {
    Matrix m = zeros(rows, columns);
    MemorySegment.copy(values, 0, m.data, ValueLayout.JAVA_FLOAT, 0, rows * columns);
    return m;
  }

  public float at(int row, int column) {
    return data.get(ValueLayout.JAVA_FLOAT, 4 * ((long) row * columns + column));
  }

  public void set(int row, int column, float value) {
    data.set(ValueLayout.JAVA_FLOAT, 4 * ((long) row * columns + column), value);
  }

  /** A row-major copy. */
  public float[] toFloats() {
    return data.asSlice(0, 4L * rows * columns).toArray(ValueLayout.JAVA_FLOAT);
  }
}
