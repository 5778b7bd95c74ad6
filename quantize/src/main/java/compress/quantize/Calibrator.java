package compress.quantize;

import compress.model.NearestName;
import java.util.List;

/** How the range of activations follows from what was seen of them. */
public sealed interface Calibrator {
  /** From where to where integers reach. */
  record Bounds(double least, double most) {}

  /** As users write it. */
  String name();

  /** Of a tensor that is to have {@code bits} bits. */
  Bounds bounds(ValueSpread spread, int bits);

  /** From the least to the greatest value. */
  record MinMax() implements Calibrator {
    @Override
    public String name() {
      return "minmax";
    }

    @Override
    public Bounds bounds(ValueSpread spread, int bits) {
      return new Bounds(spread.min(), spread.max());
    }
  }

  /** The extremes of batches, averaged; a batch counts a tenth, those before it nine tenths. */
  record MovingAverage() implements Calibrator {
    @Override
    public String name() {
      return "moving-average";
    }

    @Override
    public Bounds bounds(ValueSpread spread, int bits) {
      return new Bounds(spread.averageMin(), spread.averageMax());
    }
  }

  /** So many in a hundred values are inside, half of the others at each end. */
  record Percentile(double percent) implements Calibrator {
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

    @Override
    public Bounds bounds(ValueSpread spread, int bits) {
      long all = sum(spread.below()) + sum(spread.above());
      double out = all * (100 - percent) / 200;
      return new Bounds(
          Math.max(spread.min(), -edge(spread.below(), out) * spread.width()),
          Math.min(spread.max(), edge(spread.above(), out) * spread.width()));
    }

    /** How many bins are left if at most {@code out} values are cut off at the far end. */
    private static int edge(long[] bins, double out) {
      int edge = bins.length;
      double cut = 0;
      while (edge > 0 && cut + bins[edge - 1] <= out) {
        cut += bins[--edge];
      }
      return edge;
    }
  }

  /**
   * The range whose integers tell least wrong about how often values occur: the Kullback-Leibler
   * divergence from the histogram within the range, with all that is outside counted in its
   * outermost bins, to the same with its bins merged to {@code 2^bits} levels and spread evenly
   * again over those that are not empty.
   *
   * @see <a
   *     href="https://on-demand.gputechconf.com/gtc/2017/presentation/s7310-8-bit-inference-with-tensorrt.pdf">Migacz
   *     2017</a>, 8-bit inference with TensorRT
   */
  record Entropy() implements Calibrator {
    @Override
    public String name() {
      return "entropy";
    }

    @Override
    public Bounds bounds(ValueSpread spread, int bits) {
      if (spread.width() == 0) {
        return new Bounds(0, 0);
      }
      boolean positive = sum(spread.below()) == 0;
      int levels = positive ? 1 << bits : 1 << bits - 1;
      // Around zero both sides are looked at as one: magnitudes have half of the levels.
      double[] counts = new double[ValueSpread.BINS];
      for (int i = 0; i < counts.length; i++) {
        counts[i] = spread.above()[i] + (positive ? 0 : spread.below()[i]);
      }
      // Exact zeros are exact in any range, and after a Relu they outnumber all other values.
      counts[0] = Math.min(counts[0], counts[1]);
      int best = counts.length;
      double least = Double.POSITIVE_INFINITY;
      for (int edge = levels; edge <= counts.length; edge += 8) {
        double divergence = divergence(counts, edge, levels);
        if (divergence < least) {
          least = divergence;
          best = edge;
        }
      }
      double most = best * spread.width();
      return new Bounds(Math.max(spread.min(), -most), Math.min(spread.max(), most));
    }

    private static double divergence(double[] counts, int edge, int levels) {
      double total = 0;
      double outside = 0;
      for (int i = 0; i < counts.length; i++) {
        total += counts[i];
        outside += i < edge ? 0 : counts[i];
      }
      double inside = total - outside;
      if (inside <= 0) {
        return Double.POSITIVE_INFINITY;
      }
      double sum = 0;
      for (int level = 0; level < levels; level++) {
        int from = (int) ((long) level * edge / levels);
        int to = (int) ((long) (level + 1) * edge / levels);
        double merged = 0;
        int filled = 0;
        for (int i = from; i < to; i++) {
          merged += counts[i];
          filled += counts[i] > 0 || i == edge - 1 && outside > 0 ? 1 : 0;
        }
        for (int i = from; i < to; i++) {
          double p = counts[i] + (i == edge - 1 ? outside : 0);
          if (p > 0) {
            // A level that only values from outside fill has nothing to say of them.
            double q = Math.max(merged / filled, 1e-3) / inside;
            sum += p / total * Math.log(p / total / q);
          }
        }
      }
      return sum;
    }
  }

  /** The range with the least squared error, from the whole one down to a fifth of it. */
  record Mse() implements Calibrator {
    private static final int STEPS = 80;

    @Override
    public String name() {
      return "mse";
    }

    @Override
    public Bounds bounds(ValueSpread spread, int bits) {
      Bounds best = new Bounds(spread.min(), spread.max());
      double least = error(spread, best, bits);
      // Both ends for themselves, one after the other.
      for (int round = 0; round < 2; round++) {
        for (boolean upper : new boolean[] {true, false}) {
          for (int i = 1; i <= STEPS; i++) {
            double share = 1 - i / 100.0;
            Bounds tried =
                upper
                    ? new Bounds(best.least, share * spread.max())
                    : new Bounds(share * spread.min(), best.most);
            double error = error(spread, tried, bits);
            if (error < least) {
              least = error;
              best = tried;
            }
          }
        }
      }
      return best;
    }

    private static double error(ValueSpread spread, Bounds bounds, int bits) {
      Grid grid = Grid.asymmetric(bounds.least, bounds.most, bits, s -> s);
      double sum = 0;
      for (int i = 0; i < ValueSpread.BINS; i++) {
        double middle = (i + 0.5) * spread.width();
        sum += spread.above()[i] * square(grid, middle) + spread.below()[i] * square(grid, -middle);
      }
      return sum;
    }

    private static double square(Grid grid, double value) {
      double d = grid.value(grid.code(value)) - value;
      return d * d;
    }
  }

  /** One of each, as {@link #parse} takes them; the first is the default. */
  List<String> NAMES = List.of("minmax", "moving-average", "percentile", "entropy", "mse");

  /** From how users write it; {@code percentile} may have a number after a colon. */
  static Calibrator parse(String text) {
    if (text.startsWith("percentile:")) {
      try {
        return new Percentile(Double.parseDouble(text.substring("percentile:".length())));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + text + "' has no number after the colon", e);
      }
    }
    return switch (text) {
      case "minmax" -> new MinMax();
      case "moving-average" -> new MovingAverage();
      case "percentile" -> new Percentile(99.99);
      case "entropy" -> new Entropy();
      case "mse" -> new Mse();
      default ->
          throw new IllegalArgumentException(
              "calibration '%s' is none of %s%s"
                  .formatted(text, String.join(", ", NAMES), NearestName.hint(text, NAMES)));
    };
  }

  private static long sum(long[] counts) {
    long sum = 0;
    for (long c : counts) {
      sum += c;
    }
    return sum;
  }
}
