package compress.prune;

import java.util.Locale;

/**
 * What to compare pruning with: a result says something for a criterion only if it beats these.
 *
 * @see <a href="https://arxiv.org/abs/1810.05270">Liu et al. 2019</a>, rethinking the value of
 *     network pruning
 */
public enum Control {
  /** No comparison: pruning itself. */
  NONE,
  /** Each layer as sparse and in the same pattern, but what stays is drawn by the seed. */
  RANDOM_MASK,
  /** The same masks on new random weights, which are trained as long. */
  FROM_SCRATCH;

  /** As the command line has it: {@code from-scratch}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
