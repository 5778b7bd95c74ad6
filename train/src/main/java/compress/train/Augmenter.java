package compress.train;

import compress.model.Shape;
import compress.train.data.Batches;
import compress.train.data.Order;
import java.util.SplittableRandom;

/** Does to images what an {@link Augment} says, for one epoch. */
public final class Augmenter implements Batches.Change {
  /** Control points of the elastic displacement along each axis. */
  private static final int GRID = 5;

  private final Augment augment;
  private final long seed;
  private final int channels;
  private final int height;
  private final int width;
  private final float[] copy;

  /**
   * @param sample {@code [channels, height, width]}
   * @throws IllegalArgumentException if the samples are not images
   */
  public Augmenter(Augment augment, Shape sample, long seed, int epoch) {
    if (sample.rank() != 3) {
      throw new IllegalArgumentException("only images can be augmented; the samples are " + sample);
    }
    this.augment = augment;
    this.seed = Order.seed(seed, epoch);
    this.channels = (int) sample.dim(0);
    this.height = (int) sample.dim(1);
    this.width = (int) sample.dim(2);
    this.copy = new float[(int) sample.size()];
  }

  @Override
  public void apply(int sample, float[] values) {
    SplittableRandom random = new SplittableRandom(Order.seed(seed, sample));
    boolean mirrored = augment.flip() && random.nextBoolean();
    System.arraycopy(values, 0, copy, 0, copy.length);
    if (augment.warps()) {
      warp(values, random, mirrored);
    } else {
      move(values, whole(random), whole(random), mirrored);
    }
  }

  /** A whole number of pixels. */
  private int whole(SplittableRandom random) {
    int most = (int) augment.shift();
    return random.nextInt(-most, most + 1);
  }

  private void move(float[] to, int down, int right, boolean mirrored) {
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        int row = (c * height + y) * width;
        for (int x = 0; x < width; x++) {
          to[row + x] = pixel(c, y - down, (mirrored ? width - 1 - x : x) - right);
        }
      }
    }
  }

  private float pixel(int c, int y, int x) {
    return y < 0 || y >= height || x < 0 || x >= width ? 0 : copy[(c * height + y) * width + x];
  }

  private void warp(float[] to, SplittableRandom random, boolean mirrored) {
    double angle = Math.toRadians(symmetric(random, augment.rotate()));
    double zoom = 1 / (1 + symmetric(random, augment.scale()));
    double cos = Math.cos(angle) * zoom;
    double sin = Math.sin(angle) * zoom;
    double down = symmetric(random, augment.shift());
    double right = symmetric(random, augment.shift());
    double[] elastic = augment.elastic() > 0 ? displacements(random) : new double[0];
    double middleY = (height - 1) / 2.0;
    double middleX = (width - 1) / 2.0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double fromY = cos * (y - middleY) - sin * (x - middleX) + middleY - down;
        double fromX = sin * (y - middleY) + cos * (x - middleX) + middleX - right;
        if (elastic.length > 0) {
          fromY += displacement(elastic, 0, y, x);
          fromX += displacement(elastic, GRID * GRID, y, x);
        }
        fromX = mirrored ? width - 1 - fromX : fromX;
        for (int c = 0; c < channels; c++) {
          to[(c * height + y) * width + x] = between(c, fromY, fromX);
        }
      }
    }
  }

  private static double symmetric(SplittableRandom random, double most) {
    return most == 0 ? 0 : random.nextDouble(-most, most);
  }

  /** Displacements at the control points: first all along y, then all along x. */
  private double[] displacements(SplittableRandom random) {
    double[] at = new double[2 * GRID * GRID];
    for (int i = 0; i < at.length; i++) {
      at[i] = symmetric(random, augment.elastic());
    }
    return at;
  }

  /** Between the four control points around a pixel, smooth across them. */
  private double displacement(double[] at, int first, int y, int x) {
    double gridY = (double) y / Math.max(1, height - 1) * (GRID - 1);
    double gridX = (double) x / Math.max(1, width - 1) * (GRID - 1);
    int top = Math.min((int) gridY, GRID - 2);
    int left = Math.min((int) gridX, GRID - 2);
    double v = smooth(gridY - top);
    double u = smooth(gridX - left);
    int i = first + top * GRID + left;
    return (1 - v) * ((1 - u) * at[i] + u * at[i + 1])
        + v * ((1 - u) * at[i + GRID] + u * at[i + GRID + 1]);
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }

  /** Bilinear interpolation. */
  private float between(int c, double y, double x) {
    int top = (int) Math.floor(y);
    int left = (int) Math.floor(x);
    double v = y - top;
    double u = x - left;
    return (float)
        ((1 - v) * ((1 - u) * pixel(c, top, left) + u * pixel(c, top, left + 1))
            + v * ((1 - u) * pixel(c, top + 1, left) + u * pixel(c, top + 1, left + 1)));
  }
}
