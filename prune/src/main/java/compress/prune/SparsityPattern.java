package compress.prune;

import compress.model.Mask;
import compress.model.Shape;

/**
 * Which sets of weights may stay together. The list of those there are is {@link Patterns}.
 *
 * <p>Weights come with their outputs first, as {@link OutputsFirst} has them: {@code [outputs,
 * inputs]}, or {@code [outputs, inputs, kernel...]} of a convolution. Where a pattern speaks of
 * rows and columns, a row is all weights of one output, row-major.
 */
public interface SparsityPattern {
  /** As the command line has it: {@code unstructured}. */
  String name();

  /**
   * Keeps the weights that matter most among the sets that this pattern admits.
   *
   * @param scores row-major, one for each weight, not negative, no NaN; more is better
   * @param sparsity the share of weights to remove, from 0 to 1; what a pattern makes of it if the
   *     share cannot be met exactly, it says itself
   * @throws IllegalArgumentException if the shape does not suit the pattern
   */
  Mask project(float[] scores, Shape shape, double sparsity);

  /**
   * @throws IllegalArgumentException if no weights of this shape suit the pattern, saying what
   *     would
   */
  default void requireSuits(Shape shape) {}

  /** Whether the weights that {@code mask} keeps may stay together. */
  boolean admits(Mask mask);

  /** Whether the pattern says by itself how much is removed, so that no sparsity is needed. */
  default boolean hasOwnSparsity() {
    return false;
  }

  /**
   * Of how many neighbouring columns a method that goes through the columns may choose the weights
   * together, each lot at the same sparsity; 0 if weights can be chosen from all columns only.
   */
  default int columnsAtOnce(Shape shape) {
    return 128;
  }

  /**
   * How many of {@code size} weights to remove for a share of {@code sparsity}: the nearest whole
   * number, of two equally near ones the even one.
   *
   * @throws IllegalArgumentException if the share is not from 0 to 1
   */
  static long removed(long size, double sparsity) {
    if (!(sparsity >= 0 && sparsity <= 1)) {
      throw new IllegalArgumentException("sparsity must be from 0 to 1, not " + sparsity);
    }
    return (long) Math.rint(size * sparsity);
  }
}
