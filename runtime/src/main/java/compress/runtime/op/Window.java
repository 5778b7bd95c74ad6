package compress.runtime.op;

/**
 * How a window slides over the axes of space of {@code [N, C, ...]}: sizes by axis, outermost
 * first.
 *
 * @param before padding before the first element of each axis
 * @param after padding behind the last, with ceiling mode enough that the last window fits
 * @param declared the padding behind the last that the node asks for
 * @param result how often the window stops
 */
record Window(
    int[] size,
    int[] kernel,
    int[] stride,
    int[] dilation,
    int[] before,
    int[] after,
    int[] declared,
    int[] result) {
  /**
   * Reads {@code strides}, {@code dilations}, {@code pads}, {@code auto_pad}, {@code ceil_mode}.
   */
  static Window of(Call call, Value x, int... kernel) {
    int dims = kernel.length;
    if (x.rank() != dims + 2) {
      throw call.refuse("a window of " + dims + " dimensions on " + x);
    }
    int[] stride = call.ints("strides", dims, 1);
    int[] dilation = call.ints("dilations", dims, 1);
    int[] pads = call.ints("pads", 2 * dims, 0);
    String auto = call.text("auto_pad", "NOTSET");
    boolean ceiling = call.flag("ceil_mode", false);
    int[] size = new int[dims];
    int[] before = new int[dims];
    int[] after = new int[dims];
    int[] declared = new int[dims];
    int[] result = new int[dims];
    for (int d = 0; d < dims; d++) {
      size[d] = x.dim(d + 2);
      int reach = (kernel[d] - 1) * dilation[d] + 1;
      if (stride[d] < 1 || kernel[d] < 1 || dilation[d] < 1) {
        throw call.refuse("a stride, a dilation or a length of a window below 1");
      }
      if (auto.startsWith("SAME")) {
        int total =
            Math.max(0, (Math.ceilDiv(size[d], stride[d]) - 1) * stride[d] + reach - size[d]);
        before[d] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        after[d] = total - before[d];
      } else if (!auto.equals("VALID")) {
        before[d] = pads[d];
        after[d] = pads[d + dims];
      }
      if (before[d] < 0 || after[d] < 0) {
        throw call.refuse("negative padding");
      }
      declared[d] = after[d];
      int room = size[d] + before[d] + after[d] - reach;
      if (room < 0) {
        throw call.refuse(
            "a window of %d does not fit into %d with padding of %d and %d"
                .formatted(reach, size[d], before[d], after[d]));
      }
      int steps = room / stride[d];
      if (ceiling && room % stride[d] != 0) {
        // A window that would start in the padding behind is left out.
        int more = steps + 1;
        if (more * stride[d] < size[d] + before[d]) {
          steps = more;
          after[d] = more * stride[d] + reach - size[d] - before[d];
        }
      }
      result[d] = steps + 1;
    }
    return new Window(size, kernel, stride, dilation, before, after, declared, result);
  }

  /** Whether it is one element at a time, each once, so that nothing is unrolled. */
  boolean isPoint() {
    for (int d = 0; d < kernel.length; d++) {
      if (kernel[d] != 1 || stride[d] != 1 || before[d] != 0 || after[d] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether it is as large as the image, and nothing is padded. */
  boolean seesAll() {
    for (int d = 0; d < kernel.length; d++) {
      if (kernel[d] != size[d] || before[d] != 0 || after[d] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Elements of one channel of the input. */
  int points() {
    return (int) Value.size(size);
  }

  /** Elements of one channel of the result. */
  int resultPoints() {
    return (int) Value.size(result);
  }

  /** {@code [n, c, result...]} */
  int[] resultShape(int n, int c) {
    int[] shape = new int[result.length + 2];
    shape[0] = n;
    shape[1] = c;
    System.arraycopy(result, 0, shape, 2, result.length);
    return shape;
  }
}
