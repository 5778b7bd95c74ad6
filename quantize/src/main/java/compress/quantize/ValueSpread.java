package compress.quantize;

/**
 * How the values of a tensor are spread, seen a batch at a time in memory that does not grow: their
 * extremes, a moving average of each batch's extremes, and a histogram.
 *
 * <p>The histogram has bins of one width around zero. If a value falls outside, bins are merged in
 * pairs and the width doubles, so no value is seen twice and none is lost.
 */
final class ValueSpread {
  /** On each side of zero. */
  static final int BINS = 2048;

  /** What a batch counts for in the moving average. */
  private static final double MOMENTUM = 0.1;

  private final long[] below = new long[BINS];
  private final long[] above = new long[BINS];
  private double width;
  private float min;
  private float max;
  private double averageMin;
  private double averageMax;
  private long batches;

  /** Takes the values of one batch. Zero is always among the extremes. */
  void add(float[] values) {
    float least = 0;
    float most = 0;
    for (float v : values) {
      if (!Float.isFinite(v)) {
        throw new IllegalArgumentException(
            "an activation is " + v + "; the network cannot be calibrated on these samples");
      }
      least = Math.min(least, v);
      most = Math.max(most, v);
    }
    min = Math.min(min, least);
    max = Math.max(max, most);
    double share = batches == 0 ? 1 : MOMENTUM;
    averageMin += share * (least - averageMin);
    averageMax += share * (most - averageMax);
    batches++;
    reach(Math.max(-least, most));
    if (width > 0) {
      double inverse = 1 / width;
      for (float v : values) {
        int bin = (int) Math.min(BINS - 1, Math.abs(v) * inverse);
        if (v < 0) {
          below[bin]++;
        } else {
          above[bin]++;
        }
      }
    }
  }

  private void reach(float bound) {
    if (width == 0) {
      width = bound / (double) BINS;
    }
    while (width > 0 && bound > width * BINS) {
      halve(below);
      halve(above);
      width *= 2;
    }
  }

  private static void halve(long[] bins) {
    for (int i = 0; i < BINS; i++) {
      bins[i] = i < BINS / 2 ? bins[2 * i] + bins[2 * i + 1] : 0;
    }
  }

  /** At most 0. */
  float min() {
    return min;
  }

  /** At least 0. */
  float max() {
    return max;
  }

  double averageMin() {
    return averageMin;
  }

  double averageMax() {
    return averageMax;
  }

  /** How wide a bin is; 0 as long as only zeros were seen. */
  double width() {
    return width;
  }

  /** Counts of the values below zero, bin {@code i} from {@code -(i + 1)} to {@code -i} widths. */
  long[] below() {
    return below;
  }

  /** Counts of zero and above. */
  long[] above() {
    return above;
  }
}
