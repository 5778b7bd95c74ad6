package compress.prune;

import compress.model.Shape;

/** What a weight is worth. The list of those there are is {@link Criteria}. */
public interface Criterion {
  /** What a criterion must know beside the weights, one number for each of them. */
  enum Evidence {
    /** Nothing; the array is empty. */
    NONE,
    /** The Euclidean length, over all samples, of the input that the weight is multiplied with. */
    INPUT_NORM,
    /** The root of the mean square of the loss's gradient, over batches. */
    GRADIENT_SIZE,
    /** The sum of {@code -weight * gradient} over the steps, or batches, that were looked at. */
    MOVEMENT,
    /** The absolute scale that batch normalization gives the output. */
    OUTPUT_SCALE,
    /** The diagonal of the inverse Hessian's factor, squared; needs the layer's inputs. */
    CURVATURE
  }

  /** As the command line has it: {@code magnitude}. */
  String name();

  /** In a few words, for {@code --help}. */
  String summary();

  default Evidence evidence() {
    return Evidence.NONE;
  }

  /**
   * One score for each weight, more is better. A weight of 0 scores 0 and every other weight more,
   * so that what was pruned before goes first.
   *
   * @param weights with outputs first, row-major, no NaN; not changed
   * @param shape of the weights, as patterns see it
   * @param evidence what {@link #evidence} asks for, in the order of the weights
   * @param seed of this tensor, for a criterion that draws
   */
  float[] scores(float[] weights, Shape shape, float[] evidence, long seed);
}
