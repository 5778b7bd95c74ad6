package compress.train.torch;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Operators that shift and scale by statistics of what they are given. */
final class Normalizations {
  private Normalizations() {}

  /**
   * By the running mean and variance; while training by the batch's, and the running ones then move
   * towards it in place. As in PyTorch the variance that is kept is the unbiased one.
   */
  static List<Tensor> batch(Call call) {
    double eps = call.node().floatAttribute("epsilon", 1e-5f);
    double momentum = call.node().floatAttribute("momentum", 0.9f);
    if (!call.mode().batchStatistics() && call.flag("training_mode", false)) {
      return batchAsSpecified(call, eps, momentum);
    }
    return List.of(
        torch.batch_norm(
            call.in(0),
            call.optional(1),
            call.optional(2),
            call.optional(3),
            call.optional(4),
            call.mode().batchStatistics(),
            1 - momentum,
            eps,
            false));
  }

  /** A node in training mode, run as ONNX defines it: the variance that is kept is biased. */
  private static List<Tensor> batchAsSpecified(Call call, double eps, double momentum) {
    Tensor x = call.in(0);
    long[] axes = LongStream.range(0, x.dim()).filter(a -> a != 1).toArray();
    Tensor mean = torch.mean(x, axes, false, Reductions.sameType());
    Tensor variance = torch.var(x, axes, false, false);
    Tensor y =
        torch.batch_norm(
            x,
            call.optional(1),
            call.optional(2),
            new TensorOptional(mean),
            new TensorOptional(variance),
            false,
            0,
            eps,
            false);
    return List.of(y, moved(call.in(3), mean, momentum), moved(call.in(4), variance, momentum));
  }

  private static Tensor moved(Tensor running, Tensor now, double momentum) {
    return running.mul(new Scalar(momentum)).add(now.mul(new Scalar(1 - momentum)));
  }

  static Tensor instance(Call call) {
    double eps = call.node().floatAttribute("epsilon", 1e-5f);
    return torch.instance_norm(
        call.in(0),
        call.optional(1),
        call.optional(2),
        new TensorOptional(),
        new TensorOptional(),
        true,
        0,
        eps,
        false);
  }

  static List<Tensor> layer(Call call) {
    Tensor x = call.in(0);
    double eps = call.node().floatAttribute("epsilon", 1e-5f);
    long[] sizes = Libtorch.sizes(x);
    long[] normalized = Arrays.copyOfRange(sizes, call.axis("axis", -1), sizes.length);
    T_TensorTensorTensor_T result =
        torch.native_layer_norm(x, normalized, new TensorOptional(), new TensorOptional(), eps);
    Tensor y = result.get0().mul(call.in(1));
    return List.of(call.has(2) ? y.add(call.in(2)) : y, result.get1(), result.get2());
  }

  static Tensor rms(Call call) {
    Tensor x = call.in(0);
    double eps = call.node().floatAttribute("epsilon", 1e-5f);
    long[] sizes = Libtorch.sizes(x);
    long[] normalized = Arrays.copyOfRange(sizes, call.axis("axis", -1), sizes.length);
    return torch
        .rms_norm(x, normalized, new TensorOptional(), new DoubleOptional(eps))
        .mul(call.in(1));
  }

  /** Scale and bias are by channel from version 21 on, by group before. */
  static Tensor group(Call call) {
    Tensor x = call.in(0);
    long groups = call.intAttribute("num_groups", 1);
    double eps = call.node().floatAttribute("epsilon", 1e-5f);
    Tensor y = torch.group_norm(x, groups, new TensorOptional(), new TensorOptional(), eps, false);
    long[] channelOnly = new long[(int) x.dim() - 1];
    Arrays.fill(channelOnly, 1);
    channelOnly[0] = x.size(1);
    return y.mul(byChannel(call.in(1), x.size(1)).reshape(channelOnly))
        .add(byChannel(call.in(2), x.size(1)).reshape(channelOnly));
  }

  private static Tensor byChannel(Tensor values, long channels) {
    return values.numel() == channels
        ? values
        : torch.repeat_interleave(values, channels / values.numel());
  }

  static Tensor meanVariance(Call call) {
    Tensor x = call.in(0);
    long[] axes = call.ints("axes").length > 0 ? call.ints("axes") : new long[] {0, 2, 3};
    Tensor centered = x.sub(torch.mean(x, axes, true, Reductions.sameType()));
    Tensor deviation = torch.mean(centered.mul(centered), axes, true, Reductions.sameType()).sqrt();
    return centered.div(deviation.add(new Scalar(1e-9)));
  }

  /** Across neighbouring channels. */
  static Tensor localResponse(Call call) {
    Tensor x = call.in(0);
    long size = call.intAttribute("size", 1);
    float alpha = call.node().floatAttribute("alpha", 1e-4f);
    long[] s = Libtorch.sizes(x);
    Tensor squares = x.mul(x).reshape(s[0], 1, s[1], s[2], x.numel() / (s[0] * s[1] * s[2]));
    Tensor padded =
        Window.pad(
            squares,
            new long[] {(size - 1) / 2, 0, 0},
            new long[] {size - 1 - (size - 1) / 2, 0, 0},
            0);
    Tensor average =
        torch.avg_pool3d(
            padded,
            new long[] {size, 1, 1},
            new long[] {1, 1, 1},
            new long[3],
            false,
            true,
            new LongOptional());
    return x.div(
        average
            .mul(new Scalar(alpha))
            .add(call.scalar("bias", 1))
            .pow(call.scalar("beta", 0.75f))
            .reshape(s));
  }
}
