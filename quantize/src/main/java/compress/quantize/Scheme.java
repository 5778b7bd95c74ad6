package compress.quantize;

import compress.model.Shape;
import compress.model.Values;

/** A way to store weights in fewer bits. The list of those there are is {@link Schemes}. */
public interface Scheme {
  /** As the command line has it: {@code kmeans}. */
  String name();

  /** The least and the most bits a weight. */
  int fewestBits();

  int mostBits();

  /**
   * Weights in fewer bits. Zeros stay exactly zero and nothing else becomes zero.
   *
   * @param weights row-major, finite
   * @param bits from {@link #fewestBits} to {@link #mostBits}
   * @param seed for a scheme that draws; the same seed gives the same bytes
   */
  Values quantize(float[] weights, Shape shape, int bits, long seed);
}
