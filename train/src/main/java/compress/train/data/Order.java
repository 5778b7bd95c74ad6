package compress.train.data;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Random orders that a seed decides. */
public final class Order {
  private Order() {}

  /** The numbers 0 to {@code n - 1} in an order that only {@code seed} decides. */
  public static int[] shuffled(int n, long seed) {
    int[] order = IntStream.range(0, n).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    // Fisher and Yates's shuffle.
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  }

  /** One seed from several numbers; near numbers give unrelated seeds. */
  public static long seed(long... numbers) {
    long seed = 0x9e3779b97f4a7c15L;
    for (long n : numbers) {
      seed = new SplittableRandom(seed ^ n).nextLong() + n;
    }
    return seed;
  }
}
