package compress.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * The matrix that im2col would write for a convolution, read from where the image lies: feature
 * {@code k} of pixel {@code i} in line {@code l} of the result is float {@code features[k] +
 * lines[l] + i} of {@code data}. Kernels copy panels of it, so that it never exists whole. {@link
 * Convolution} lays an image out in this way for any stride, dilation and padding.
 *
 * @param data floats outside the heap; {@link #SLACK} bytes past the last one are read, but do not
 *     matter
 * @param features where each feature begins: a channel and a position in the window
 * @param lines where each line of pixels begins
 * @param lineLength pixels in a line
 * @see <a href="https://inria.hal.science/inria-00112631">Chellapilla, Puri, Simard 2006</a>,
 *     convolution as a product of matrices
 */
public record Patches(MemorySegment data, int[] features, int[] lines, int lineLength)
    implements Input {

  /** Bytes behind the last float that kernels may read. */
  public static final int SLACK = OffHeap.LINE;

  public Patches {
    if (features.length == 0 || lines.length == 0 || lineLength < 1) {
      throw new IllegalArgumentException(
          "%d features of %d lines of %d pixels"
              .formatted(features.length, lines.length, lineLength));
    }
    if (!data.isNative() || data.address() % 4 != 0) {
      throw new IllegalArgumentException("an image lies outside the heap, on a multiple of 4");
    }
    long last = (long) largest(features) + largest(lines) + lineLength;
    if (data.byteSize() < 4 * last + SLACK) {
      throw new IllegalArgumentException(
          "%d bytes do not hold %d floats and %d bytes behind them"
              .formatted(data.byteSize(), last, SLACK));
    }
  }

  private static int largest(int[] offsets) {
    int largest = 0;
    for (int offset : offsets) {
      if (offset < 0) {
        throw new IllegalArgumentException("an offset of " + offset);
      }
      largest = Math.max(largest, offset);
    }
    return largest;
  }

  /** Features. */
  @Override
  public int rows() {
    return features.length;
  }

  /** Pixels. */
  @Override
  public int columns() {
    return lines.length * lineLength;
  }

  /** Writes the whole matrix to {@code to}, at least {@code 4 * rows * columns} bytes. */
  public Matrix unfold(MemorySegment to) {
    long at = 0;
    for (int feature : features) {
      for (int line : lines) {
        long from = 4L * (feature + (long) line);
        for (int i = 0; i < lineLength; i++) {
          to.set(JAVA_FLOAT, at, data.get(JAVA_FLOAT, from + 4L * i));
          at += 4;
        }
      }
    }
    return new Matrix(to, rows(), columns());
  }
}
