package compress.train;

import compress.model.Shape;
import compress.model.Tensor;

/**
 * How the input of a layer becomes rows, each of which the layer multiplies with the weights of
 * every output: a token's features, or the window of a convolution that makes one pixel. A row has
 * as many columns as an output has weights, in the order of those weights.
 */
public sealed interface Unfolding {
  /** Takes rows. */
  interface Rows {
    /**
     * @param group from 0; of a convolution, which others have but one of
     * @param rows {@code [count, columns]}, valid for the time of the call
     */
    void take(int group, float[] rows, int count);
  }

  /** Parts that have inputs and outputs of their own: those of a grouped convolution, or 1. */
  int groups();

  /** Weights of one output. */
  int columns();

  /**
   * Gives all rows of {@code input} to {@code to}, some at a time.
   *
   * @param most rows for each sample and group, spread evenly over the sample; others are left out.
   *     Only convolutions have more than one sample in a tensor, so only they choose.
   * @throws IllegalArgumentException if the input does not have the shape that the layer needs
   */
  void unfold(Tensor input, int most, Rows to);

  /**
   * Of {@code MatMul} and {@code Gemm}: every vector along an axis is a row, all others count them.
   *
   * @param columnsFirst whether that is the last axis but one, not the last
   */
  record Features(int columns, boolean columnsFirst) implements Unfolding {
    @Override
    public int groups() {
      return 1;
    }

    @Override
    public void unfold(Tensor input, int most, Rows to) {
      Shape shape = input.shape();
      int axis = columnsFirst ? -2 : -1;
      if (shape.rank() < -axis || shape.dim(axis) != columns) {
        throw new IllegalArgumentException(
            "an input %s where vectors of %d are expected".formatted(shape, columns));
      }
      float[] values = input.toFloats();
      int vectors = values.length / Math.max(1, columns);
      if (!columnsFirst) {
        to.take(0, values, vectors);
        return;
      }
      int last = (int) shape.dim(-1);
      float[] rows = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        int matrix = i / (columns * last);
        int column = i / last % columns;
        rows[(matrix * last + i % last) * columns + column] = values[i];
      }
      to.take(0, rows, vectors);
    }
  }

  /**
   * Of {@code Conv} over one or two axes: the columns are {@code [channels / groups, kernel]}, what
   * lies in the padding is 0.
   *
   * @param height how the kernel moves along the first axis; over one axis a kernel of 1
   * @param width along the last axis
   */
  record Windows(int channels, int groups, Window height, Window width) implements Unfolding {
    /** Rows given at once. */
    private static final int CHUNK = 256;

    /**
     * Along one axis. {@code automatic} is the attribute {@code auto_pad}, with its own padding.
     */
    record Window(int kernel, int stride, int dilation, int before, int after, String automatic) {
      int reach() {
        return (kernel - 1) * dilation + 1;
      }

      private boolean same() {
        return automatic.startsWith("SAME");
      }

      int positions(int length) {
        return same()
            ? Math.ceilDiv(length, stride)
            : Math.max(0, (length + padding(length) - reach()) / stride + 1);
      }

      private int padding(int length) {
        return switch (automatic) {
          case "VALID" -> 0;
          case "SAME_UPPER", "SAME_LOWER" ->
              Math.max(0, (Math.ceilDiv(length, stride) - 1) * stride + reach() - length);
          default -> before + after;
        };
      }

      /** The first element of the window at a position, which may lie before the input. */
      int start(int position, int length) {
        int lead =
            switch (automatic) {
              case "VALID" -> 0;
              case "SAME_UPPER" -> padding(length) / 2;
              case "SAME_LOWER" -> padding(length) - padding(length) / 2;
              default -> before;
            };
        return position * stride - lead;
      }
    }

    @Override
    public int columns() {
      return channels / groups * height.kernel * width.kernel;
    }

    @Override
    public void unfold(Tensor input, int most, Rows to) {
      Shape shape = input.shape();
      if (shape.rank() < 3 || shape.rank() > 4 || shape.dim(1) != channels) {
        throw new IllegalArgumentException(
            "an input %s where %d channels are expected".formatted(shape, channels));
      }
      int samples = (int) shape.dim(0);
      int high = shape.rank() == 4 ? (int) shape.dim(2) : 1;
      int wide = (int) shape.dim(-1);
      float[] values = input.toFloats();
      int all = height.positions(high) * width.positions(wide);
      int taken = Math.min(all, most);
      float[] rows = new float[Math.min(CHUNK, taken) * columns()];
      for (int sample = 0; sample < samples; sample++) {
        for (int group = 0; group < groups; group++) {
          int count = 0;
          for (int k = 0; k < taken; k++) {
            // Evenly spaced, and from sample to sample at other places.
            int position =
                (int) (((long) k * all / taken + 31L * sample * (all / taken > 1 ? 1 : 0)) % all);
            window(values, sample, group, position, high, wide, rows, count++ * columns());
            if (count == CHUNK || k == taken - 1) {
              to.take(group, rows, count);
              count = 0;
            }
          }
        }
      }
    }

    private void window(
        float[] values,
        int sample,
        int group,
        int position,
        int high,
        int wide,
        float[] to,
        int at) {
      int perRow = width.positions(wide);
      int top = height.start(position / perRow, high);
      int left = width.start(position % perRow, wide);
      int perGroup = channels / groups;
      int next = at;
      for (int c = 0; c < perGroup; c++) {
        int plane = (sample * channels + group * perGroup + c) * high * wide;
        for (int i = 0; i < height.kernel; i++) {
          int y = top + i * height.dilation;
          for (int j = 0; j < width.kernel; j++) {
            int x = left + j * width.dilation;
            boolean inside = y >= 0 && y < high && x >= 0 && x < wide;
            to[next++] = inside ? values[plane + y * wide + x] : 0;
          }
        }
      }
    }
  }
}
