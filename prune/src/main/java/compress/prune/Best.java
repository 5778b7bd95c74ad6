package compress.prune;

import java.util.Arrays;
import java.util.BitSet;

/** Keeps the highest scores of small groups. */
final class Best {
  private final float[] scores;
  private final BitSet kept;
  private long[] keys = new long[64];

  /**
   * @param scores not negative, no NaN
   * @param kept gets a bit for each entry that stays
   */
  Best(float[] scores, BitSet kept) {
    this.scores = scores;
    this.kept = kept;
  }

  /**
   * Keeps the {@code keep} highest of the entries {@code first, first + stride, ...}. Of equal
   * scores the lower index stays.
   *
   * @param count entries in the group
   */
  void keep(int keep, int first, int stride, int count) {
    if (count > keys.length) {
      keys = new long[count];
    }
    for (int i = 0; i < count; i++) {
      float score = scores[first + i * stride];
      if (!(score >= 0)) {
        throw new IllegalArgumentException("a score is " + score + ", must be at least 0");
      }
      // Bits of floats that are not negative are in the order of the floats; the best come first.
      keys[i] = (long) ~Float.floatToRawIntBits(score + 0f) << Integer.SIZE | i;
    }
    Arrays.sort(keys, 0, count);
    for (int i = 0; i < Math.min(keep, count); i++) {
      kept.set(first + (int) keys[i] * stride);
    }
  }
}
