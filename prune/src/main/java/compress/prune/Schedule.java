package compress.prune;

/** When how much is pruned in the course of training. */
public sealed interface Schedule {
  /** As the command line has it: {@code one-shot}. */
  String name();

  /** How often the masks change, at least once. */
  int updates();

  /**
   * When an update is made: the share of all training steps that are over, from 0 to below 1.
   *
   * @param update counted from 0
   */
  double when(int update);

  /**
   * How sparse a layer is after an update.
   *
   * @param target how sparse it is in the end
   */
  double sparsity(double target, int update);

  /** All at once, before training. */
  record OneShot() implements Schedule {
    @Override
    public String name() {
      return "one-shot";
    }

    @Override
    public int updates() {
      return 1;
    }

    @Override
    public double when(int update) {
      return 0;
    }

    @Override
    public double sparsity(double target, int update) {
      return target;
    }
  }

  /**
   * Fast at first, when there is much to spare, then ever slower: {@code s + (initial - s)(1 -
   * t)³}, where t goes from 0 to 1.
   *
   * @param initial sparsity to begin with; 0 begins with the first step
   * @param steps after the beginning, at least 1
   * @param span the share of training over which they are spread evenly, from 0 to below 1; the
   *     rest trains at the final sparsity
   * @see <a href="https://arxiv.org/abs/1710.01878">Zhu and Gupta 2017</a>, equation 1
   */
  record Gradual(double initial, int steps, double span) implements Schedule {
    public Gradual {
      if (!(initial >= 0 && initial <= 1)) {
        throw new IllegalArgumentException(
            "the initial sparsity must be from 0 to 1, not " + initial);
      }
      if (steps < 1) {
        throw new IllegalArgumentException(
            "a gradual schedule needs at least 1 step, not " + steps);
      }
      if (!(span >= 0 && span < 1)) {
        throw new IllegalArgumentException(
            "the span must be from 0 to below 1 of the training, not " + span);
      }
    }

    /** From 0, in 50 steps over the first 60 % of training. */
    public Gradual() {
      this(0, 50, 0.6);
    }

    @Override
    public String name() {
      return "gradual";
    }

    @Override
    public int updates() {
      return steps + 1;
    }

    @Override
    public double when(int update) {
      return span * update / steps;
    }

    @Override
    public double sparsity(double target, int update) {
      double left = 1 - (double) update / steps;
      return target + (Math.min(initial, target) - target) * left * left * left;
    }
  }

  /**
   * Prune a part, train, prune the next: each round removes the same share of what is left, and
   * trains equally long.
   *
   * @param rounds at least 1
   * @see <a href="https://arxiv.org/abs/1506.02626">Han et al. 2015</a>, section 3.3
   */
  record Iterative(int rounds) implements Schedule {
    public Iterative {
      if (rounds < 1) {
        throw new IllegalArgumentException(
            "an iterative schedule needs at least 1 round, not " + rounds);
      }
    }

    @Override
    public String name() {
      return "iterative";
    }

    @Override
    public int updates() {
      return rounds;
    }

    @Override
    public double when(int update) {
      return (double) update / rounds;
    }

    @Override
    public double sparsity(double target, int update) {
      return update == rounds - 1 ? target : 1 - Math.pow(1 - target, (update + 1.0) / rounds);
    }
  }

  /**
   * Train, prune a part, put what is left back to where it began, and train again: each round
   * removes the same share of what is left, by what training made of it. Each round trains as long
   * as the fine-tuning at the end.
   *
   * @param rounds at least 1
   * @param warmUp epochs of training before the beginning that weights are put back to
   * @see <a href="https://arxiv.org/abs/1803.03635">Frankle and Carbin 2019</a>, section 1, and <a
   *     href="https://arxiv.org/abs/1903.01611">Frankle et al. 2019</a> for the warm-up
   */
  record Rewind(int rounds, int warmUp) implements Schedule {
    public Rewind {
      if (rounds < 1 || warmUp < 0) {
        throw new IllegalArgumentException(
            "rewinding needs at least 1 round and 0 epochs of warm-up, not %d and %d"
                .formatted(rounds, warmUp));
      }
    }

    @Override
    public String name() {
      return "rewind";
    }

    @Override
    public int updates() {
      return rounds;
    }

    @Override
    public double when(int update) {
      return (double) update / rounds;
    }

    @Override
    public double sparsity(double target, int update) {
      return new Iterative(rounds).sparsity(target, update);
    }
  }

  /**
   * Chooses at the first step what is to go, shrinks that step by step, and removes it when {@code
   * span} of the training is over; the rest trains without it.
   *
   * <p>The penalty grows in even steps, as in the paper; it shrinks the weights themselves, by a
   * share that grows to {@code most} a step, instead of adding to their gradients.
   *
   * @param span the share of training that shrinks, above 0 and below 1
   * @param most the share of its value that a weight loses in the last step of the span, above 0
   *     and at most 1
   * @see <a href="https://arxiv.org/abs/2012.09243">Wang et al. 2021</a>, algorithm 1, GReg-1
   */
  record Growing(double span, double most) implements Schedule {
    public Growing {
      if (!(span > 0 && span < 1 && most > 0 && most <= 1)) {
        throw new IllegalArgumentException(
            "a growing penalty needs a span from above 0 to below 1, and a share from above 0 to 1,"
                + " not %s and %s".formatted(span, most));
      }
    }

    @Override
    public String name() {
      return "growing";
    }

    @Override
    public int updates() {
      return 1;
    }

    @Override
    public double when(int update) {
      return span;
    }

    @Override
    public double sparsity(double target, int update) {
      return target;
    }
  }

  /**
   * Draws several ways to share the sparsity among layers, prunes by each, measures the batch
   * normalizations anew, and goes on with the one that does best on the validation part.
   *
   * @param candidates how many are drawn, beside the one that the allocation gives
   * @param spread how far a layer's sparsity may be drawn from the allocation's, before all are
   *     moved to the same total
   * @see <a href="https://arxiv.org/abs/2007.02491">Li et al. 2020</a>, EagleEye, section 3
   */
  record Sampling(int candidates, double spread) implements Schedule {
    public Sampling {
      if (candidates < 1 || !(spread > 0 && spread <= 1)) {
        throw new IllegalArgumentException(
            "sampling needs at least 1 candidate and a spread from above 0 to 1, not %d and %s"
                .formatted(candidates, spread));
      }
    }

    @Override
    public String name() {
      return "sampling";
    }

    @Override
    public int updates() {
      return 1;
    }

    @Override
    public double when(int update) {
      return 0;
    }

    @Override
    public double sparsity(double target, int update) {
      return target;
    }
  }
}
