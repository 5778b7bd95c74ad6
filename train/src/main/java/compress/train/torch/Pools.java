package compress.train.torch;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Pooling over windows and over whole planes. */
final class Pools {
  private Pools() {}

  static Tensor max(Call call) {
    Window window = Window.of(call, call.ints("kernel_shape"));
    ScalarType type = call.type(0);
    Tensor x = call.isFloat(0) ? call.in(0) : call.in(0).to(ScalarType.Float);
    boolean native_ = window.suitsPools();
    long[] pads = native_ ? window.begin() : new long[window.kernel().length];
    Tensor padded = native_ ? x : window.pad(x, Double.NEGATIVE_INFINITY);
    Tensor y =
        switch (window.kernel().length) {
          case 1 ->
              torch.max_pool1d(
                  padded, window.kernel(), window.strides(), pads, window.dilations(), false);
          case 2 ->
              torch.max_pool2d(
                  padded, window.kernel(), window.strides(), pads, window.dilations(), false);
          case 3 ->
              torch.max_pool3d(
                  padded, window.kernel(), window.strides(), pads, window.dilations(), false);
          default -> throw call.unsupported("pools over 1, 2 or 3 axes only");
        };
    return call.isFloat(0) ? y : y.to(type);
  }

  static Tensor average(Call call) {
    Window window = Window.of(call, call.ints("kernel_shape"));
    boolean countPadding = call.flag("count_include_pad", false);
    boolean ceiled = !Arrays.equals(window.end(), window.declaredEnd());
    Tensor x = call.in(0);
    if (window.suitsPools() && !ceiled && !window.isDilated()) {
      return average(call, x, window, window.begin(), countPadding);
    }
    Tensor sums = average(call, window.pad(x, 0), window);
    if (!window.isPadded()) {
      return sums;
    }
    // Each window's share of entries that count.
    Tensor ones = torch.ones_like(x.narrow(0, 0, 1).narrow(1, 0, 1));
    Tensor counted =
        countPadding ? Window.pad(ones, window.begin(), window.declaredEnd(), 1) : ones;
    long[] before = countPadding ? new long[window.kernel().length] : window.begin();
    long[] after = window.end().clone();
    if (countPadding) {
      for (int i = 0; i < after.length; i++) {
        after[i] -= window.declaredEnd()[i];
      }
    }
    return sums.div(average(call, Window.pad(counted, before, after, 0), window));
  }

  /** Over windows of an already padded tensor, all of whose entries count. */
  private static Tensor average(Call call, Tensor padded, Window window) {
    if (!window.isDilated()) {
      return average(call, padded, window, new long[window.kernel().length], true);
    }
    // libtorch has no dilated average; a convolution with equal weights is one.
    long[] sizes = Libtorch.sizes(padded);
    int axes = window.kernel().length;
    long[] planes = sizes.clone();
    planes[0] = sizes[0] * sizes[1];
    planes[1] = 1;
    long[] weightSizes =
        LongStream.concat(LongStream.of(1, 1), Arrays.stream(window.kernel())).toArray();
    double share = 1.0 / Arrays.stream(window.kernel()).reduce(1, (a, b) -> a * b);
    Tensor y =
        torch.convolution(
            padded.reshape(planes),
            torch.full(weightSizes, new Scalar(share)).to(padded.scalar_type()),
            new TensorOptional(),
            window.strides(),
            new long[axes],
            window.dilations(),
            false,
            new long[axes],
            1);
    long[] back = Libtorch.sizes(y);
    back[0] = sizes[0];
    back[1] = sizes[1];
    return y.reshape(back);
  }

  private static Tensor average(
      Call call, Tensor x, Window window, long[] pads, boolean countPadding) {
    return switch (window.kernel().length) {
      case 1 -> torch.avg_pool1d(x, window.kernel(), window.strides(), pads, false, countPadding);
      case 2 ->
          torch.avg_pool2d(
              x, window.kernel(), window.strides(), pads, false, countPadding, new LongOptional());
      case 3 ->
          torch.avg_pool3d(
              x, window.kernel(), window.strides(), pads, false, countPadding, new LongOptional());
      default -> throw call.unsupported("pools over 1, 2 or 3 axes only");
    };
  }

  /** The {@code p}-norm of each window. */
  static Tensor lp(Call call) {
    Window window = Window.of(call, call.ints("kernel_shape"));
    double p = call.intAttribute("p", 2);
    double entries = Arrays.stream(window.kernel()).reduce(1, (a, b) -> a * b);
    Tensor powers = call.in(0).abs().pow(new Scalar(p));
    return average(call, window.pad(powers, 0), window)
        .mul(new Scalar(entries))
        .pow(new Scalar(1 / p));
  }

  static Tensor globalAverage(Call call) {
    return torch.mean(call.in(0), spatialAxes(call.in(0)), true, Reductions.sameType());
  }

  static Tensor globalMax(Call call) {
    return torch.amax(call.in(0), spatialAxes(call.in(0)), true);
  }

  static Tensor globalLp(Call call) {
    double p = call.intAttribute("p", 2);
    return torch
        .sum(
            call.in(0).abs().pow(new Scalar(p)),
            spatialAxes(call.in(0)),
            true,
            Reductions.sameType())
        .pow(new Scalar(1 / p));
  }

  private static long[] spatialAxes(Tensor x) {
    return IntStream.range(2, (int) x.dim()).asLongStream().toArray();
  }
}
