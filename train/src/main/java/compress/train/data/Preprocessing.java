package compress.train.data;

import java.util.List;

/**
 * From the numbers of a data set to what a network expects: {@code (x * scale - mean) / std}, mean
 * and std by channel.
 *
 * @param mean one for each channel, one for all, or empty for 0
 * @param std as {@code mean}, empty for 1; not 0
 */
public record Preprocessing(double scale, List<Double> mean, List<Double> std, Layout layout) {
  /** The numbers as they are: bytes give 0 to 255. */
  public static final Preprocessing RAW = new Preprocessing(1, List.of(), List.of(), Layout.AUTO);

  /** Bytes to 0 to 1. */
  public static final Preprocessing UNIT =
      new Preprocessing(1.0 / 255, List.of(), List.of(), Layout.AUTO);

  /** The order of axes in which a network takes images. */
  public enum Layout {
    /** The one that fits the shape that the network declares; channels first if both do. */
    AUTO,
    /** Channels, height, width. */
    NCHW,
    /** Height, width, channels. */
    NHWC
  }

  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (std.contains(0.0)) {
      throw new IllegalArgumentException("a standard deviation of 0: " + std);
    }
  }

  public Preprocessing withScale(double to) {
    return new Preprocessing(to, mean, std, layout);
  }

  /** One of each for each channel, after the scale. */
  public Preprocessing withMeanStd(List<Double> means, List<Double> stds) {
    return new Preprocessing(scale, means, stds, layout);
  }

  public Preprocessing withLayout(Layout to) {
    return new Preprocessing(scale, mean, std, to);
  }

  /** What is subtracted in channel {@code c} of {@code channels}. */
  double mean(int c, int channels) {
    return of(mean, c, channels, 0, "means");
  }

  /** What channel {@code c} of {@code channels} is divided by. */
  double std(int c, int channels) {
    return of(std, c, channels, 1, "standard deviations");
  }

  private static double of(
      List<Double> values, int c, int channels, double otherwise, String what) {
    if (values.size() > 1 && values.size() != channels) {
      throw new IllegalArgumentException(
          "%d %s for %d channels; give one for each or one for all"
              .formatted(values.size(), what, channels));
    }
    return values.isEmpty() ? otherwise : values.get(values.size() == 1 ? 0 : c);
  }
}
