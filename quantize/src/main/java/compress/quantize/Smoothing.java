package compress.quantize;

import compress.model.Dense;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Role;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Weight;
import compress.train.Calibration;
import compress.train.LayerInput;
import compress.train.Unfolding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Moves the reach of a layer's input over to its weights: input column {@code j} is divided and the
 * weights that it meets are multiplied by {@code s = max|x|^a / max|w|^(1-a)}, with the strength
 * {@code a}. The network computes the same, and an input whose columns differ a hundredfold fits
 * integers of one scale. Layers that read the same input have one factor, by the largest of their
 * weights.
 *
 * <p>The division goes into what makes the input, where these layers alone read it: scale and shift
 * of a {@code LayerNormalization}, or factor and term of a {@code Mul} and an {@code Add} with
 * vectors. Elsewhere, as after a residual sum, a {@code Mul} is put before the layers. Products by
 * {@code MatMul} and {@code Gemm} take part; convolutions do not, nor columns that are always zero
 * or meet only zeros.
 *
 * @see <a href="https://arxiv.org/abs/2211.10438">Xiao et al. 2023</a>, SmoothQuant, equations 3
 *     and 4
 */
final class Smoothing {
  /** Below this a column has no reach to move. */
  private static final float LEAST = 1e-5f;

  private final Model model;
  private final Wiring wiring;
  private final SequencedMap<String, Param> params;
  private final Map<Node, Node> replaced = new HashMap<>();
  private final Map<String, Node> divisions = new LinkedHashMap<>();
  private final List<String> smoothed = new ArrayList<>();

  private Smoothing(Model model) {
    this.model = model;
    this.wiring = new Wiring(model);
    this.params = new LinkedHashMap<>(model.params());
  }

  /**
   * @param weights of the layers whose inputs were smoothed
   */
  record Smoothed(Model model, List<String> weights) {}

  /** The largest magnitude of each column of a layer's input. */
  private static final class Reach implements Unfolding.Rows {
    private final float[] largest;

    Reach(Unfolding unfolding) {
      largest = new float[unfolding.columns()];
    }

    @Override
    public void take(int group, float[] rows, int count) {
      for (int i = 0; i < count * largest.length; i++) {
        int column = i % largest.length;
        largest[column] = Math.max(largest[column], Math.abs(rows[i]));
      }
    }
  }

  /**
   * @param model with a graph
   * @param weights that are to be quantized
   * @param strength from 0, which leaves activations as they are, to 1
   */
  static Smoothed of(Model model, List<Weight> weights, double strength, Calibration calibration)
      throws IOException {
    SequencedMap<String, List<LayerInput>> byTensor = new LinkedHashMap<>();
    Map<String, List<LayerInput>> places = LayerInput.of(model);
    for (Weight weight : weights) {
      List<LayerInput> at = places.getOrDefault(weight.name(), List.of());
      boolean product = weight.role() == Role.GEMM || weight.role() == Role.MATMUL;
      boolean dense = weight.param().values() instanceof Dense;
      if (product && dense && at.size() == 1 && takesRows(model, at.getFirst())) {
        byTensor.computeIfAbsent(at.getFirst().tensor(), t -> new ArrayList<>()).add(at.getFirst());
      }
    }
    List<String> first = byTensor.values().stream().map(l -> l.getFirst().weight()).toList();
    Map<String, Reach> reach = calibration.collect(model, first, Reach::new);
    Smoothing smoothing = new Smoothing(model);
    byTensor.forEach((tensor, layers) -> {
      Reach of = reach.get(layers.getFirst().weight());
      if (of != null) {
        smoothing.smooth(tensor, layers, of.largest, strength);
      }
    });
    return new Smoothed(smoothing.rewritten(), List.copyOf(smoothing.smoothed));
  }

  /** Whether the input is the left factor, rows by the last axis, and no param. */
  private static boolean takesRows(Model model, LayerInput at) {
    return at.unfolding() instanceof Unfolding.Features(int _, boolean columnsFirst)
        && !columnsFirst
        && at.node().input(0).equals(at.tensor())
        && at.node().input(1).equals(at.weight())
        && !model.params().containsKey(at.tensor());
  }

  private void smooth(String tensor, List<LayerInput> layers, float[] reach, double strength) {
    int columns = reach.length;
    float[] weights = new float[columns];
    for (LayerInput layer : layers) {
      Param p = model.param(layer.weight());
      Rows rows = Rows.of(p.shape(), layer.outputsFirst());
      float[] w = p.values().toFloats();
      for (int o = 0; o < rows.outputs(); o++) {
        for (int c = 0; c < columns; c++) {
          weights[c] = Math.max(weights[c], Math.abs(w[rows.entry(o, c)]));
        }
      }
    }
    float[] factors = new float[columns];
    for (int c = 0; c < columns; c++) {
      boolean moves = reach[c] > LEAST && weights[c] > LEAST;
      double s = moves ? Math.pow(reach[c], strength) / Math.pow(weights[c], 1 - strength) : 1;
      factors[c] = (float) Math.max(LEAST, s);
    }
    for (LayerInput layer : layers) {
      Param p = model.param(layer.weight());
      Rows rows = Rows.of(p.shape(), layer.outputsFirst());
      float[] w = p.values().toFloats();
      for (int o = 0; o < rows.outputs(); o++) {
        for (int c = 0; c < columns; c++) {
          w[rows.entry(o, c)] *= factors[c];
        }
      }
      params.put(p.name(), p.with(new Dense(Tensor.ofFloats(p.type(), p.shape(), w))));
      smoothed.add(p.name());
    }
    List<Node> products = layers.stream().map(LayerInput::node).toList();
    boolean alone = !wiring.isOutput(tensor) && products.containsAll(wiring.readers(tensor));
    if (!alone || !divideMaker(tensor, factors)) {
      divide(tensor, products, factors);
    }
  }

  /** Divides in the params of what makes {@code tensor}; false if it has none that allow it. */
  private boolean divideMaker(String tensor, float[] factors) {
    Optional<Node> maker = wiring.maker(tensor);
    if (maker.isEmpty()) {
      return false;
    }
    Node node = maker.get();
    if (node.is("LayerNormalization")) {
      boolean shifted = !node.input(2).isEmpty();
      boolean own =
          vector(node, 1, factors.length) && (!shifted || vector(node, 2, factors.length));
      if (own) {
        divide(node.input(1), factors);
        if (shifted) {
          divide(node.input(2), factors);
        }
      }
      return own;
    }
    if (node.is("Mul")) {
      return factor(node, factors).map(p -> divided(p, factors)).orElse(false);
    }
    if (!node.is("Add")) {
      return false;
    }
    Optional<String> term = factor(node, factors);
    if (term.isEmpty()) {
      return false;
    }
    String product = node.input(node.input(0).equals(term.get()) ? 1 : 0);
    Optional<Node> mul =
        wiring.maker(product).filter(m -> m.is("Mul") && wiring.onlyReader(product).isPresent());
    Optional<String> factor = mul.flatMap(m -> factor(m, factors));
    return factor.isPresent() && divided(term.get(), factors) && divided(factor.get(), factors);
  }

  /** The vector that a {@code Mul} or {@code Add} has as one input, if it is a param of its own. */
  private Optional<String> factor(Node node, float[] factors) {
    return vector(node, 1, factors.length)
        ? Optional.of(node.input(1))
        : vector(node, 0, factors.length) ? Optional.of(node.input(0)) : Optional.empty();
  }

  private boolean vector(Node node, int input, int length) {
    Param p = params.get(node.input(input));
    return p != null
        && p.shape().equals(Shape.of(length))
        && wiring.readers(p.name()).size() == 1
        && Wiring.floats(model, p.name()).isPresent();
  }

  private boolean divided(String param, float[] factors) {
    divide(param, factors);
    return true;
  }

  private void divide(String param, float[] factors) {
    Param p = params.getOrDefault(param, model.param(param));
    float[] values = p.values().toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] /= factors[i];
    }
    params.put(param, p.with(new Dense(Tensor.ofFloats(p.type(), p.shape(), values))));
  }

  /** Puts a {@code Mul} between {@code tensor} and the products that read it. */
  private void divide(String tensor, List<Node> products, float[] factors) {
    float[] inverse = new float[factors.length];
    for (int c = 0; c < inverse.length; c++) {
      inverse[c] = 1 / factors[c];
    }
    Param like = model.param(products.getFirst().input(1));
    String factor = wiring.unique(tensor + ".smoothing");
    params.put(
        factor, Param.of(factor, Tensor.ofFloats(like.type(), Shape.of(inverse.length), inverse)));
    String out = wiring.unique(tensor + ".smoothed");
    divisions.put(tensor, Node.of("Mul", List.of(tensor, factor), List.of(out), Map.of()));
    for (Node product : products) {
      List<String> inputs = new ArrayList<>(product.inputs());
      inputs.set(0, out);
      replaced.put(product, Wiring.reading(product, inputs));
    }
  }

  private Model rewritten() {
    Graph graph = model.graph().orElseThrow();
    List<Node> nodes = new ArrayList<>();
    graph.inputs().forEach(i -> Optional.ofNullable(divisions.get(i.name())).ifPresent(nodes::add));
    for (Node node : graph.nodes()) {
      nodes.add(replaced.getOrDefault(node, node));
      node.outputs().forEach(o -> Optional.ofNullable(divisions.get(o)).ifPresent(nodes::add));
    }
    return new Model(
        Optional.of(
            new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
        params,
        model.opsets(),
        model.metadata(),
        model.carried());
  }
}
