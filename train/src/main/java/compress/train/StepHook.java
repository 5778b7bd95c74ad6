package compress.train;

/**
 * Looks in before each training step. Must be quick when it has nothing to do: it is called
 * thousands of times a minute.
 */
public interface StepHook {
  /** Does nothing. */
  StepHook NONE = (step, stepsPerEpoch, weights) -> {};

  /**
   * @param step counted from 0 over all epochs
   */
  void beforeStep(int step, int stepsPerEpoch, LiveWeights weights);

  /**
   * Looks in after the gradients of a step were computed, before they change anything: {@link
   * LiveWeights#gradient} has them now, and only now. Masks must not change here.
   */
  default void afterGradients(int step, LiveWeights weights) {}

  /**
   * The first epoch, counted from 1, that may be kept as the best, and after which patience counts.
   * Before it the hook still changes what is trained.
   */
  default int firstEpochToKeep(int stepsPerEpoch) {
    return 1;
  }

  /**
   * What tells this hook from others: part of a checkpoint's name, so that a changed schedule does
   * not continue from another's state. A hook that changes weights must override it.
   */
  default String describe() {
    return "";
  }

  /** What the hook must know to go on after a kill; kept in each checkpoint. */
  default byte[] state() {
    return new byte[0];
  }

  /** Takes back what {@link #state} gave. */
  default void restore(byte[] state) {}
}
