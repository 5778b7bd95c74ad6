package compress.runtime.op;

import compress.kernels.DenseTiles;
import compress.kernels.Kernel;
import compress.kernels.KernelCatalog;
import compress.kernels.Layout;
import compress.kernels.WeightMatrix;
import java.util.function.Supplier;

/** The constant weights of a layer, packed in the layouts that its steps multiply with. */
public final class Weights {
  private final Supplier<WeightMatrix> values;

  public Weights(Supplier<WeightMatrix> values) {
    this.values = values;
  }

  /**
   * Rows of a constant, all axes but the first taken as one.
   *
   * @param k the size of a row
   */
  static Weights of(Value w, int first, int rows, int k) {
    return new Weights(() -> {
      float[] all = w.tensor().toFloats();
      return new WeightMatrix(
          java.util.Arrays.copyOfRange(all, first * k, (first + rows) * k), rows, k);
    });
  }

  /** A constant {@code [k, rows]}, turned. */
  static Weights turned(Value w, int k, int rows) {
    return new Weights(() -> new WeightMatrix(w.tensor().toFloats(), k, rows).transposed());
  }

  /** A kernel and the weights in the layout that it takes. */
  public record Choice(Kernel<?> kernel, Layout layout) {}

  Choice choose(int columns) {
    DenseTiles tiles = DenseTiles.pack(values.get());
    return new Choice(dense(tiles, columns), tiles);
  }

  /** The kernel for weights that are all there. */
  static Kernel<?> dense(DenseTiles tiles, int columns) {
    return KernelCatalog.accepting(tiles, columns).stream()
        .filter(k -> columns > 4 != k.name().contains("gemv"))
        .reduce((a, b) -> b)
        .orElseThrow();
  }
}
