package compress.train.torch;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** {@code Conv} and {@code ConvTranspose} in one, two or three dimensions. */
final class Convolutions {
  private Convolutions() {}

  static Tensor conv(Call call) {
    Tensor weight = call.in(1);
    Window window = Window.of(call, spatial(weight));
    boolean native_ = window.isSymmetric();
    Tensor x = native_ ? call.in(0) : window.pad(call.in(0), 0);
    long[] padding = native_ ? window.begin() : new long[window.kernel().length];
    long[] strides = window.strides();
    long[] dilations = window.dilations();
    TensorOptional bias = call.optional(2);
    long groups = call.intAttribute("group", 1);
    // Not torch.convolution, which autocast does not know.
    return switch (window.kernel().length) {
      case 1 -> torch.conv1d(x, weight, bias, strides, padding, dilations, groups);
      case 2 -> torch.conv2d(x, weight, bias, strides, padding, dilations, groups);
      case 3 -> torch.conv3d(x, weight, bias, strides, padding, dilations, groups);
      default -> throw call.unsupported("a window of " + window.kernel().length + " axes");
    };
  }

  static Tensor convTranspose(Call call) {
    Tensor x = call.in(0);
    Tensor weight = call.in(1);
    long[] kernel = spatial(weight);
    int axes = kernel.length;
    long[] strides = call.ints("strides", axes, 1);
    long[] dilations = call.ints("dilations", axes, 1);
    long[] extra = call.ints("output_padding", axes, 0);
    long[] pads = call.ints("pads", 2 * axes, 0);
    long[] wanted = call.ints("output_shape");
    String auto = call.text("auto_pad", "NOTSET");
    long[] begin = new long[axes];
    long[] end = new long[axes];
    for (int i = 0; i < axes; i++) {
      long size = x.size(i + 2);
      long full = (size - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 + extra[i];
      if (wanted.length > 0 || auto.startsWith("SAME")) {
        long target = wanted.length > 0 ? wanted[wanted.length - axes + i] : size * strides[i];
        long total = full - target;
        // Rounded down, also where the output is larger than what the kernel reaches.
        long half = Math.floorDiv(total, 2);
        begin[i] = auto.equals("SAME_UPPER") ? half : total - half;
        end[i] = total - begin[i];
      } else if (!auto.equals("VALID")) {
        begin[i] = pads[i];
        end[i] = pads[axes + i];
      }
    }
    // All of the output first; padding then cuts it. What output_padding adds beyond it is bias.
    Tensor full =
        torch.convolution(
            x,
            weight,
            new TensorOptional(),
            strides,
            new long[axes],
            dilations,
            true,
            new long[axes],
            call.intAttribute("group", 1));
    long[] cutBegin = Arrays.stream(begin).map(p -> -p).toArray();
    long[] cutEnd = new long[axes];
    for (int i = 0; i < axes; i++) {
      cutEnd[i] = extra[i] - end[i];
    }
    Tensor y = Window.pad(full, cutBegin, cutEnd, 0);
    if (!call.has(2)) {
      return y;
    }
    long[] broadcast = new long[axes + 1];
    Arrays.fill(broadcast, 1);
    broadcast[0] = call.in(2).numel();
    return y.add(call.in(2).reshape(broadcast));
  }

  private static long[] spatial(Tensor weight) {
    long[] sizes = Libtorch.sizes(weight);
    return Arrays.copyOfRange(sizes, 2, sizes.length);
  }
}
