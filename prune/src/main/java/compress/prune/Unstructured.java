package compress.prune;

import compress.model.Mask;
import compress.model.Shape;
import java.util.BitSet;
import java.util.List;

/**
 * Any weight may stay. Exactly {@code size * sparsity} weights are removed, rounded to the nearest
 * whole number (half to even). Equal scores keep the lower index, so the same scores give the same
 * mask on every machine. Takes linear time.
 *
 * @see <a href="https://arxiv.org/abs/1506.02626">Han et al. 2015</a>
 */
public record Unstructured() implements SparsityPattern {
  @Override
  public String name() {
    return "unstructured";
  }

  @Override
  public Mask project(float[] scores, Shape shape, double sparsity) {
    if (scores.length != shape.size()) {
      throw new IllegalArgumentException(scores.length + " scores for weights of shape " + shape);
    }
    Threshold threshold =
        Threshold.of(List.of(() -> scores), SparsityPattern.removed(scores.length, sparsity));
    BitSet kept = new BitSet(scores.length);
    long tiesToRemove = threshold.ties();
    // From the end, so that of equal scores the lower index stays.
    for (int i = scores.length - 1; i >= 0; i--) {
      if (scores[i] > threshold.score()) {
        kept.set(i);
      } else if (scores[i] == threshold.score() && tiesToRemove-- <= 0) {
        kept.set(i);
      }
    }
    return Mask.of(shape, kept);
  }

  @Override
  public boolean admits(Mask mask) {
    return true;
  }
}
