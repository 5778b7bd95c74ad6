package compress.quantize;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Dense;
import compress.model.FakeQuantization;
import compress.model.Granularity;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Context;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trained;
import compress.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Trains a network with the rounding in it: weights stay floats underneath, what the network sees
 * of them and of its activations is rounded, the gradient passes through, and the scales learn too.
 * Afterwards weights are rounded for good. Zeros of pruned weights stay zero.
 *
 * <p>Binary and ternary weights have no scale that learns: it is the mean of the floats underneath,
 * in each step anew, as XNOR-Net and ternary weight networks have it. Where activations are
 * quantized, batch normalizations have been folded before; otherwise they are trained too.
 *
 * @see <a href="https://arxiv.org/abs/1902.08153">Esser et al. 2020</a>, LSQ; its first and last
 *     layers of 8 bits are the user's choice, by name
 */
final class QuantizationAware {
  private final Scheme scheme;
  private final Model floats;
  private final Map<String, Affine> weights;
  private final Map<String, Integer> bits;
  private final Optional<Placement> placement;
  private final SequencedMap<String, Grid> grids;
  private final SequencedMap<String, Param> params;
  private final Wiring wiring;
  private final Map<String, String> scaleOf = new HashMap<>();
  private final Map<String, String> seen = new HashMap<>();

  /**
   * @param scheme that {@link #trains} has
   * @param floats with the weights as they are before rounding
   * @param weights as they were rounded at first: where scales start
   * @param bits of each of these
   * @param grids of activations, by the tensor that a range belongs to
   */
  QuantizationAware(
      Scheme scheme,
      Model floats,
      Map<String, Affine> weights,
      Map<String, Integer> bits,
      Optional<Placement> placement,
      SequencedMap<String, Grid> grids) {
    this.scheme = scheme;
    this.floats = floats;
    this.weights = weights;
    this.bits = bits;
    this.placement = placement;
    this.grids = grids;
    this.params = new LinkedHashMap<>(floats.params());
    this.wiring = new Wiring(floats);
  }

  /**
   * @param model with its weights rounded, its graph as before the training
   * @param grids with the scales that were learnt
   */
  record Result(Model model, SequencedMap<String, Grid> grids, Trained trained) {}

  Result train(TrainOptions options, Context context) throws IOException {
    Model trainee = trainee();
    Trained trained =
        Trainer.train(
            trainee,
            context.data().orElseThrow(),
            options.keepingZeros(trainee),
            context,
            StepHook.NONE);
    List<Param> now = new ArrayList<>();
    for (Param p : floats.params().values()) {
      Param learnt = trained.model().param(p.name());
      Affine start = weights.get(p.name());
      now.add(start == null ? learnt : learnt.with(rounded(p.name(), learnt, start, trained)));
    }
    SequencedMap<String, Grid> learntGrids = new LinkedHashMap<>();
    grids.forEach((tensor, grid) ->
        learntGrids.put(
            tensor,
            new Grid(grid.low(), grid.high(), scales(trained, tensor)[0], grid.zeroPoint())));
    return new Result(floats.with(now), learntGrids, trained);
  }

  private float[] scales(Trained trained, String of) {
    float[] scales = trained.model().param(scaleOf.getOrDefault(of, "")).values().toFloats();
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Math.max(Float.MIN_NORMAL, scales[i]);
    }
    return scales;
  }

  private Affine rounded(String name, Param learnt, Affine start, Trained trained) {
    if (!(scheme instanceof Linear)) {
      Layer layer = new Layer(learnt.values().toFloats(), learnt.shape(), learnt.type(), -1);
      return Ternary.signs(layer, start.granularity(), threshold());
    }
    float[] scales = scales(trained, name);
    float[] w = learnt.values().toFloats();
    IntegerRange range = IntegerRange.of(start, bits.getOrDefault(name, Byte.SIZE));
    int[] codes = new int[w.length];
    for (int i = 0; i < w.length; i++) {
      codes[i] = range.code(w[i], scales[start.scaleOf(i)], 0);
    }
    return new Affine(
        Tensor.ofIntegers(start.integers().type(), start.shape(), codes),
        Tensor.of(start.scale().shape(), scales),
        Optional.empty(),
        start.granularity());
  }

  /** Whether weights of the scheme are trained through their rounding. */
  static boolean trains(Scheme scheme) {
    return scheme instanceof Linear || scheme instanceof Binary || scheme instanceof Ternary;
  }

  /** Why these weights cannot be trained through the rounding, for the user; empty if they can. */
  static Optional<String> objection(Scheme scheme) {
    Optional<Grouping> grouping =
        switch (scheme) {
          case Linear l -> Optional.of(l.grouping());
          case Binary b -> Optional.of(b.grouping());
          case Ternary t -> Optional.of(t.grouping());
          default -> Optional.empty();
        };
    if (scheme instanceof Linear l && !l.symmetric()) {
      return Optional.of("training through the rounding needs symmetric weights");
    }
    return grouping
        .filter(g -> g instanceof Grouping.Group)
        .map(g ->
            "training through the rounding needs scales of a tensor or a channel, not of groups");
  }

  private double threshold() {
    return scheme instanceof Ternary ? Ternary.THRESHOLD : 0;
  }

  private Model trainee() {
    Graph graph = floats.graph().orElseThrow();
    List<Node> nodes = new ArrayList<>();
    weights.forEach((name, affine) -> nodes.add(ofWeight(name, affine)));
    Map<String, Node> after = new HashMap<>();
    placement.ifPresent(p -> p.tensors().forEach(t -> after.put(t, ofActivation(t, p.rangeOf(t)))));
    for (ValueInfo input : graph.inputs()) {
      Optional.ofNullable(after.get(input.name())).ifPresent(nodes::add);
    }
    for (Node node : graph.nodes()) {
      nodes.add(
          Wiring.reading(node, node.inputs().stream().map(i -> seen.getOrDefault(i, i)).toList()));
      node.outputs().forEach(o -> Optional.ofNullable(after.get(o)).ifPresent(nodes::add));
    }
    return new Model(
        Optional.of(
            new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
        params,
        floats.opsets(),
        floats.metadata(),
        floats.carried());
  }

  private Node ofWeight(String name, Affine affine) {
    IntegerRange range = IntegerRange.of(affine, bits.getOrDefault(name, Byte.SIZE));
    boolean byAxis = affine.granularity() instanceof Granularity.PerAxis;
    int axis = affine.granularity() instanceof Granularity.PerAxis(int a) ? a : 0;
    String out = wiring.unique(name + ".rounded");
    seen.put(name, out);
    if (!(scheme instanceof Linear)) {
      return FakeQuantization.signs(name, out, threshold(), byAxis ? axis : -1);
    }
    String scale = scaleParam(name, affine.scale().toFloats());
    return FakeQuantization.node(name, scale, out, range.low(), range.high(), axis, false);
  }

  private Node ofActivation(String tensor, String range) {
    Grid grid = Objects.requireNonNull(grids.get(range));
    String known = scaleOf.get(range);
    String scale = known == null ? scaleParam(range, grid.scale()) : known;
    String out = wiring.unique(tensor + ".rounded");
    seen.put(tensor, out);
    return FakeQuantization.node(
        tensor, scale, out, grid.low() - grid.zeroPoint(), grid.high() - grid.zeroPoint(), 0, true);
  }

  private String scaleParam(String of, float... start) {
    String name = wiring.unique(of + ".learnt_scale");
    scaleOf.put(of, name);
    params.put(
        name, new Param(name, DType.F32, new Dense(Tensor.of(Shape.of(start.length), start))));
    return name;
  }
}
