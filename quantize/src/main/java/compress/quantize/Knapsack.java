package compress.quantize;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One choice for each item, so that the weights stay within a capacity and the costs add up to the
 * least: the multiple-choice knapsack problem, solved exactly by dynamic programming over the
 * capacity.
 *
 * @see <a href="https://doi.org/10.1007/978-3-540-24777-7">Kellerer, Pferschy and Pisinger
 *     2004</a>, Knapsack Problems, section 11.5
 */
final class Knapsack {
  /** Cells of the table for one item, and for all. */
  private static final int MOST_CELLS = 1 << 20;

  private static final int MOST_CELLS_IN_ALL = 1 << 27;

  /**
   * @param weight not negative
   * @param cost finite
   */
  record Choice(long weight, double cost) {}

  private Knapsack() {}

  /**
   * The number of the choice for each item; empty if even the lightest do not fit. Of equal costs
   * the lighter choice is taken.
   *
   * <p>Weights are counted in their greatest common divisor. Where that leaves more than a million
   * steps, a step is a millionth of the capacity and each weight is rounded up to whole steps: the
   * answer then always fits, and is the best but for choices that would have fitted with less than
   * a step an item to spare.
   *
   * @param items each with at least one choice
   */
  static Optional<int[]> choose(List<List<Choice>> items, long capacity) {
    long step = 0;
    for (List<Choice> item : items) {
      for (Choice c : item) {
        step = gcd(step, c.weight);
      }
    }
    long most = Math.clamp(MOST_CELLS_IN_ALL / Math.max(1, items.size()), 1000, MOST_CELLS);
    step = Math.max(1, Math.max(step, Math.ceilDiv(Math.max(0, capacity), most)));
    int cells = (int) (Math.max(-1, capacity) / step) + (capacity < 0 ? 0 : 1);
    double[] least = new double[cells];
    byte[][] taken = new byte[items.size()][cells];
    for (int i = 0; i < items.size(); i++) {
      double[] next = new double[cells];
      Arrays.fill(next, Double.POSITIVE_INFINITY);
      List<Choice> choices = items.get(i);
      for (int c = 0; c < choices.size(); c++) {
        long weight = Math.ceilDiv(choices.get(c).weight, step);
        double cost = choices.get(c).cost;
        for (int at = (int) Math.min(cells, weight); at < cells; at++) {
          double sum = least[at - (int) weight] + cost;
          if (sum < next[at]) {
            next[at] = sum;
            taken[i][at] = (byte) c;
          }
        }
      }
      least = next;
    }
    if (cells == 0 || Double.isInfinite(least[cells - 1])) {
      return Optional.empty();
    }
    // The lightest of the best.
    int at = cells - 1;
    while (at > 0 && least[at - 1] == least[cells - 1]) {
      at--;
    }
    int[] chosen = new int[items.size()];
    for (int i = items.size() - 1; i >= 0; i--) {
      chosen[i] = taken[i][at];
      at -= (int) Math.ceilDiv(items.get(i).get(chosen[i]).weight, step);
    }
    return Optional.of(chosen);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
