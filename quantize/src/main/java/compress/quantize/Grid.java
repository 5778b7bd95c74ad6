package compress.quantize;

/**
 * The numbers that integers of a few bits can stand for: {@code (q - zeroPoint) * scale} for each
 * {@code q} from {@code low} to {@code high}. Zero is always one of them, exactly.
 *
 * @param scale positive, normal
 */
record Grid(int low, int high, float scale, int zeroPoint) {
  /** What a narrow type does to scales. */
  interface Rounding {
    float round(float scale);
  }

  /**
   * Integers around zero, from {@code -2^(bits-1)}: the scale spreads all {@code 2^bits} of them
   * over {@code [-bound, bound]}, so that no number in there is further than half a step from its
   * integer.
   */
  static Grid symmetric(double bound, int bits, Rounding rounding) {
    int low = -(1 << bits - 1);
    int high = (1 << bits - 1) - 1;
    return new Grid(low, high, scale(2 * bound / (high - low), rounding), 0);
  }

  /**
   * Integers from 0, for numbers from {@code least} to {@code most}. The range is widened to hold
   * zero.
   */
  static Grid asymmetric(double least, double most, int bits, Rounding rounding) {
    int high = (1 << bits) - 1;
    double from = Math.min(0, least);
    float scale = scale((Math.max(0, most) - from) / high, rounding);
    int zero = (int) Math.clamp(Math.rint(-from / scale), 0, high);
    return new Grid(0, high, scale, zero);
  }

  private static float scale(double wanted, Rounding rounding) {
    float scale = rounding.round((float) wanted);
    // Zeros have no range. A small step, since that of a bias is a multiple of it.
    return wanted == 0 ? 0x1p-24f : Math.clamp(scale, Float.MIN_NORMAL, Float.MAX_VALUE);
  }

  /** The integer of the nearest number; of two as near the one whose distance from zero is even. */
  int code(double value) {
    return (int) Math.clamp(Math.rint(value / scale) + zeroPoint, low, high);
  }

  /** What {@code code} stands for. */
  float value(int code) {
    return (code - zeroPoint) * scale;
  }

  /** The sum of (value - nearest)² over the first {@code n} values. */
  double squaredError(float[] values, int n) {
    double inverse = 1.0 / scale;
    double least = low - zeroPoint;
    double most = high - zeroPoint;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double x = values[i] * inverse;
      double d = x - Math.min(most, Math.max(least, Math.rint(x)));
      sum += d * d;
    }
    return sum * scale * scale;
  }
}
