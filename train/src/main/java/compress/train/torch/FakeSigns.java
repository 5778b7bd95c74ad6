package compress.train.torch;

import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes each weight its sign times a magnitude that the weights of an output have in common, the
 * mean of theirs: XNOR-Net's weights. With a threshold, weights whose magnitude is at most so many
 * times the mean become 0, and the magnitude is the mean of the others: ternary weights. Zeros
 * count in no mean and stay zero.
 *
 * <p>The gradient passes through the sign as if it were the weight cut off at -1 and 1, and through
 * the mean as it is, which together is the paper's {@code 1/n + a [|w| <= 1]}.
 *
 * @see <a href="https://arxiv.org/abs/1603.05279">Rastegari et al. 2016</a>, section 3.1, and <a
 *     href="https://arxiv.org/abs/1605.04711">Li, Zhang and Liu 2016</a>
 */
final class FakeSigns {
  private FakeSigns() {}

  static Tensor run(Call call) {
    Tensor w = call.in(0);
    long axis = call.intAttribute("axis", 0);
    long[] together = LongStream.range(0, w.dim()).filter(a -> a != axis).toArray();
    Tensor size = w.abs();
    Tensor alive = size.gt(new Scalar(0.0)).to(w.scalar_type());
    Tensor threshold = mean(size, alive, together).mul(call.scalar("threshold", 0)).detach();
    Tensor kept = size.gt(threshold).to(w.scalar_type());
    Tensor magnitude = mean(size, kept, together);
    Tensor cut = w.clamp_min(new Scalar(-1.0)).clamp_max(new Scalar(1.0));
    Tensor sign = cut.add(w.sign().mul(kept).sub(cut).detach());
    return sign.mul(magnitude);
  }

  private static Tensor mean(Tensor size, Tensor of, long[] axes) {
    Tensor count = Reductions.sum(of, axes, true).clamp_min(new Scalar(1.0));
    return Reductions.sum(size.mul(of), axes, true).div(count);
  }
}
