package compress.quantize;

import compress.model.Affine;
import compress.model.Dense;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Param;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.Weight;
import compress.model.onnx.Opsets;
import compress.train.Calibration;
import compress.train.Context;
import compress.train.InputNorms;
import compress.train.LayerInput;
import compress.train.SecondMoment;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Inputs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * What {@link LinearOptions} ask for around the rounding of each tensor, in this order: batch
 * normalizations folded, channels equalized, inputs smoothed, layers' inputs looked at, integers
 * chosen, biases corrected, activations quantized.
 */
final class LayerwiseQuantizer {
  /** Windows of each sample that a convolution shows: neighbours tell little more. */
  private static final int WINDOWS = 64;

  private final LinearOptions options;
  private final Context context;
  private Map<String, SecondMoment> moments = Map.of();
  private Map<String, ColumnMeans> means = Map.of();
  private Map<String, InputNorms> norms = Map.of();
  private Map<String, List<LayerInput>> places = Map.of();

  LayerwiseQuantizer(LinearOptions options, Context context) {
    this.options = options;
    this.context = context;
  }

  /** Everything that would go wrong, each a sentence for the user. */
  static List<String> problems(QuantizeOptions all, Model model, Context context) {
    LinearOptions options = all.linear();
    boolean judges = all.budget().isPresent() || all.revertForDrop().isPresent();
    if (!options.needsGraph() && !judges) {
      return List.of();
    }
    List<String> problems = new ArrayList<>();
    if (model.graph().isEmpty()) {
      return List.of(
          "the model has weights only and no graph; folding, equalization and all that looks at"
              + " samples need an ONNX file");
    }
    boolean rounds =
        options.rounding().isPresent() || options.excluding().isPresent() || options.matMulNBits();
    if (rounds && !(all.scheme() instanceof Linear)) {
      problems.add(
          "scheme '%s' has no integers; GPTQ, AdaRound, activations and MatMulNBits need 'linear'"
              .formatted(all.scheme().name()));
    }
    if (options.importance() && !(all.scheme() instanceof KMeans)) {
      problems.add(
          "scheme '%s' has no shared values that weights could draw; importance needs 'kmeans'"
              .formatted(all.scheme().name()));
    }
    Graph graph = model.graph().get();
    options.excluding().ifPresent(a -> problems.addAll(a.problems(graph)));
    options
        .activations()
        .ifPresent(a -> {
          problems.addAll(Opsets.obstacles(model, ActivationQuantizer.opset(a.bits())));
        });
    if (options.dynamic().isPresent()) {
      problems.addAll(Opsets.obstacles(model, DynamicQuantizer.OPSET));
    }
    if (all.budget().isPresent() && context.data().isEmpty()) {
      problems.add("to find bits, answers are compared on samples of one input; give --data");
    }
    if (options.needsSamples()) {
      try {
        inputs(model, context, options);
      } catch (IllegalArgumentException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    return problems;
  }

  /** What is looked at. */
  private static Inputs inputs(Model model, Context context, LinearOptions options) {
    if (options.calibration().isPresent()) {
      return options.calibration().get().some(options.samples(), context.seed());
    }
    DataSplit split =
        context
            .data()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "calibration needs samples of what the network is used on; give --data or"
                        + " --calibration-data"));
    DataSet train = split.train();
    if (train.isEmpty()) {
      throw new IllegalArgumentException(
          "the data has no training part to calibrate on; calibrating on the test part would make"
              + " its accuracy mean nothing");
    }
    DataSet some = train.subset(0, Math.min(options.samples(), train.size()));
    return Inputs.of(some, split.preprocessing(), model.graph().orElseThrow().inputs());
  }

  /**
   * Folded, equalized and smoothed, as the options want it.
   *
   * @param selected what of a model is to be quantized
   */
  Model prepared(Model model, Function<Model, List<Weight>> selected, Map<String, Object> details)
      throws IOException {
    Model prepared = model;
    if (options.fold() || options.equalize() || options.activations().isPresent()) {
      BatchNormFolding.Folded folded = BatchNormFolding.of(prepared);
      details.put("folded", folded.folded());
      prepared = folded.model();
    }
    if (options.equalize()) {
      Equalization.Equalized equalized = Equalization.of(prepared);
      details.put(
          "equalized",
          equalized.pairs().stream().map(p -> p.first() + " and " + p.second()).toList());
      details.put("unclipped", equalized.unclipped());
      prepared = equalized.model();
    }
    if (options.smooth().isPresent()) {
      Smoothing.Smoothed smoothed =
          Smoothing.of(
              prepared,
              selected.apply(prepared),
              options.smooth().getAsDouble(),
              calibration(prepared));
      details.put("smoothed", smoothed.weights());
      prepared = smoothed.model();
    }
    return prepared;
  }

  private Calibration calibration(Model model) {
    return new Calibration(
        inputs(model, context, options), WINDOWS, context.threads(), context.progress());
  }

  /** Looks at what the layers of {@code selected} are given, if anybody wants to know. */
  void look(Model model, List<Weight> selected, Map<String, Object> details) throws IOException {
    if (options.rounding().isEmpty() && !options.correctBias() && !options.importance()) {
      return;
    }
    places = LayerInput.of(model);
    List<String> names =
        selected.stream().map(Weight::name).filter(n -> places.containsKey(n)).toList();
    Calibration calibration = calibration(model);
    if (options.rounding().isPresent()) {
      moments = calibration.collect(model, names, SecondMoment::new);
      details.put("rounding", options.rounding().get().name());
    }
    if (options.correctBias()) {
      means = calibration.collect(model, names, ColumnMeans::new);
    }
    if (options.importance()) {
      norms = calibration.collect(model, names, InputNorms::new);
    }
  }

  /** The layer with what its weights matter, if that was looked at. */
  Layer weighed(Weight weight, Layer layer) {
    InputNorms norm = norms.get(weight.name());
    if (norm == null) {
      return layer;
    }
    LayerInput place = places.getOrDefault(weight.name(), List.of()).getFirst();
    Rows rows = Rows.of(layer.shape(), place.outputsFirst());
    int perGroup = rows.outputs() / place.unfolding().groups();
    float[] importance = new float[layer.weights().length];
    for (int o = 0; o < rows.outputs(); o++) {
      for (int c = 0; c < rows.columns(); c++) {
        float n = norm.norm(o / perGroup, c);
        importance[rows.entry(o, c)] = n * n;
      }
    }
    return layer.mattering(importance);
  }

  /** The integers that the rounding chooses; {@code nearest} where it does not apply. */
  Values rounded(Weight weight, Layer layer, int bits, Values nearest) {
    SecondMoment moment = moments.get(weight.name());
    if (moment == null
        || options.rounding().isEmpty()
        || !(nearest instanceof Affine affine)
        || !affine.integers().type().isInteger()) {
      return nearest;
    }
    LayerInput place = places.getOrDefault(weight.name(), List.of()).getFirst();
    Rows rows = Rows.of(layer.shape(), place.outputsFirst());
    int[] codes =
        options
            .rounding()
            .get()
            .round(layer, rows, affine, bits, moment, place.unfolding().groups());
    return new Affine(
        Tensor.ofIntegers(affine.integers().type(), layer.shape(), codes),
        affine.scale(),
        affine.zeroPoint(),
        affine.granularity());
  }

  /**
   * Ten times the decimal logarithm of the power of the layer's answers over that of their error,
   * on what was looked at; empty if nothing was, or nothing changed.
   */
  OptionalDouble outputSqnr(Weight weight, float[] before, Values after) {
    SecondMoment moment = moments.get(weight.name());
    if (moment == null) {
      return OptionalDouble.empty();
    }
    LayerInput place = places.getOrDefault(weight.name(), List.of()).getFirst();
    Rows rows = Rows.of(weight.param().shape(), place.outputsFirst());
    float[] now = after.toFloats();
    float[] error = new float[now.length];
    for (int i = 0; i < now.length; i++) {
      error[i] = now[i] - before[i];
    }
    int groups = place.unfolding().groups();
    double noise = power(moment, rows, groups, error);
    return noise > 0
        ? OptionalDouble.of(10 * Math.log10(power(moment, rows, groups, before) / noise))
        : OptionalDouble.empty();
  }

  /** The sum of {@code w H wᵀ} over all outputs. */
  static double power(SecondMoment moment, Rows rows, int groups, float[] weights) {
    int n = rows.columns();
    int perGroup = rows.outputs() / groups;
    double sum = 0;
    float[] row = new float[n];
    for (int g = 0; g < groups; g++) {
      float[] h = moment.matrix(g);
      for (int o = g * perGroup; o < (g + 1) * perGroup; o++) {
        for (int c = 0; c < n; c++) {
          row[c] = weights[rows.entry(o, c)];
        }
        for (int i = 0; i < n; i++) {
          sum += row[i] * (double) dot(h, i * n, row, n);
        }
      }
    }
    return sum;
  }

  private static float dot(float[] h, int at, float[] row, int n) {
    float sum = 0;
    for (int j = 0; j < n; j++) {
      sum += h[at + j] * row[j];
    }
    return sum;
  }

  /** Biases, training through the rounding, and activations. */
  Model finished(
      Model before,
      Model quantized,
      Map<String, Integer> bits,
      QuantizeOptions all,
      Map<String, Object> details)
      throws IOException {
    Model finished = quantized;
    if (options.correctBias()) {
      BiasCorrection.Corrected corrected = BiasCorrection.of(before, finished, means);
      details.put("corrected", corrected.corrected());
      finished = corrected.model();
    }
    SequencedMap<String, Grid> grids = new LinkedHashMap<>();
    if (options.activations().isPresent()) {
      grids.putAll(
          ActivationQuantizer.calibrate(
              sayable(finished),
              options.activations().get(),
              inputs(finished, context, options),
              context.threads(),
              context.progress()));
    }
    if (all.finetune().isPresent() && QuantizationAware.trains(all.scheme())) {
      QuantizationAware.Result learnt = learnt(before, finished, bits, all, grids);
      finished = learnt.model();
      grids = learnt.grids();
      details.putAll(learnt.trained().details());
    }
    if (options.activations().isPresent()) {
      ActivationQuantizer.Quantized activations =
          ActivationQuantizer.quantize(finished, options.activations().get(), grids);
      details.put("activations", activations.ranges());
      finished = activations.model();
    }
    if (options.matMulNBits()) {
      BlockedProducts.Written written = BlockedProducts.of(finished, bits);
      details.put("mat_mul_n_bits", written.nodes());
      finished = written.model();
    }
    if (options.dynamic().isPresent()) {
      DynamicQuantizer.Quantized dynamic =
          DynamicQuantizer.of(
              Opsets.raised(finished, DynamicQuantizer.OPSET), options.dynamic().get());
      details.put("dynamic", dynamic.nodes());
      finished = dynamic.model();
    }
    return sayable(finished);
  }

  /** In an operator set that can say what the params hold. */
  private static Model sayable(Model model) {
    return Opsets.raised(
        model,
        model.params().values().stream()
            .mapToLong(p -> Opsets.neededFor(p.values()))
            .max()
            .orElse(1));
  }

  private QuantizationAware.Result learnt(
      Model before,
      Model quantized,
      Map<String, Integer> bits,
      QuantizeOptions all,
      SequencedMap<String, Grid> grids)
      throws IOException {
    Map<String, Affine> rounded = new LinkedHashMap<>();
    List<Param> floats = new ArrayList<>();
    for (Param p : quantized.params().values()) {
      if (p.values() instanceof Affine a
          && bits.containsKey(p.name())
          && before.param(p.name()).values() instanceof Dense) {
        rounded.put(p.name(), a);
        floats.add(before.param(p.name()));
      }
    }
    return new QuantizationAware(
            all.scheme(),
            quantized.with(floats),
            rounded,
            bits,
            options.activations().map(a -> new Placement(quantized, a)),
            grids)
        .train(all.finetune().orElseThrow(), context);
  }
}
