package compress.train;

/** How a gradient changes a param. */
public sealed interface Optimizer {
  /** The learning rate before its {@link LearningRate} schedule. */
  double rate();

  /** Added to the gradient as this many times the param (L2 regularization). */
  double weightDecay();

  /**
   * Stochastic gradient descent: {@code v = momentum v + g; w -= rate v}, or {@code w -= rate (g +
   * momentum v)} with {@code nesterov}.
   */
  record Sgd(double rate, double momentum, boolean nesterov, double weightDecay)
      implements Optimizer {
    public Sgd {
      requireNotNegative("rate", rate);
      requireBelowOne("momentum", momentum);
      requireNotNegative("weight decay", weightDecay);
    }
  }

  /**
   * @see <a href="https://arxiv.org/abs/1412.6980">Kingma and Ba 2015</a>, algorithm 1
   */
  record Adam(double rate, double beta1, double beta2, double weightDecay) implements Optimizer {
    public Adam {
      requireNotNegative("rate", rate);
      requireBelowOne("beta1", beta1);
      requireBelowOne("beta2", beta2);
      requireNotNegative("weight decay", weightDecay);
    }
  }

  /** Momentum 0.9, not Nesterov's, no weight decay. */
  static Sgd sgd(double rate) {
    return new Sgd(rate, 0.9, false, 0);
  }

  /** Betas 0.9 and 0.999, no weight decay. */
  static Adam adam(double rate) {
    return new Adam(rate, 0.9, 0.999, 0);
  }

  private static void requireNotNegative(String what, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(what + " must be a number of at least 0, not " + value);
    }
  }

  private static void requireBelowOne(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(what + " must be at least 0 and below 1, not " + value);
    }
  }
}
