package compress.kernels;

import org.jspecify.annotations.Nullable;

/**
 * What follows a multiplication: {@code y = activation(W x + bias + residual)}. Kernels apply it to
 * each piece of the result while that piece is still in the nearest cache.
 *
 * @param bias one for each row of the result; absent means none
 * @param residual of the result's shape; may be the result's own former values; absent means none
 */
public record Epilogue(float @Nullable [] bias, @Nullable Matrix residual, Activation activation) {
  /** Nothing follows. */
  public static final Epilogue NONE = new Epilogue(null, null, Activation.NONE);

  /** The function at the end. NaN stays NaN. */
  public enum Activation {
    NONE,
    /** {@code max(0, v)} */
    RELU,
    /** {@code min(6, max(0, v))} */
    RELU6;

    float apply(float v) {
      return switch (this) {
        case NONE -> v;
        case RELU -> Math.max(0, v);
        case RELU6 -> Math.min(6, Math.max(0, v));
      };
    }
  }

  public boolean isNone() {
    return bias == null && residual == null && activation == Activation.NONE;
  }

  /** What {@code v}, a sum for row {@code row} and column {@code column}, ends as. */
  public float apply(float v, int row, int column) {
    if (bias != null) {
      v += bias[row];
    }
    if (residual != null) {
      v += residual.at(row, column);
    }
    return activation.apply(v);
  }

  void check(int rows, int columns) {
    if (bias != null && bias.length != rows) {
      throw new IllegalArgumentException(bias.length + " biases for " + rows + " rows");
    }
    if (residual != null && (residual.rows() != rows || residual.columns() != columns)) {
      throw new IllegalArgumentException(
          "the residual is [%d, %d], the result [%d, %d]"
              .formatted(residual.rows(), residual.columns(), rows, columns));
    }
  }
}
