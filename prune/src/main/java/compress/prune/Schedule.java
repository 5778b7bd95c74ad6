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
}
