package compress.train.torch;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How a kernel slides over the spatial axes of {@code [N, C, ...]}: sizes by axis, outermost first.
 *
 * @param begin padding before the first element of each axis
 * @param end padding after the last; with ceiling mode enough that the last window fits
 * @param declaredEnd the padding after the last that the node asks for
 */
@SuppressWarnings("ArrayRecordComponent")
record Window(
    long[] kernel, long[] strides, long[] dilations, long[] begin, long[] end, long[] declaredEnd) {
  /**
   * Reads {@code strides}, {@code dilations}, {@code pads}, {@code auto_pad}, {@code ceil_mode}.
   */
  static Window of(Call call, long[] kernel) {
    int axes = kernel.length;
    long[] strides = call.ints("strides", axes, 1);
    long[] dilations = call.ints("dilations", axes, 1);
    long[] pads = call.ints("pads", 2 * axes, 0);
    long[] begin = Arrays.copyOf(pads, axes);
    long[] end = Arrays.copyOfRange(pads, axes, 2 * axes);
    String auto = call.text("auto_pad", "NOTSET");
    for (int i = 0; i < axes; i++) {
      long size = call.in(0).size(i + 2);
      long extent = (kernel[i] - 1) * dilations[i] + 1;
      if (auto.startsWith("SAME")) {
        long total = Math.max(0, (Math.ceilDiv(size, strides[i]) - 1) * strides[i] + extent - size);
        begin[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        end[i] = total - begin[i];
      } else if (auto.equals("VALID")) {
        begin[i] = 0;
        end[i] = 0;
      }
    }
    long[] declaredEnd = end.clone();
    if (call.flag("ceil_mode", false)) {
      for (int i = 0; i < axes; i++) {
        long size = call.in(0).size(i + 2);
        long extent = (kernel[i] - 1) * dilations[i] + 1;
        long steps = Math.ceilDiv(size + begin[i] + end[i] - extent, strides[i]);
        // A window that would start in the padding at the end is left out.
        if (steps * strides[i] >= size + begin[i]) {
          steps--;
        }
        end[i] = Math.max(end[i], steps * strides[i] + extent - size - begin[i]);
      }
    }
    return new Window(kernel, strides, dilations, begin, end, declaredEnd);
  }

  boolean isPadded() {
    return Arrays.stream(begin).anyMatch(p -> p != 0) || Arrays.stream(end).anyMatch(p -> p != 0);
  }

  /** Whether libtorch's own padding does: the same at both ends. */
  boolean isSymmetric() {
    return Arrays.equals(begin, end);
  }

  /** Whether libtorch's pools can pad it: the same at both ends and at most half the kernel. */
  boolean suitsPools() {
    if (!isSymmetric()) {
      return false;
    }
    for (int i = 0; i < kernel.length; i++) {
      if (begin[i] > kernel[i] / 2) {
        return false;
      }
    }
    return true;
  }

  boolean isDilated() {
    return Arrays.stream(dilations).anyMatch(d -> d != 1);
  }

  /** {@code x} with all its padding, of {@code value}. */
  Tensor pad(Tensor x, double value) {
    return isPadded() ? pad(x, begin, end, value) : x;
  }

  /**
   * {@code x} with padding around its last axes; negative padding cuts off.
   *
   * @param begin by axis, outermost first
   */
  static Tensor pad(Tensor x, long[] begin, long[] end, double value) {
    long[] innermostFirst = new long[2 * begin.length];
    for (int i = 0; i < begin.length; i++) {
      int axis = begin.length - 1 - i;
      innermostFirst[2 * i] = begin[axis];
      innermostFirst[2 * i + 1] = end[axis];
    }
    return torch.constant_pad_nd(x, innermostFirst, new Scalar(value));
  }
}
