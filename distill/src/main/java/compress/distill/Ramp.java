package compress.distill;

/**
 * A number that may change while a student learns.
 *
 * @param start at the beginning
 * @param end at the end of the last epoch
 * @param shape of the way between the two
 */
public record Ramp(double start, double end, Shape shape) {
  /** How a ramp goes from its start to its end. */
  public enum Shape {
    /** In a straight line. */
    LINEAR,
    /** Along half a cosine: slowly at both ends. */
    COSINE
  }

  /** The same all the time. */
  public static Ramp constant(double value) {
    return new Ramp(value, value, Shape.LINEAR);
  }

  /**
   * Reads {@code 4}, {@code 8:1} or {@code 8:1:cosine}.
   *
   * @param name of the option, for messages
   */
  public static Ramp parse(String name, String text) {
    String[] parts = text.split(":", -1);
    try {
      double start = Double.parseDouble(parts[0]);
      double end = parts.length > 1 ? Double.parseDouble(parts[1]) : start;
      if (parts.length > 3 || parts.length == 3 && !parts[2].equals("cosine")) {
        throw new NumberFormatException();
      }
      return new Ramp(start, end, parts.length == 3 ? Shape.COSINE : Shape.LINEAR);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s '%s' is none of X, START:END and START:END:cosine".formatted(name, text), e);
    }
  }

  /**
   * The number now.
   *
   * @param epoch done so far, with a fraction
   * @param epochs planned
   */
  public double at(double epoch, double epochs) {
    double done = epochs == 0 ? 0 : Math.clamp(epoch / epochs, 0, 1);
    double way = shape == Shape.LINEAR ? done : (1 - Math.cos(Math.PI * done)) / 2;
    return start + (end - start) * way;
  }

  /** The lesser of both ends. */
  double least() {
    return Math.min(start, end);
  }

  /** The greater of both ends. */
  double most() {
    return Math.max(start, end);
  }
}
