package compress.prune;

import java.util.List;
import java.util.function.Supplier;

/**
 * Separates the lowest of many scores from the rest: those below {@code score}, and {@code ties} of
 * those equal to it.
 *
 * <p>Found digit by digit from the highest: three passes that count, whatever the scores, and no
 * copy or order of them.
 */
record Threshold(float score, long ties) {
  private static final int[] SHIFTS = {21, 10, 0};
  private static final int[] DIGIT_BITS = {11, 11, 10};

  /**
   * Of the {@code count} lowest of all scores together.
   *
   * @param scores not negative; each array is asked for three times and not changed
   * @throws IllegalArgumentException if a score is negative or NaN
   */
  static Threshold of(List<Supplier<float[]>> scores, long count) {
    if (count == 0) {
      return new Threshold(Float.NEGATIVE_INFINITY, 0);
    }
    // Bits of floats that are not negative are in the order of the floats.
    int prefix = 0;
    long below = 0;
    for (int pass = 0; pass < SHIFTS.length; pass++) {
      long[] counts = counts(scores, pass, prefix);
      int digit = 0;
      while (below + counts[digit] < count) {
        below += counts[digit++];
      }
      prefix |= digit << SHIFTS[pass];
    }
    return new Threshold(Float.intBitsToFloat(prefix), count - below);
  }

  /** How many scores have each digit, among those whose higher digits are those of the prefix. */
  private static long[] counts(List<Supplier<float[]>> scores, int pass, int prefix) {
    int shift = SHIFTS[pass];
    int digitMask = (1 << DIGIT_BITS[pass]) - 1;
    long higher = -1L << shift + DIGIT_BITS[pass];
    long[] counts = new long[digitMask + 1];
    for (Supplier<float[]> some : scores) {
      for (float score : some.get()) {
        if (!(score >= 0)) {
          throw new IllegalArgumentException("a score is " + score + ", must be at least 0");
        }
        int bits = Float.floatToRawIntBits(score + 0f);
        if ((bits & higher) == prefix) {
          counts[bits >>> shift & digitMask]++;
        }
      }
    }
    return counts;
  }
}
