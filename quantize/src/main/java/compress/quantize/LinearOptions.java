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
 * @param dynamic activations are rounded while the network runs, by the range they then have; not
 *     together with {@code activations}
 * @param matMulNBits writes products of groups as ONNX Runtime's own operator
 * @param importance weights of a codebook matter as much as the squares of what they are multiplied
 *     with
 * @param samples of the training part to look at
 */
public record LinearOptions(
    boolean fold,
    boolean equalize,
    Optional<Rounding> rounding,
    boolean correctBias,
    Optional<ActivationOptions> activations,
    Optional<ActivationOptions> dynamic,
    boolean matMulNBits,
    boolean importance,
    int samples) {
  /** So many samples are looked at if nobody says how many. */
  public static final int USUAL_SAMPLES = 512;

  /** Weights alone, each for itself. */
  public static final LinearOptions NONE =
      new LinearOptions(
          false,
          false,
          Optional.empty(),
          false,
          Optional.empty(),
          Optional.empty(),
          false,
          false,
          USUAL_SAMPLES);

  public LinearOptions {
    if (samples < 1) {
      throw new IllegalArgumentException("calibration needs at least 1 sample, not " + samples);
    }
    if (activations.isPresent() && dynamic.isPresent()) {
      throw new IllegalArgumentException(
          "activations are rounded by ranges found before, or while the network runs, not both");
    }
  }

  public LinearOptions withFold(boolean to) {
    return new LinearOptions(
        to, equalize, rounding, correctBias, activations, dynamic, matMulNBits, importance, samples);
  }

  public LinearOptions withEqualize(boolean to) {
    return new LinearOptions(
        fold, to, rounding, correctBias, activations, dynamic, matMulNBits, importance, samples);
  }

  public LinearOptions withRounding(Rounding to) {
    return new LinearOptions(
        fold, equalize, Optional.of(to), correctBias, activations, dynamic, matMulNBits, importance, samples);
  }

  public LinearOptions withCorrectBias(boolean to) {
    return new LinearOptions(
        fold, equalize, rounding, to, activations, dynamic, matMulNBits, importance, samples);
  }

  public LinearOptions withActivations(ActivationOptions to) {
    return new LinearOptions(
        fold, equalize, rounding, correctBias, Optional.of(to), dynamic, matMulNBits, importance, samples);
  }

  /** Of {@code to} the nodes to leave out count, and nothing else. */
  public LinearOptions withDynamic(ActivationOptions to) {
    return new LinearOptions(
        fold, equalize, rounding, correctBias, activations, Optional.of(to), matMulNBits, importance, samples);
  }

  public LinearOptions withMatMulNBits(boolean to) {
    return new LinearOptions(
        fold, equalize, rounding, correctBias, activations, dynamic, to, importance, samples);
  }

  public LinearOptions withImportance(boolean to) {
    return new LinearOptions(
        fold,
        equalize,
        rounding,
        correctBias,
        activations,
        dynamic,
        matMulNBits,
        to,
        samples);
  }

  public LinearOptions withSamples(int to) {
    return new LinearOptions(
        fold, equalize, rounding, correctBias, activations, dynamic, matMulNBits, importance, to);
  }

  /** What leaves nodes out, if activations are quantized in any way. */
  Optional<ActivationOptions> excluding() {
    return activations.or(() -> dynamic);
  }

  boolean needsSamples() {
    return rounding.isPresent() || correctBias || importance || activations.isPresent();
  }

  /** Whether the graph is rewritten or looked into. */
  boolean needsGraph() {
    return needsSamples() || fold || equalize || dynamic.isPresent() || matMulNBits;
  }
}
