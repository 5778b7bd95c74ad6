package compress.train;

import compress.model.Mask;
import java.util.Optional;
import java.util.SequencedSet;

/** The params of a network in training, between two steps. */
public interface LiveWeights {
  /** The params that are being trained, in the order of the model. */
  SequencedSet<String> names();

  /**
   * The values now, in row-major order; of a codebook each entry's shared value. A fresh array.
   *
   * @throws IllegalArgumentException if no param of that name is trained
   */
  float[] values(String name);

  /**
   * The gradient of the step's mean loss at what the network sees, in row-major order; 0 where the
   * loss does not reach. A fresh array.
   *
   * @throws IllegalArgumentException if no param of that name is trained, or it is a codebook
   */
  float[] gradient(String name);

  /** The mask that holds now, a cover included; empty if all entries exist. */
  Optional<Mask> mask(String name);

  /**
   * From now on the param keeps these entries; the others become 0 and stay 0.
   *
   * @throws IllegalArgumentException if the param is a codebook, whose zeros are fixed
   */
  void setMask(String name, Mask mask);

  /**
   * Until the next mask or cover the network sees 0 in place of the entries that {@code mask} does
   * not keep. Underneath they go on learning, by the gradient at what the network sees, and {@link
   * #values} still gives them; so a later cover may bring them back. Entries that an earlier mask
   * set to 0 stay 0. What the training ends with has the cover applied. A checkpoint does not keep
   * covers: the hook must set them anew.
   *
   * @throws IllegalArgumentException if the param is a codebook, whose zeros are fixed
   */
  void cover(String name, Mask mask);

  /**
   * Replaces the values. A mask is applied to them.
   *
   * @throws IllegalArgumentException if the param is a codebook
   */
  void setValues(String name, float[] values);
}
