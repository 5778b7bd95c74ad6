package compress.train.data;

import java.util.OptionalLong;

/**
 * Which training samples are kept back for validation: the last ones, or a random choice by a seed.
 *
 * @param samples how many; empty for one in twelve, which is 5,000 of MNIST's 60,000
 * @param random whether they are chosen at random; the rest keeps its order
 * @param seed of the random choice
 */
public record Holdout(OptionalLong samples, boolean random, long seed) {
  /** The last twelfth. */
  public static final Holdout DEFAULT = new Holdout(OptionalLong.empty(), false, 0);

  /** The last {@code samples}. */
  public static Holdout last(long samples) {
    return new Holdout(OptionalLong.of(samples), false, 0);
  }

  public Holdout {
    if (samples.isPresent() && samples.getAsLong() < 0) {
      throw new IllegalArgumentException("cannot hold out " + samples.getAsLong() + " samples");
    }
  }
}
