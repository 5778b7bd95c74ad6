package compress.quantize;

import compress.model.NearestName;
import java.util.Arrays;
import java.util.List;

/**
 * How far the integers of some numbers reach: numbers beyond become the outermost integers, and the
 * others get a finer step for it.
 */
public sealed interface Range {
  /** As the command line has it: {@code mse}. */
  String name();

  /** From the least to the greatest. */
  record MinMax() implements Range {
    @Override
    public String name() {
      return "minmax";
    }
  }

  /**
   * Leaves out the outermost: the given share in percent stays inside, 99.99 say. Symmetric ranges
   * leave out the largest magnitudes, others as many at both ends.
   */
  record Percentile(double percent) implements Range {
    public Percentile {
      if (!(percent > 50 && percent <= 100)) {
        throw new IllegalArgumentException(
            "a percentile is above 50 and at most 100, not " + percent);
      }
    }

    @Override
    public String name() {
      return "percentile:" + percent;
    }
  }

  /**
   * The range with the least squared error among the whole one and those that are smaller by up to
   * 80 % in steps of 1 %.
   */
  record Mse() implements Range {
    private static final int STEPS = 80;

    @Override
    public String name() {
      return "mse";
    }
  }

  /** One of each, as {@link #parse} takes them. */
  List<String> NAMES = List.of("minmax", "percentile", "mse");

  /**
   * From how users write it: {@code minmax}, {@code mse}, {@code percentile} or {@code
   * percentile:99.9}.
   */
  static Range parse(String text) {
    String[] parts = text.split(":", 2);
    if (parts.length == 2 && parts[0].equals("percentile")) {
      try {
        return new Percentile(Double.parseDouble(parts[1]));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + text + "' has no number after the colon", e);
      }
    }
    return switch (text) {
      case "minmax" -> new MinMax();
      case "mse" -> new Mse();
      case "percentile" -> new Percentile(99.9);
      default ->
          throw new IllegalArgumentException(
              "range '%s' is none of %s%s"
                  .formatted(text, String.join(", ", NAMES), NearestName.hint(text, NAMES)));
    };
  }

  /**
   * The grid for the first {@code n} of {@code values}.
   *
   * @param symmetric whether zero is in the middle
   */
  default Grid grid(float[] values, int n, int bits, boolean symmetric, Grid.Rounding rounding) {
    float least = 0;
    float most = 0;
    for (int i = 0; i < n; i++) {
      least = Math.min(least, values[i]);
      most = Math.max(most, values[i]);
    }
    return switch (this) {
      case MinMax() -> grid(least, most, 1, bits, symmetric, rounding);
      case Percentile(double percent) -> {
        float[] sorted = Arrays.copyOf(values, n);
        for (int i = 0; symmetric && i < n; i++) {
          sorted[i] = Math.abs(sorted[i]);
        }
        Arrays.sort(sorted);
        double out = (100 - percent) / 100;
        float high = n == 0 ? 0 : sorted[at(n, 1 - (symmetric ? out : out / 2))];
        float low = symmetric ? -high : n == 0 ? 0 : sorted[at(n, out / 2)];
        yield grid(low, high, 1, bits, symmetric, rounding);
      }
      case Mse() -> {
        Grid best = grid(least, most, 1, bits, symmetric, rounding);
        double error = best.squaredError(values, n);
        for (int i = 1; i <= Mse.STEPS && error > 0; i++) {
          Grid tried = grid(least, most, 1 - i / 100.0, bits, symmetric, rounding);
          double now = tried.squaredError(values, n);
          if (now < error) {
            error = now;
            best = tried;
          }
        }
        yield best;
      }
    };
  }

  private static int at(int n, double share) {
    return Math.clamp(Math.round(share * (n - 1)), 0, n - 1);
  }

  private static Grid grid(
      float least, float most, double shrink, int bits, boolean symmetric, Grid.Rounding r) {
    return symmetric
        ? Grid.symmetric(shrink * Math.max(-least, most), bits, r)
        : Grid.asymmetric(shrink * least, shrink * most, bits, r);
  }
}
