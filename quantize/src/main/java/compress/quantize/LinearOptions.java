package compress.quantize;

import java.util.Optional;

/**
 * What is done around the rounding of weights. Start from {@link #NONE}; all but folding and
 * equalization look at samples.
 *
 * @param fold takes batch normalizations into convolutions first
 * @param equalize scales channels between convolutions first
 * @param rounding chooses integers by what layers are given; absent rounds each to the nearest
 * @param correctBias takes the mean error of each output off it
 * @param activations are quantized too
 * @param samples of the training part to look at
 */
public record LinearOptions(
    boolean fold,
    boolean equalize,
    Optional<Rounding> rounding,
    boolean correctBias,
    Optional<ActivationOptions> activations,
    int samples) {
  /** So many samples are looked at if nobody says how many. */
  public static final int USUAL_SAMPLES = 512;

  /** Weights alone, each for itself. */
  public static final LinearOptions NONE =
      new LinearOptions(false, false, Optional.empty(), false, Optional.empty(), USUAL_SAMPLES);

  public LinearOptions {
    if (samples < 1) {
      throw new IllegalArgumentException("calibration needs at least 1 sample, not " + samples);
    }
  }

  public LinearOptions withFold(boolean to) {
    return new LinearOptions(to, equalize, rounding, correctBias, activations, samples);
  }

  public LinearOptions withEqualize(boolean to) {
    return new LinearOptions(fold, to, rounding, correctBias, activations, samples);
  }

  public LinearOptions withRounding(Rounding to) {
    return new LinearOptions(fold, equalize, Optional.of(to), correctBias, activations, samples);
  }

  public LinearOptions withCorrectBias(boolean to) {
    return new LinearOptions(fold, equalize, rounding, to, activations, samples);
  }

  public LinearOptions withActivations(ActivationOptions to) {
    return new LinearOptions(fold, equalize, rounding, correctBias, Optional.of(to), samples);
  }

  public LinearOptions withSamples(int to) {
    return new LinearOptions(fold, equalize, rounding, correctBias, activations, to);
  }

  boolean needsSamples() {
    return rounding.isPresent() || correctBias || activations.isPresent();
  }

  /** Whether the graph is rewritten or looked into. */
  boolean needsGraph() {
    return needsSamples() || fold || equalize;
  }
}
