package compress.train.data;

import java.util.Arrays;
import java.util.Optional;

/**
 * The samples of one step of training, and what is done to them.
 *
 * @param samples by number
 * @param change of each, before it is preprocessed
 * @param mixing of all, afterwards
 */
public record Draw(int[] samples, Batches.Change change, Optional<Mixing> mixing) {
  /** Samples as they are. */
  public static Draw of(int... samples) {
    return new Draw(samples, Batches.Change.NONE, Optional.empty());
  }

  public int size() {
    return samples.length;
  }

  /** Whether a sample looks the same in every draw. */
  public boolean isPlain() {
    return change.equals(Batches.Change.NONE) && mixing.isEmpty();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Draw d
        && Arrays.equals(samples, d.samples)
        && change.equals(d.change)
        && mixing.equals(d.mixing);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(samples);
  }
}
