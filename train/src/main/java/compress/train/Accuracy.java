package compress.train;

/**
 * How many answers were right.
 *
 * @param samples at least 1
 */
public record Accuracy(long correct, long samples) {
  /** The two-sided 95 % point of the normal distribution. */
  private static final double Z = 1.959963984540054;

  public Accuracy {
    if (samples < 1 || correct < 0 || correct > samples) {
      throw new IllegalArgumentException(correct + " right of " + samples + " samples");
    }
  }

  /** The share of right answers. */
  public double value() {
    return (double) correct / samples;
  }

  /** The lower end of the 95 % interval. */
  public double low() {
    return Math.max(0, center() - halfWidth());
  }

  /** The upper end of the 95 % interval. */
  public double high() {
    return Math.min(1, center() + halfWidth());
  }

  // Wilson's score interval: Wilson 1927, "Probable inference, the law of succession, and
  // statistical inference". It stays inside [0, 1] and is sound near both ends.
  private double center() {
    return (value() + Z * Z / (2 * samples)) / (1 + Z * Z / samples);
  }

  private double halfWidth() {
    double p = value();
    double n = samples;
    return Z / (1 + Z * Z / n) * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
  }
}
