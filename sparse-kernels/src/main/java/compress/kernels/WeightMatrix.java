package compress.kernels;

import compress.model.Param;
import compress.model.Shape;

/**
 * Weights as a layer multiplies them: {@code y = W x}, one row for each output.
 *
 * @param values row-major {@code [rows, columns]}; not copied
 */
public record WeightMatrix(float[] values, int rows, int columns) {
  public WeightMatrix {
    if (rows < 1 || columns < 1 || (long) rows * columns != values.length) {
      throw new IllegalArgumentException(
          "%d weights do not fill [%d, %d]".formatted(values.length, rows, columns));
    }
  }

  /**
   * The first axis is that of the outputs, all others are one: the weights of a convolution of
   * shape {@code [64, 3, 7, 7]} give {@code [64, 147]}.
   */
  public static WeightMatrix of(Param param) {
    Shape shape = param.shape();
    if (shape.rank() < 2 || shape.size() == 0) {
      throw new IllegalArgumentException(
          param.name() + " has shape " + shape + "; a matrix has at least two axes, none empty");
    }
    int rows = Math.toIntExact(shape.dim(0));
    return new WeightMatrix(param.values().toFloats(), rows, Math.toIntExact(shape.size() / rows));
  }

  /** The same weights with rows and columns exchanged, for those that a MatMul has on its right. */
  public WeightMatrix transposed() {
    float[] t = new float[values.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        t[c * rows + r] = values[r * columns + c];
      }
    }
    return new WeightMatrix(t, columns, rows);
  }

  public float at(int row, int column) {
    return values[row * columns + column];
  }

  /** How many weights are not zero. */
  public long nonZeros() {
    long n = 0;
    for (float v : values) {
      n += v != 0 ? 1 : 0;
    }
    return n;
  }
}
