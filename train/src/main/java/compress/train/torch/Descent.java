package compress.train.torch;

import compress.train.Optimizer;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Changes params by their gradients. */
final class Descent {
  private static final double EPSILON = 1e-8;

  private Descent() {}

  /** Running means that an optimizer keeps for each param. */
  static int moments(Optimizer optimizer) {
    return switch (optimizer) {
      case Optimizer.Sgd s -> s.momentum() > 0 ? 1 : 0;
      case Optimizer.Adam a -> 2;
    };
  }

  /**
   * One step on all params, whose gradients are then gone. A param that the loss does not reach is
   * left as it is.
   *
   * @param step counted from 0
   * @param factor of the learning rate's schedule
   */
  static void step(LiveParams params, Optimizer optimizer, long step, double factor) {
    try (AutoGradMode _ = new AutoGradMode(false)) {
      for (LiveParam param : params.learning()) {
        Tensor gradient = param.leaf().grad();
        if (!gradient.defined()) {
          continue;
        }
        if (optimizer.weightDecay() > 0 && param.decays()) {
          gradient.add_(param.leaf(), new Scalar(optimizer.weightDecay()));
        }
        param.maskGradient();
        double rate = optimizer.rate() * factor;
        switch (optimizer) {
          case Optimizer.Sgd sgd -> sgd(param, gradient, sgd, rate);
          case Optimizer.Adam adam -> adam(param, gradient, adam, rate, step + 1);
        }
        param.leaf().mutable_grad().reset();
      }
    }
  }

  private static void sgd(LiveParam param, Tensor gradient, Optimizer.Sgd sgd, double rate) {
    Tensor direction = gradient;
    if (sgd.momentum() > 0) {
      Tensor velocity = param.moments().getFirst();
      velocity.mul_(new Scalar(sgd.momentum())).add_(gradient);
      direction = sgd.nesterov() ? gradient.add_(velocity, new Scalar(sgd.momentum())) : velocity;
    }
    param.leaf().add_(direction, new Scalar(-rate));
  }

  private static void adam(
      LiveParam param, Tensor gradient, Optimizer.Adam adam, double rate, long step) {
    Tensor mean = param.moments().get(0);
    Tensor square = param.moments().get(1);
    mean.mul_(new Scalar(adam.beta1())).add_(gradient, new Scalar(1 - adam.beta1()));
    square
        .mul_(new Scalar(adam.beta2()))
        .addcmul_(gradient, gradient, new Scalar(1 - adam.beta2()));
    double unbiasedRate = rate / (1 - Math.pow(adam.beta1(), (double) step));
    double unbiased = Math.sqrt(1 - Math.pow(adam.beta2(), (double) step));
    Tensor scale = square.sqrt().div_(new Scalar(unbiased)).add_(new Scalar(EPSILON));
    param.leaf().addcdiv_(mean, scale, new Scalar(-unbiasedRate));
  }
}
