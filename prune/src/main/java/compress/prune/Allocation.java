package compress.prune;

import java.util.List;

/** How sparse each layer becomes. The list of those there are is {@link Allocations}. */
public interface Allocation {
  /** As the command line has it: {@code global}. */
  String name();

  /** What {@code amount} means, in a few words for {@code --help}. */
  String summary();

  /** Whether it compares scores of weights, for which a criterion must score all layers first. */
  default boolean needsScores() {
    return true;
  }

  /**
   * The sparsity of each layer, in order, from 0 to 1.
   *
   * @param layers those that share {@code amount}
   * @throws IllegalArgumentException if {@code amount} is out of range
   */
  double[] sparsities(List<Layer> layers, double amount);

  /**
   * @throws IllegalArgumentException if {@code amount} is out of range
   */
  default void check(double amount) {
    SparsityPattern.removed(0, amount);
  }
}
