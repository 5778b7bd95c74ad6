package compress.kernels;

import java.util.Arrays;

/** The few different values that weights share, and which of them each weight has. */
record SharedValues(float[] values, int[] codes) {
  /** The most values that a byte tells apart. */
  static final int MOST = 256;

  /**
   * Values ascend; those of {@code weights} that are not finite are kept like any other.
   *
   * @throws IllegalArgumentException if there are more than {@link #MOST}
   */
  static SharedValues of(float[] weights, boolean skipZeros) {
    float[] sorted = weights.clone();
    Arrays.sort(sorted);
    float[] values = new float[MOST];
    int count = 0;
    for (float v : sorted) {
      boolean isNew = count == 0 || Float.compare(values[count - 1], v) != 0;
      if (isNew && !(skipZeros && v == 0)) {
        if (count == MOST) {
          throw new IllegalArgumentException("more than " + MOST + " different weights");
        }
        values[count++] = v;
      }
    }
    values = Arrays.copyOf(values, count);
    int[] codes = new int[weights.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = Arrays.binarySearch(values, weights[i]);
    }
    return new SharedValues(values, codes);
  }
}
