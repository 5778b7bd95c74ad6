package compress.quantize;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Values;
import java.util.Optional;

/** A way to store weights in fewer bits. The list of those there are is {@link Schemes}. */
public interface Scheme {
  /** What most people would start with, where a scheme does not say otherwise. */
  int USUAL_BITS = 5;

  /** As the command line has it: {@code kmeans}. */
  String name();

  /** The least and the most bits a weight. */
  int fewestBits();

  int mostBits();

  /** Bits if nobody says how many. */
  default int usualBits() {
    return Math.clamp(USUAL_BITS, fewestBits(), mostBits());
  }

  /** Whether weights that are not zero may become zero. If not, only pruned weights are zero. */
  default boolean mayMakeZeros() {
    return false;
  }

  /**
   * Why a tensor cannot be stored so, for the user, in words that go on after its name; empty if it
   * can.
   *
   * @param outputAxis the axis along which weights belong to different outputs, -1 if there is none
   */
  default Optional<String> objection(Shape shape, DType type, int outputAxis) {
    return Optional.empty();
  }

  /**
   * Why these very weights cannot be stored so, for the user, in words that go on after the
   * tensor's name: it is then skipped. Empty if they can.
   *
   * @param layer to which there is no {@link #objection}
   */
  default Optional<String> refusal(Layer layer) {
    return Optional.empty();
  }

  /**
   * Weights in fewer bits. Zeros stay exactly zero.
   *
   * @param layer to which there is no {@link #objection} and no {@link #refusal}
   * @param bits from {@link #fewestBits} to {@link #mostBits}
   * @param seed for a scheme that draws; the same seed gives the same bytes
   */
  Values quantize(Layer layer, int bits, long seed);
}
