package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import compress.quantize.Knapsack.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KnapsackTest {
  /** Every combination of choices, as the second opinion. */
  private static double bruteForce(List<List<Choice>> items, int from, long capacity) {
    if (capacity < 0) {
      return Double.POSITIVE_INFINITY;
    }
    if (from == items.size()) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (Choice c : items.get(from)) {
      best = Math.min(best, c.cost() + bruteForce(items, from + 1, capacity - c.weight()));
    }
    return best;
  }

  @Test
  void findsTheBestOfAllCombinations() {
    SplittableRandom random = new SplittableRandom(4);
    for (int trial = 0; trial < 200; trial++) {
      List<List<Choice>> items = new ArrayList<>();
      long all = 0;
      for (int i = 0; i < 1 + random.nextInt(6); i++) {
        List<Choice> choices = new ArrayList<>();
        for (int c = 0; c < 1 + random.nextInt(4); c++) {
          choices.add(new Choice(random.nextInt(50), random.nextInt(30) / 4.0));
        }
        items.add(choices);
        all += 50;
      }
      long capacity = random.nextLong(all);
      double best = bruteForce(items, 0, capacity);
      var chosen = Knapsack.choose(items, capacity);
      assertThat(chosen.isPresent()).as("trial %d", trial).isEqualTo(Double.isFinite(best));
      if (chosen.isPresent()) {
        long weight = 0;
        double cost = 0;
        for (int i = 0; i < items.size(); i++) {
          weight += items.get(i).get(chosen.get()[i]).weight();
          cost += items.get(i).get(chosen.get()[i]).cost();
        }
        assertThat(weight).as("trial %d", trial).isLessThanOrEqualTo(capacity);
        assertThat(cost).as("trial %d", trial).isEqualTo(best);
      }
    }
  }

  @Test
  void roundedWeightsStillFitAndAreNearlyTheBest() {
    // Weights without a common divisor, too large for a table of single steps.
    List<List<Choice>> items = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 8; i++) {
      long size = 1_000_003L + random.nextInt(90_000_000);
      List<Choice> choices = new ArrayList<>();
      for (int bits : new int[] {2, 3, 4, 8}) {
        choices.add(new Choice(bits * size, Math.pow(4, -bits) * (1 + random.nextDouble())));
      }
      items.add(choices);
    }
    long capacity = 4 * 8 * 50_000_000L;
    int[] chosen = Knapsack.choose(items, capacity).orElseThrow();
    long weight = 0;
    double cost = 0;
    for (int i = 0; i < 8; i++) {
      weight += items.get(i).get(chosen[i]).weight();
      cost += items.get(i).get(chosen[i]).cost();
    }
    assertThat(weight).isLessThanOrEqualTo(capacity);
    assertThat(cost).isLessThanOrEqualTo(1.01 * bruteForce(items, 0, capacity));
    assertThat(Knapsack.choose(items, 10)).isEmpty();
  }
}
