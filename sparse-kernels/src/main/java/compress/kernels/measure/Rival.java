package compress.kernels.measure;

import compress.kernels.Matrix;
import compress.kernels.WeightMatrix;

/** A dense product that we did not write, to be faster than. */
public interface Rival {
  /** As results call it. */
  String name();

  /**
   * Weights and activations made ready, outside the clock, each in the order that suits the rival.
   *
   * @param x {@code [weights.columns, n]}
   * @throws IllegalStateException if the rival does not run here; the message says why
   */
  Product ready(WeightMatrix weights, Matrix x, int threads);

  /** Weights and activations, ready to be multiplied again and again. */
  interface Product extends AutoCloseable {
    void multiply();

    /** What {@link #multiply} gave: {@code [rows, n]}. */
    Matrix result();

    /** Bits of a weight; a rival with 32 that takes activations as they are is a baseline. */
    int bits();

    /** Bytes of weights that one product reads. */
    long bytes();

    /** The weights as the rival stores them, row-major. */
    float[] weights();

    /**
     * How far the activations of column {@code column} may be from what the rival takes them for,
     * each of them at most; 0 if it takes them as they are.
     */
    double activationError(int column);

    @Override
    void close();
  }
}
