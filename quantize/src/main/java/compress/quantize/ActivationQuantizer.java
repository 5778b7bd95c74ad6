package compress.quantize;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Granularity;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.onnx.Opsets;
import compress.train.Activations;
import compress.train.Progress;
import compress.train.data.Inputs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Puts {@code QuantizeLinear} and {@code DequantizeLinear} around activations, with the ranges that
 * a calibration found, and stores the biases of products as integers of 32 bits in the scale of the
 * product. Unsigned integers with a zero point, one range a tensor.
 *
 * <p>A bias that would not fit 32 bits because its output's weights are nearly zero gets a larger
 * scale, and the weights with it.
 *
 * @see <a href="https://arxiv.org/abs/1712.05877">Jacob et al. 2018</a>, sections 2.1 and 2.4
 */
final class ActivationQuantizer {
  /** Where a bias may reach: half of the integers of 32 bits, so that sums do not overflow. */
  private static final double LARGEST_BIAS = 1 << 30;

  private final Model model;
  private final ActivationOptions options;
  private final Placement placement;
  private final Wiring wiring;
  private final SequencedMap<String, Param> params;
  private final SequencedMap<String, Grid> grids;

  private ActivationQuantizer(
      Model model, ActivationOptions options, SequencedMap<String, Grid> grids) {
    this.model = model;
    this.options = options;
    this.grids = grids;
    this.placement = new Placement(model, options);
    this.wiring = new Wiring(model);
    this.params = new LinkedHashMap<>(model.params());
  }

  /**
   * @param ranges one line for each range, for the report
   */
  record Quantized(Model model, List<Map<String, Object>> ranges) {}

  /** The operator set that activations of so many bits need. */
  static long opset(int bits) {
    return bits == 8 ? 13 : Opsets.DEQUANTIZE_BLOCKS;
  }

  /**
   * What the ranges of activations are on some samples, by the tensor that each belongs to.
   *
   * @param model with a graph, its weights quantized already
   */
  static SequencedMap<String, Grid> calibrate(
      Model model, ActivationOptions options, Inputs inputs, int threads, Progress progress)
      throws IOException {
    SequencedMap<String, ValueSpread> spreads = new LinkedHashMap<>();
    new Placement(model, options)
        .byRange()
        .keySet()
        .forEach(t -> spreads.put(t, new ValueSpread()));
    Activations.stream(
        model,
        spreads.keySet(),
        inputs,
        threads,
        progress,
        (batch, values) ->
            spreads.forEach(
                (t, spread) -> spread.add(Objects.requireNonNull(values.get(t)).toFloats())));
    SequencedMap<String, Grid> grids = new LinkedHashMap<>();
    spreads.forEach((t, spread) -> {
      Calibrator.Bounds bounds = options.calibrator().bounds(spread, options.bits());
      grids.put(t, Grid.asymmetric(bounds.least(), bounds.most(), options.bits(), s -> s));
    });
    return grids;
  }

  /**
   * Puts the pairs in.
   *
   * @param model as {@link #calibrate} was given, maybe with other weights
   */
  static Quantized quantize(
      Model model, ActivationOptions options, SequencedMap<String, Grid> grids) {
    Model raised = Opsets.raised(model, opset(options.bits()));
    ActivationQuantizer quantizer = new ActivationQuantizer(raised, options, grids);
    return new Quantized(quantizer.insert(), quantizer.report());
  }

  private List<Map<String, Object>> report() {
    List<Map<String, Object>> lines = new ArrayList<>();
    grids.forEach((t, grid) -> {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("tensor", t);
      line.put("least", grid.value(grid.low()));
      line.put("most", grid.value(grid.high()));
      lines.add(line);
    });
    return lines;
  }

  private Model insert() {
    Graph graph = model.graph().orElseThrow();
    Map<String, String> dequantized = new HashMap<>();
    Map<String, List<Node>> pairs = new HashMap<>();
    Map<String, List<String>> constants = new HashMap<>();
    for (String tensor : placement.tensors()) {
      String range = placement.rangeOf(tensor);
      List<String> scale = constants.computeIfAbsent(range, this::constants);
      String q = wiring.unique(tensor + ".quantized");
      String dq = wiring.unique(tensor + ".dequantized");
      dequantized.put(tensor, dq);
      pairs.put(
          tensor,
          List.of(
              Node.of(
                  "QuantizeLinear",
                  List.of(tensor, scale.get(0), scale.get(1)),
                  List.of(q),
                  Map.of()),
              Node.of(
                  "DequantizeLinear",
                  List.of(q, scale.get(0), scale.get(1)),
                  List.of(dq),
                  Map.of())));
    }
    List<Node> nodes = new ArrayList<>();
    for (var input : graph.inputs()) {
      nodes.addAll(pairs.getOrDefault(input.name(), List.of()));
    }
    Set<String> biases = new HashSet<>();
    for (Node node : graph.nodes()) {
      List<String> inputs = new ArrayList<>(node.inputs());
      if (placement.isInside(node)) {
        bias(node, biases).ifPresent(b -> inputs.set(2, b));
      }
      // Others read the rounded values too: one tensor has one meaning.
      inputs.replaceAll(i -> dequantized.getOrDefault(i, i));
      nodes.add(Wiring.reading(node, inputs));
      node.outputs().forEach(o -> nodes.addAll(pairs.getOrDefault(o, List.of())));
    }
    return new Model(
        Optional.of(
            new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
        params,
        model.opsets(),
        model.metadata(),
        model.carried());
  }

  /** The names of a range's scale and zero point. */
  private List<String> constants(String tensor) {
    Grid grid = Objects.requireNonNull(grids.get(tensor));
    String scale = wiring.unique(tensor + ".activation_scale");
    String zero = wiring.unique(tensor + ".activation_zero_point");
    params.put(scale, Param.of(scale, Tensor.of(Shape.of(), grid.scale())));
    DType type = options.bits() == 8 ? DType.U8 : options.bits() == 16 ? DType.U16 : DType.U4;
    params.put(zero, Param.of(zero, Tensor.ofIntegers(type, Shape.of(), grid.zeroPoint())));
    return List.of(scale, zero);
  }

  /**
   * The bias of a product as integers, under its own name or, if that is in use already, another.
   */
  private Optional<String> bias(Node node, Set<String> used) {
    boolean product = node.is("Conv") || node.is("Gemm");
    Param bias = product ? params.get(node.input(2)) : null;
    Param weight = params.get(node.input(1));
    boolean plain =
        node.is("Conv")
            || node.floatAttribute("alpha", 1) == 1 && node.floatAttribute("beta", 1) == 1;
    if (bias == null
        || weight == null
        || !plain
        || options.bits() > 8
        || bias.shape().rank() != 1
        || !(weight.values() instanceof Affine affine)
        || affine.zeroPoint().isPresent()
        || affine.granularity() instanceof Granularity.PerGroup
        || !(model.param(bias.name()).values() instanceof Dense(Tensor floats))) {
      return Optional.empty();
    }
    double input = Objects.requireNonNull(grids.get(placement.rangeOf(node.input(0)))).scale();
    float[] b = floats.toFloats();
    float[] weightScales = affine.scale().toFloats();
    float[] scales = new float[b.length];
    float[] raised = new float[weightScales.length];
    for (int o = 0; o < b.length; o++) {
      int s = weightScales.length == 1 ? 0 : o;
      double needed = Math.abs(b[o]) / (input * LARGEST_BIAS);
      raised[s] = (float) Math.max(raised[s], Math.max(weightScales[s], needed));
    }
    int[] integers = new int[b.length];
    for (int o = 0; o < b.length; o++) {
      scales[o] = (float) (input * raised[weightScales.length == 1 ? 0 : o]);
      integers[o] = (int) Math.rint(b[o] / (double) scales[o]);
    }
    if (!java.util.Arrays.equals(raised, weightScales)) {
      params.put(weight.name(), weight.with(coarser(affine, raised)));
    }
    String name =
        used.add(bias.name()) ? bias.name() : wiring.unique(bias.name() + ".of." + weight.name());
    params.put(
        name,
        new Param(
            name,
            DType.F32,
            new Affine(
                Tensor.ofIntegers(DType.I32, Shape.of(b.length), integers),
                Tensor.of(Shape.of(b.length), scales),
                Optional.empty(),
                new Granularity.PerAxis(0))));
    return Optional.of(name);
  }

  /** The same weights in larger scales. */
  private static Affine coarser(Affine affine, float[] scales) {
    float[] old = affine.scale().toFloats();
    int[] integers = new int[Math.toIntExact(affine.integers().size())];
    for (int i = 0; i < integers.length; i++) {
      int s = affine.scaleOf(i);
      integers[i] = (int) Math.rint(affine.integers().longAt(i) * (double) old[s] / scales[s]);
    }
    return new Affine(
        Tensor.ofIntegers(affine.integers().type(), affine.shape(), integers),
        Tensor.of(affine.scale().shape(), scales),
        Optional.empty(),
        affine.granularity());
  }
}
