package compress.train.torch;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Rounds to the integers from {@code low} to {@code high} times a scale, and goes on with floats:
 * training sees what rounding does. The gradient passes through the rounding as if it were not
 * there, and does not pass where the range cut a value off; that of the scale follows from the same
 * rule: {@code round(x / s) - x / s} inside, the bound outside, divided by the square root of how
 * many values share the scale times the largest integer.
 *
 * @see <a href="https://arxiv.org/abs/1902.08153">Esser et al. 2020</a>, sections 2.1 and 2.2, LSQ
 */
final class FakeQuantize {
  private static final double SMALLEST_SCALE = 1e-12;

  private FakeQuantize() {}

  static Tensor run(Call call) {
    Tensor x = call.in(0);
    Tensor scale = call.in(1);
    long low = call.intAttribute("low", 0);
    long high = call.intAttribute("high", 0);
    double perScale = (double) x.numel() / Math.max(1, scale.numel());
    // Of activations the batch does not count, so that its size changes nothing.
    if (call.flag("activation", false)) {
      perScale /= Math.max(1, x.size(0));
    }
    double share = 1 / Math.sqrt(Math.max(1, perScale * Math.max(1, Math.max(high, -low))));
    Tensor slow = scale.mul(new Scalar(share));
    Tensor learnt = slow.add(scale.sub(slow).detach());
    Tensor step = learnt.clamp_min(new Scalar(SMALLEST_SCALE));
    if (scale.numel() > 1) {
      long[] broadcast = new long[(int) x.dim()];
      Arrays.fill(broadcast, 1);
      broadcast[call.axis("axis", 0)] = scale.numel();
      step = step.reshape(broadcast);
    }
    Tensor inside =
        x.div(step).clamp_min(new Scalar((double) low)).clamp_max(new Scalar((double) high));
    Tensor rounded = inside.add(inside.round().sub(inside).detach());
    return rounded.mul(step);
  }
}
