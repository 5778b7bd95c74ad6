package compress.train;

/** A schedule: what the optimizer's learning rate is multiplied with over time. */
public sealed interface LearningRate {
  /**
   * @param epoch done so far, with a fraction: 1.5 is the middle of the second epoch
   * @param epochs planned
   * @return the factor, from 0 to 1
   */
  double factor(double epoch, double epochs);

  /** Always 1. */
  record Constant() implements LearningRate {
    @Override
    public double factor(double epoch, double epochs) {
      return 1;
    }
  }

  /** Multiplied with {@code gamma} each time {@code every} epochs are over. */
  record Step(double every, double gamma) implements LearningRate {
    public Step {
      require(every > 0, "a step schedule needs a positive number of epochs, not " + every);
      require(gamma > 0 && gamma <= 1, "gamma must be above 0 and at most 1, not " + gamma);
    }

    @Override
    public double factor(double epoch, double epochs) {
      return Math.pow(gamma, Math.floor(epoch / every));
    }
  }

  /**
   * Up from 0 in a straight line for {@code warmUp} epochs, then down along half a cosine to {@code
   * floor}.
   *
   * @see <a href="https://arxiv.org/abs/1608.03983">Loshchilov and Hutter 2017</a>, equation 5
   */
  record Cosine(double warmUp, double floor) implements LearningRate {
    public Cosine {
      require(warmUp >= 0, "warm-up epochs must not be negative: " + warmUp);
      require(floor >= 0 && floor <= 1, "the floor must be from 0 to 1, not " + floor);
    }

    @Override
    public double factor(double epoch, double epochs) {
      return epoch < warmUp
          ? epoch / warmUp
          : halfCosine((epoch - warmUp) / Math.max(epochs - warmUp, 1e-9), floor);
    }
  }

  /**
   * Half a cosine over {@code first} epochs, then again from the top, each time {@code times} as
   * long: 1 keeps the length.
   *
   * @see <a href="https://arxiv.org/abs/1608.03983">Loshchilov and Hutter 2017</a>, section 3
   */
  record WarmRestarts(double first, double times, double floor) implements LearningRate {
    public WarmRestarts {
      require(first > 0, "the first run needs a positive number of epochs, not " + first);
      require(times >= 1, "runs must not get shorter: times is " + times);
      require(floor >= 0 && floor <= 1, "the floor must be from 0 to 1, not " + floor);
    }

    @Override
    public double factor(double epoch, double epochs) {
      double start = 0;
      double length = first;
      while (epoch >= start + length) {
        start += length;
        length *= times;
      }
      return halfCosine((epoch - start) / length, floor);
    }
  }

  static LearningRate constant() {
    return new Constant();
  }

  /** No warm-up, down to 0. */
  static LearningRate cosine() {
    return new Cosine(0, 0);
  }

  private static double halfCosine(double done, double floor) {
    return floor + (1 - floor) * (1 + Math.cos(Math.PI * Math.min(done, 1))) / 2;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
