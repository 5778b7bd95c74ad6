package compress.quantize;

import compress.train.data.Inputs;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * What is done around the rounding of weights. Start from {@link #NONE} and change what should
 * differ.
 *
 * @param fold takes batch normalizations into the convolutions before them; done anyway where
 *     {@code equalize} or {@code activations} need it
 * @param equalize scales channels between convolutions
 * @param smooth how much of the reach of activations goes over to the weights that they are
 *     multiplied with, from 0 to 1: the strength of {@link Smoothing}
 * @param rounding chooses integers by what layers are given; absent rounds to the nearest
 * @param correctBias takes the mean error of each output off its bias
 * @param activations quantizes activations too
 * @param dynamic activations are rounded while the network runs, by the range they then have; not
 *     together with {@code activations}
 * @param matMulNBits writes products of groups as ONNX Runtime's own operator
 * @param importance weights of a codebook matter as much as the squares of what they are multiplied
 *     with
 * @param samples to look at, at most
 * @param calibration what to look at; absent takes the training part of the data
 */
public record LinearOptions(
    boolean fold,
    boolean equalize,
    OptionalDouble smooth,
    Optional<Rounding> rounding,
    boolean correctBias,
    Optional<ActivationOptions> activations,
    Optional<ActivationOptions> dynamic,
    boolean matMulNBits,
    boolean importance,
    int samples,
    Optional<Inputs> calibration) {
  /** So many samples are looked at if nobody says how many. */
  public static final int USUAL_SAMPLES = 512;

  /** Rounding to the nearest, nothing else. */
  public static final LinearOptions NONE =
      new LinearOptions(
          false,
          false,
          OptionalDouble.empty(),
          Optional.empty(),
          false,
          Optional.empty(),
          Optional.empty(),
          false,
          false,
          USUAL_SAMPLES,
          Optional.empty());

  public LinearOptions {
    if (samples < 1) {
      throw new IllegalArgumentException("at least 1 sample is looked at, not " + samples);
    }
    if (smooth.isPresent() && !(smooth.getAsDouble() >= 0 && smooth.getAsDouble() <= 1)) {
      throw new IllegalArgumentException(
          "the strength of smoothing is from 0 to 1, not " + smooth.getAsDouble());
    }
    if (activations.isPresent() && dynamic.isPresent()) {
      throw new IllegalArgumentException(
          "activations are quantized either before the network runs or while it does");
    }
  }

  public LinearOptions withFold(boolean to) {
    return with(draft -> draft.fold = to);
  }

  public LinearOptions withEqualize(boolean to) {
    return with(draft -> draft.equalize = to);
  }

  public LinearOptions withSmooth(double to) {
    return with(draft -> draft.smooth = OptionalDouble.of(to));
  }

  public LinearOptions withRounding(Rounding to) {
    return with(draft -> draft.rounding = Optional.of(to));
  }

  public LinearOptions withCorrectBias(boolean to) {
    return with(draft -> draft.correctBias = to);
  }

  public LinearOptions withActivations(ActivationOptions to) {
    return with(draft -> draft.activations = Optional.of(to));
  }

  /** Of {@code to} the nodes to leave out count, and nothing else. */
  public LinearOptions withDynamic(ActivationOptions to) {
    return with(draft -> draft.dynamic = Optional.of(to));
  }

  public LinearOptions withMatMulNBits(boolean to) {
    return with(draft -> draft.matMulNBits = to);
  }

  public LinearOptions withImportance(boolean to) {
    return with(draft -> draft.importance = to);
  }

  public LinearOptions withSamples(int to) {
    return with(draft -> draft.samples = to);
  }

  public LinearOptions withCalibration(Inputs to) {
    return with(draft -> draft.calibration = Optional.of(to));
  }

  /** What leaves nodes out, if activations are quantized in any way. */
  Optional<ActivationOptions> excluding() {
    return activations.or(() -> dynamic);
  }

  boolean needsSamples() {
    return rounding.isPresent()
        || correctBias
        || importance
        || smooth.isPresent()
        || activations.isPresent();
  }

  /** Whether the graph is rewritten or looked into. */
  boolean needsGraph() {
    return fold || equalize || matMulNBits || dynamic.isPresent() || needsSamples();
  }

  private LinearOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** Options with one of them about to change. */
  private static final class Draft {
    private boolean fold;
    private boolean equalize;
    private OptionalDouble smooth;
    private Optional<Rounding> rounding;
    private boolean correctBias;
    private Optional<ActivationOptions> activations;
    private Optional<ActivationOptions> dynamic;
    private boolean matMulNBits;
    private boolean importance;
    private int samples;
    private Optional<Inputs> calibration;

    Draft(LinearOptions from) {
      fold = from.fold;
      equalize = from.equalize;
      smooth = from.smooth;
      rounding = from.rounding;
      correctBias = from.correctBias;
      activations = from.activations;
      dynamic = from.dynamic;
      matMulNBits = from.matMulNBits;
      importance = from.importance;
      samples = from.samples;
      calibration = from.calibration;
    }

    LinearOptions options() {
      return new LinearOptions(
          fold,
          equalize,
          smooth,
          rounding,
          correctBias,
          activations,
          dynamic,
          matMulNBits,
          importance,
          samples,
          calibration);
    }
  }
}
