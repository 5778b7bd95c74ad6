package compress.cli.options;

import compress.model.Model;
import compress.model.NamePattern;
import compress.quantize.ActivationOptions;
import compress.quantize.AdaRound;
import compress.quantize.Calibrator;
import compress.quantize.Gptq;
import compress.quantize.LinearOptions;
import compress.quantize.Rounding;
import compress.train.data.Inputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is done around the rounding of weights to integers. */
public final class LinearStageOptions {
  enum RoundingKind {
    NEAREST,
    GPTQ,
    ADAROUND
  }

  @Option(
      names = "--fold",
      description =
          "Take batch normalizations into the convolutions before them; done anyway with"
              + " --activations and --equalize. Default: off.")
  private boolean fold;

  @Option(
      names = "--equalize",
      description =
          "Scale channels between convolutions so that both have equal weights. Default: off.")
  private boolean equalize;

  @Option(
      names = "--smooth",
      paramLabel = "X",
      converter = Fraction.class,
      description =
          "SmoothQuant: take the reach of the inputs of MatMul and Gemm over to their weights, with"
              + " this strength; 0.5 is usual. Looks at --data. Default: off.")
  private @Nullable Double smooth;

  @Option(
      names = "--rounding",
      paramLabel = "NAME",
      description =
          "How integers are chosen: nearest; gptq: one column after the other, later ones making up"
              + " for the errors; adaround: up or down is learnt. The last two look at --data."
              + " Default: ${DEFAULT-VALUE}.")
  private RoundingKind rounding = RoundingKind.NEAREST;

  @Option(
      names = "--act-order",
      description = "gptq takes the columns with the largest inputs first. Default: off.")
  private boolean actOrder;

  @Option(
      names = "--damping",
      paramLabel = "X",
      converter = Fraction.class,
      description = "Of gptq: added to the diagonal, as a share of its mean. Default: 0.01.")
  private @Nullable Double damping;

  @Option(names = "--rounding-steps", paramLabel = "N", description = "Of adaround. Default: 1000.")
  private @Nullable Integer roundingSteps;

  @Option(
      names = "--importance",
      description =
          "Of kmeans: weights draw shared values by the squares of what they are multiplied with;"
              + " looks at --data. Default: off.")
  private boolean importance;

  @Option(
      names = "--correct-bias",
      description = "Take the mean error of each output off it; looks at --data. Default: off.")
  private boolean correctBias;

  @Option(
      names = "--activations",
      paramLabel = "BITS",
      description =
          "Quantize activations too: to 8, 16 or 4 bits, with ranges found on --data; or dynamic,"
              + " to 8 bits with the range that they have while the network runs (MatMul and Gemm)."
              + " Default: they stay floats.")
  private @Nullable String activations;

  @Option(
      names = "--matmul-nbits",
      description =
          "Write MatMul with weights of group:N as ONNX Runtime's own operator. Default: as"
              + " DequantizeLinear, of which ONNX Runtime makes it by itself.")
  private boolean matmulNbits;

  @Option(
      names = "--calibration",
      paramLabel = "HOW",
      description =
          "How the range of an activation follows from samples: minmax, moving-average,"
              + " percentile[:PERCENT], entropy or mse. Default: minmax.")
  private @Nullable String calibration;

  @Option(
      names = "--exclude",
      paramLabel = "NAMES",
      description =
          "Nodes that stay as they are with their weights, under --activations: a glob on their"
              + " names or operators, or re: and a regular expression. Default: none.")
  private List<String> exclude = new ArrayList<>();

  @Mixin private CalibrationOptions samples;

  LinearOptions options(Model original) throws IOException {
    LinearOptions options =
        LinearOptions.NONE
            .withFold(fold)
            .withEqualize(equalize)
            .withCorrectBias(correctBias)
            .withMatMulNBits(matmulNbits)
            .withImportance(importance)
            .withSamples(samples.samples(LinearOptions.USUAL_SAMPLES));
    Optional<Inputs> looked = samples.inputs(original);
    if (looked.isPresent()) {
      options = options.withCalibration(looked.get());
    }
    if (smooth != null) {
      options = options.withSmooth(smooth);
    }
    Optional<Rounding> chosen = rounding();
    if (chosen.isPresent()) {
      options = options.withRounding(chosen.get());
    }
    boolean dynamic = activations != null && activations.equals("dynamic");
    if (calibration != null && (activations == null || dynamic)) {
      throw new IllegalArgumentException(
          "calibration finds ranges of activations; add activations, 8 say");
    }
    if (activations == null) {
      if (!exclude.isEmpty()) {
        throw new IllegalArgumentException(
            "exclude is about nodes under activations; leave weights out by ignore");
      }
      return options;
    }
    ActivationOptions of =
        ActivationOptions.defaults().withExclude(exclude.stream().map(NamePattern::parse).toList());
    if (dynamic) {
      return options.withDynamic(of);
    }
    return options.withActivations(
        of.withBits(bits(activations))
            .withCalibrator(
                Calibrator.parse(calibration == null ? Calibrator.NAMES.getFirst() : calibration)));
  }

  private static int bits(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "activations '%s' is none of 4, 8, 16, dynamic".formatted(text), e);
    }
  }

  List<Path> files() {
    return samples.files();
  }

  private Optional<Rounding> rounding() {
    boolean gptq = rounding == RoundingKind.GPTQ;
    boolean adaround = rounding == RoundingKind.ADAROUND;
    if (!gptq && (actOrder || damping != null) || !adaround && roundingSteps != null) {
      throw new IllegalArgumentException(
          "act-order and damping are for rounding gptq, rounding-steps for adaround");
    }
    return switch (rounding) {
      case NEAREST -> Optional.empty();
      case GPTQ -> Optional.of(new Gptq(actOrder, damping == null ? Gptq.USUAL_DAMPING : damping));
      case ADAROUND -> Optional.of(new AdaRound(roundingSteps == null ? 1000 : roundingSteps));
    };
  }
}
