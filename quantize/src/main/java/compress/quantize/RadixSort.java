package compress.quantize;

import java.util.Arrays;

/** Sorts floats digit by digit, lowest first: three passes of 11 bits, whatever the values. */
final class RadixSort {
  private static final int DIGIT_BITS = 11;
  private static final int DIGITS = 1 << DIGIT_BITS;
  private static final int SMALL = 4096;

  private RadixSort() {}

  /** A sorted copy of {@code values}, which hold no NaN; -0 comes before 0. */
  static float[] sorted(float[] values) {
    if (values.length < SMALL) {
      float[] copy = values.clone();
      Arrays.sort(copy);
      return copy;
    }
    int[] keys = new int[values.length];
    int[][] counts = new int[3][DIGITS];
    for (int i = 0; i < keys.length; i++) {
      int key = key(values[i]);
      keys[i] = key;
      counts[0][key & DIGITS - 1]++;
      counts[1][key >>> DIGIT_BITS & DIGITS - 1]++;
      counts[2][key >>> 2 * DIGIT_BITS]++;
    }
    int[] moved = new int[keys.length];
    for (int pass = 0; pass < 3; pass++) {
      int[] next = starts(counts[pass]);
      int shift = pass * DIGIT_BITS;
      for (int key : keys) {
        moved[next[key >>> shift & DIGITS - 1]++] = key;
      }
      int[] swap = keys;
      keys = moved;
      moved = swap;
    }
    float[] sorted = new float[keys.length];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = value(keys[i]);
    }
    return sorted;
  }

  private static int[] starts(int[] counts) {
    int[] starts = new int[counts.length];
    for (int d = 1; d < counts.length; d++) {
      starts[d] = starts[d - 1] + counts[d - 1];
    }
    return starts;
  }

  /**
   * Bits whose unsigned order is the order of the floats: all flipped below zero, else the sign.
   */
  private static int key(float value) {
    int bits = Float.floatToRawIntBits(value);
    return bits ^ (bits >> 31 | Integer.MIN_VALUE);
  }

  private static float value(int key) {
    return Float.intBitsToFloat(key ^ (~key >> 31 | Integer.MIN_VALUE));
  }
}
