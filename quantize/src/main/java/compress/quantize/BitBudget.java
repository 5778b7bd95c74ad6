package compress.quantize;

import java.util.List;

/**
 * How many bits weights may have in all, where each tensor's own are to be found.
 *
 * @param candidates bits that a tensor may get, ascending
 * @param limit what the choice must keep
 */
public record BitBudget(List<Integer> candidates, Limit limit) {
  /** What is given, and so what is looked for. */
  public sealed interface Limit {
    /** Bits a weight, on average over all that are quantized. */
    record MeanBits(double bits) implements Limit {
      public MeanBits {
        if (!(bits > 0)) {
          throw new IllegalArgumentException("mean bits must be above 0, not " + bits);
        }
      }
    }

    /** Bytes of all integers, scales not counted. */
    record WeightBytes(long bytes) implements Limit {
      public WeightBytes {
        if (bytes < 1) {
          throw new IllegalArgumentException("weights take at least 1 byte, not " + bytes);
        }
      }
    }

    /** How far the accuracy on the validation part may fall, as a fraction of 1. */
    record Drop(double most) implements Limit {
      public Drop {
        if (!(most >= 0 && most < 1)) {
          throw new IllegalArgumentException("a drop is from 0 to below 1, not " + most);
        }
      }
    }
  }

  /** Those from 2 to 8 that files store without waste, and 3, 5 and 6, which the coder packs. */
  public static final List<Integer> USUAL_CANDIDATES = List.of(2, 3, 4, 5, 6, 8);

  public BitBudget {
    candidates = candidates.stream().distinct().sorted().toList();
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("there are no bits to choose from");
    }
  }
}
