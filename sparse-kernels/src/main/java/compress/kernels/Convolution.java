package compress.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * How the windows of a convolution lie on an image of any number of dimensions, and a copy of the
 * image from which they can be read as {@link Patches}: with its padding, and with the columns that
 * a stride takes together next to each other, so that each line of the result reads without gaps
 * whatever the stride is.
 *
 * <pre>
 * stride 1, padding 1     . a b c d e .         window column 0: . a b c d
 * stride 2, padding 1     . b d . | a c e       window column 0: . b d   column 1: a c e
 * </pre>
 */
public final class Convolution {
  private final int channels;
  private final int[] size;
  private final int[] kernel;
  private final int[] stride;
  private final int[] dilation;
  private final int[] before;
  private final int[] result;

  /** Lines of one channel with padding, and how many floats lie between two. */
  private final int[] padded;

  private final int pitch;
  private final int phase;

  /** Which lines of a padded channel the lines of the image are. */
  private final int[] lines;

  /**
   * Each array has one entry for each dimension of space, the last for columns.
   *
   * @param size of the image
   * @param kernel size of the window
   * @param before zeros before the image
   * @param after zeros behind it
   * @throws IllegalArgumentException if the window is larger than the padded image, or it is all
   *     larger than 2^31 floats
   */
  public Convolution(
      int channels,
      int[] size,
      int[] kernel,
      int[] stride,
      int[] dilation,
      int[] before,
      int[] after) {
    this.channels = channels;
    this.size = size.clone();
    this.kernel = kernel.clone();
    this.stride = stride.clone();
    this.dilation = dilation.clone();
    this.before = before.clone();
    int dims = size.length;
    result = new int[dims];
    padded = new int[dims];
    for (int d = 0; d < dims; d++) {
      int reach = (kernel[d] - 1) * dilation[d] + 1;
      padded[d] = before[d] + size[d] + after[d];
      if (channels < 1 || kernel[d] < 1 || stride[d] < 1 || reach > padded[d]) {
        throw new IllegalArgumentException(
            "a window of %s with dilation %s does not fit into %s with padding %s and %s"
                .formatted(
                    Arrays.toString(kernel),
                    Arrays.toString(dilation),
                    Arrays.toString(size),
                    Arrays.toString(before),
                    Arrays.toString(after)));
      }
      result[d] = (padded[d] - reach) / stride[d] + 1;
    }
    phase = Math.ceilDiv(padded[dims - 1], stride[dims - 1]);
    pitch = Math.multiplyExact(phase, stride[dims - 1]);
    lines = new int[product(size, dims - 1)];
    for (int l = 0; l < lines.length; l++) {
      int[] at = position(l, size, dims - 1);
      for (int d = 0; d < dims - 1; d++) {
        at[d] += before[d];
      }
      lines[l] = line(at);
    }
    if (channels * plane() > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException("a padded image of " + channels * plane() + " floats");
    }
  }

  /** Of the result. */
  public int[] resultSize() {
    return result.clone();
  }

  /** Bytes of the copy, with what {@link Patches} read behind it. */
  public long bytes() {
    return 4L * channels * plane() + Patches.SLACK;
  }

  /** Whether an image is its own copy, but for the bytes behind it. */
  public boolean isInPlace() {
    return stride[size.length - 1] == 1 && Arrays.equals(size, padded);
  }

  private long plane() {
    long floats = pitch;
    for (int d = 0; d < size.length - 1; d++) {
      floats *= padded[d];
    }
    return floats;
  }

  /** What the windows see of channels {@code from} to {@code to} of a copy. */
  public Patches patches(MemorySegment copy, int from, int to) {
    int dims = size.length;
    int window = product(kernel, dims);
    int[] features = new int[(to - from) * window];
    for (int f = 0; f < features.length; f++) {
      int[] at = position(f % window, kernel, dims);
      int column = at[dims - 1] * dilation[dims - 1];
      int across = stride[dims - 1];
      long offset =
          (from + f / window) * plane() + column % across * (long) phase + column / across;
      for (int d = 0; d < dims - 1; d++) {
        at[d] *= dilation[d];
      }
      features[f] = (int) (offset + (long) line(at) * pitch);
    }
    int[] pixels = new int[product(result, dims - 1)];
    for (int l = 0; l < pixels.length; l++) {
      int[] at = position(l, result, dims - 1);
      for (int d = 0; d < dims - 1; d++) {
        at[d] *= stride[d];
      }
      pixels[l] = line(at) * pitch;
    }
    return new Patches(copy, features, pixels, result[dims - 1]);
  }

  /** Which line of a padded channel; all but the last entry count. */
  private int line(int[] at) {
    int line = 0;
    for (int d = 0; d < size.length - 1; d++) {
      line = line * padded[d] + at[d];
    }
    return line;
  }

  /**
   * Writes the copy of an image. The padding is not written again: {@code copy} was all zero before
   * the first time, and held nothing else since.
   *
   * @param image {@code [channels, size...]}, row-major, outside the heap
   */
  public void copy(MemorySegment image, MemorySegment copy, Workers workers) {
    workers.run(channels, (channel, worker) -> copyChannel(image, copy, channel));
  }

  private void copyChannel(MemorySegment image, MemorySegment copy, int channel) {
    int last = size.length - 1;
    int columns = size[last];
    long from = 4L * columns * (channel * (long) lines.length);
    long to = 4L * channel * plane();
    if (stride[last] == 1) {
      // Only where a plane ends do lines of the copy not follow each other.
      int run = last == 0 ? 1 : size[last - 1];
      for (int l = 0; l < lines.length; l += run) {
        long at = to + 4 * (lines[l] * (long) pitch + before[last]);
        Lines.copy(image, from + 4L * l * columns, copy, at, 4L * pitch, run, columns);
      }
      return;
    }
    for (int l = 0; l < lines.length; l++) {
      copyApart(image, from + 4L * l * columns, copy, to + 4L * lines[l] * pitch);
    }
  }

  /** One line, its columns sorted by which of the stride they are. */
  private void copyApart(MemorySegment image, long from, MemorySegment copy, long to) {
    int last = size.length - 1;
    int across = stride[last];
    if (across == 2) {
      // The image's first column is of the phase that the padding leaves it.
      int column = before[last];
      long first = to + 4L * (column % 2 * (long) phase + column / 2);
      long second = to + 4L * ((column + 1) % 2 * (long) phase + (column + 1) / 2);
      Lines.split(image, from, copy, first, second, size[last]);
      return;
    }
    for (int first = 0; first < Math.min(across, size[last]); first++) {
      int column = before[last] + first;
      long at = to + 4L * (column % across * (long) phase + column / across);
      for (int i = first; i < size[last]; i += across) {
        copy.set(JAVA_FLOAT, at, image.get(JAVA_FLOAT, from + 4L * i));
        at += 4;
      }
    }
  }

  private static int product(int[] sizes, int dims) {
    int product = 1;
    for (int d = 0; d < dims; d++) {
      product *= sizes[d];
    }
    return product;
  }

  private static int[] position(int index, int[] sizes, int dims) {
    int[] at = new int[sizes.length];
    for (int d = dims - 1; d >= 0; d--) {
      at[d] = index % sizes[d];
      index /= sizes[d];
    }
    return at;
  }
}
