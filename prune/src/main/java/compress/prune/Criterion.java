package compress.prune;

/** What a weight is worth. The list of those there are is {@link Criteria}. */
public interface Criterion {
  /** As the command line has it: {@code magnitude}. */
  String name();

  /**
   * One score for each weight, more is better. A weight of 0 scores 0 and every other weight more,
   * so that what was pruned before goes first.
   *
   * @param weights row-major, no NaN; not changed
   * @param seed of this tensor, for a criterion that draws
   */
  float[] scores(float[] weights, long seed);
}
