package compress.cli.compare;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One way to compress the network, with one seed.
 *
 * @param pattern as {@code prune --pattern} takes it; {@code none} for the original
 * @param sparsity that is asked for; of N:M its own
 * @param bits a weight; 32 if weights stay floats
 * @param values {@code float}, {@code codebook} or {@code linear}
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Trial(String pattern, double sparsity, int bits, String values, long seed) {
  static final int FLOAT_BITS = 32;
  static final String FLOAT = "float";
  static final String CODEBOOK = "codebook";
  static final String NONE = "none";

  /** The network as it came, encoded. */
  static Trial original() {
    return new Trial(NONE, 0, FLOAT_BITS, FLOAT, 0);
  }

  boolean isOriginal() {
    return pattern.equals(NONE);
  }

  /** Whatever the seed: {@code block:8x1 0.9 4-bit codebook}. */
  public String configuration() {
    if (isOriginal()) {
      return "original";
    }
    String stored = bits == FLOAT_BITS ? "" : " " + storage();
    return pattern + " " + decimal(sparsity) + stored;
  }

  /** A share in as few digits as it has, up to four: {@code 0.9}. */
  public static String decimal(double share) {
    return BigDecimal.valueOf(share)
        .setScale(4, RoundingMode.HALF_EVEN)
        .stripTrailingZeros()
        .toPlainString();
  }

  /** {@code float} or {@code 4-bit codebook}. */
  public String storage() {
    return bits == FLOAT_BITS ? FLOAT : bits + "-bit " + values;
  }

  /** The start of a file's name: {@code block-8x1-0.9-4-bit-codebook-seed-2}. */
  String label() {
    String name = isOriginal() ? "original" : configuration() + " seed " + seed;
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
  }

  /** What pruning is shared with: trials that differ in how they store weights only. */
  String pruning() {
    return isOriginal() ? "original" : pattern + " " + sparsity + " " + seed;
  }
}
