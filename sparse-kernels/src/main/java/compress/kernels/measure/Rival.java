package compress.kernels.measure;

import compress.kernels.Matrix;
import compress.kernels.WeightMatrix;

/** A dense product that we did not write, to be faster than. */
public interface Rival {
  String name();

  /** Weights made ready, outside the clock. */
  Product ready(WeightMatrix weights, int threads);

  /** {@code y = W x} for weights made ready. */
  @FunctionalInterface
  interface Product {
    void multiply(Matrix x, Matrix y);
  }
}
