package compress.train.torch;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Nonlinear functions of each element, and softmax. */
final class Activations {
  private Activations() {}

  static Tensor leakyRelu(Call call) {
    return torch.leaky_relu(call.in(0), call.scalar("alpha", 0.01f));
  }

  static Tensor pRelu(Call call) {
    Tensor x = call.in(0);
    return torch.where(x.lt(new Scalar(0)), x.mul(call.in(1)), x);
  }

  static Tensor elu(Call call) {
    return torch.elu(call.in(0), call.scalar("alpha", 1), new Scalar(1), new Scalar(1));
  }

  static Tensor celu(Call call) {
    return torch.celu(call.in(0), call.scalar("alpha", 1));
  }

  static Tensor selu(Call call) {
    float alpha = call.node().floatAttribute("alpha", 1.6732632f);
    float gamma = call.node().floatAttribute("gamma", 1.050701f);
    return torch.elu(call.in(0), new Scalar(alpha), new Scalar(gamma), new Scalar(1));
  }

  static Tensor hardSigmoid(Call call) {
    return clamp(call.in(0).mul(call.scalar("alpha", 0.2f)).add(call.scalar("beta", 0.5f)), 0, 1);
  }

  static Tensor hardSwish(Call call) {
    Tensor x = call.in(0);
    return x.mul(clamp(x.div(new Scalar(6f)).add(new Scalar(0.5f)), 0, 1));
  }

  static Tensor swish(Call call) {
    Tensor x = call.in(0);
    return x.mul(x.mul(call.scalar("alpha", 1)).sigmoid());
  }

  static Tensor gelu(Call call) {
    return torch.gelu(call.in(0), call.text("approximate", "none"));
  }

  static Tensor softplus(Call call) {
    // log(1 + e^x), written so that a large x does not overflow.
    Tensor x = call.in(0);
    return torch.logaddexp(x, torch.zeros_like(x));
  }

  static Tensor softsign(Call call) {
    Tensor x = call.in(0);
    return x.div(x.abs().add(new Scalar(1)));
  }

  static Tensor mish(Call call) {
    return call.in(0).mul(softplus(call).tanh());
  }

  static Tensor thresholdedRelu(Call call) {
    Tensor x = call.in(0);
    return torch.where(x.gt(call.scalar("alpha", 1)), x, torch.zeros_like(x));
  }

  static Tensor shrink(Call call) {
    Tensor x = call.in(0);
    float lambda = call.node().floatAttribute("lambd", 0.5f);
    Scalar bias = call.scalar("bias", 0);
    Tensor zero = torch.zeros_like(x);
    Tensor below = torch.where(x.lt(new Scalar(-lambda)), x.add(bias), zero);
    return torch.where(x.gt(new Scalar(lambda)), x.sub(bias), below).to(x.scalar_type());
  }

  /** Bounds are attributes up to version 6 and inputs from version 11 on. */
  static Tensor clip(Call call) {
    Tensor x = call.in(0);
    if (call.has(1) || call.has(2)) {
      // Not clamp: where both bounds cross, ONNX's answer is the upper one, and so is this.
      Tensor y = call.has(1) ? torch.maximum(x, call.in(1)) : x;
      return call.has(2) ? torch.minimum(y, call.in(2)) : y;
    }
    if (!call.node().attributes().containsKey("min")
        && !call.node().attributes().containsKey("max")) {
      return x;
    }
    return clamp(
        x,
        call.node().floatAttribute("min", Float.NEGATIVE_INFINITY),
        call.node().floatAttribute("max", Float.POSITIVE_INFINITY));
  }

  private static Tensor clamp(Tensor x, float low, float high) {
    return torch.clamp(
        x, new ScalarOptional(new Scalar(low)), new ScalarOptional(new Scalar(high)));
  }

  static Tensor softmax(Call call) {
    return alongAxis(call, (x, axis) -> torch.softmax(x, axis));
  }

  static Tensor logSoftmax(Call call) {
    return alongAxis(call, (x, axis) -> torch.log_softmax(x, axis));
  }

  /** 1 at the first largest entry, 0 elsewhere. */
  static Tensor hardmax(Call call) {
    return alongAxis(
        call,
        (x, axis) -> {
          Tensor best = torch.argmax(x, new LongOptional(axis), true);
          return torch.scatter(torch.zeros_like(x), axis, best, new Scalar(1f));
        });
  }

  private interface Along {
    Tensor apply(Tensor x, long axis);
  }

  /** Before version 13 all axes from {@code axis} on count as one. */
  private static Tensor alongAxis(Call call, Along function) {
    Tensor x = call.in(0);
    if (call.opset() >= 13) {
      return function.apply(x, call.intAttribute("axis", -1));
    }
    long[] sizes = Libtorch.sizes(x);
    int axis = call.axis("axis", 1);
    long rows = Arrays.stream(sizes, 0, axis).reduce(1, (a, b) -> a * b);
    return function.apply(x.reshape(rows, x.numel() / Math.max(rows, 1)), 1).reshape(sizes);
  }

  /** Drops inputs only in training; the mask output is all true otherwise. */
  static List<Tensor> dropout(Call call) {
    Tensor x = call.in(0);
    double ratio =
        call.has(1) ? call.in(1).item_double() : call.node().floatAttribute("ratio", 0.5f);
    if (call.mode().training() && ratio > 0) {
      return List.of(torch.dropout(x, ratio, true));
    }
    return List.of(x, torch.ones_like(x).to(ScalarType.Bool));
  }
}
