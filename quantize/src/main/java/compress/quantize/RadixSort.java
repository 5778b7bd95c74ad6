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
    int[][] counts = new int[3][DIGITS];
    for (float value : values) {
      int key = key(value);
      counts[0][key & DIGITS - 1]++;
      counts[1][key >>> DIGIT_BITS & DIGITS - 1]++;
      counts[2][key >>> 2 * DIGIT_BITS]++;
    }
    float[] from = values;
    float[] to = new float[values.length];
    float[] other = new float[values.length];
    for (int pass = 0; pass < 3; pass++) {
      int[] next = starts(counts[pass]);
      int shift = pass * DIGIT_BITS;
      for (float value : from) {
        to[next[key(value) >>> shift & DIGITS - 1]++] = value;
      }
      from = to;
      to = other;
      other = from;
    }
    return from;
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
}
