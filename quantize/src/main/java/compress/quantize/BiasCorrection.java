package compress.quantize;

import compress.model.Dense;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.LayerInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Takes off each output what the error of its weights adds to it on average: {@code b' = b - (W' -
 * W) E[x]}. A {@code Conv} or {@code Gemm} without a bias gets one; the bias of a {@code MatMul} is
 * the constant that an {@code Add} after it adds, and one without stays as it is.
 *
 * @see <a href="https://arxiv.org/abs/1906.04721">Nagel et al. 2019</a>, section 4.2, with the
 *     means taken from samples
 */
final class BiasCorrection {
  private final Model model;
  private final SequencedMap<String, Param> params;
  private final Wiring wiring;
  private final Map<Node, Node> replaced = new LinkedHashMap<>();
  private final List<String> corrected = new ArrayList<>();

  private BiasCorrection(Model model) {
    this.model = model;
    this.params = new LinkedHashMap<>(model.params());
    this.wiring = new Wiring(model);
  }

  /**
   * @param corrected the weights whose layers have another bias now
   */
  record Corrected(Model model, List<String> corrected) {}

  /**
   * @param before with the weights as they were
   * @param after the same graph with quantized weights
   * @param means of the inputs, by weight
   */
  static Corrected of(Model before, Model after, Map<String, ColumnMeans> means) {
    BiasCorrection correction = new BiasCorrection(after);
    Map<String, List<LayerInput>> places = LayerInput.of(after);
    means.forEach((weight, mean) -> {
      List<LayerInput> at = places.getOrDefault(weight, List.of());
      if (at.size() == 1) {
        correction.correct(before.param(weight), after.param(weight), at.getFirst(), mean);
      }
    });
    Graph graph = after.graph().orElseThrow();
    List<Node> nodes =
        graph.nodes().stream().map(n -> correction.replaced.getOrDefault(n, n)).toList();
    Model model =
        new Model(
            Optional.of(
                new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
            correction.params,
            after.opsets(),
            after.metadata(),
            after.carried());
    return new Corrected(model, List.copyOf(correction.corrected));
  }

  private void correct(Param was, Param is, LayerInput place, ColumnMeans means) {
    Rows rows = Rows.of(was.shape(), place.outputsFirst());
    int groups = place.unfolding().groups();
    float[] before = was.values().toFloats();
    float[] after = is.values().toFloats();
    double[] shift = new double[rows.outputs()];
    for (int o = 0; o < shift.length; o++) {
      int group = o / (rows.outputs() / groups);
      for (int c = 0; c < rows.columns(); c++) {
        int entry = rows.entry(o, c);
        shift[o] += ((double) after[entry] - before[entry]) * means.mean(group, c);
      }
    }
    Node node = place.node();
    Optional<String> bias = bias(node, shift.length);
    if (bias.isPresent()) {
      Param b = model.param(bias.get());
      float[] values = b.values().toFloats();
      for (int o = 0; o < values.length; o++) {
        values[o] -= (float) shift[o];
      }
      params.put(b.name(), b.with(new Dense(Tensor.ofFloats(b.type(), b.shape(), values))));
      corrected.add(is.name());
    } else if (!node.is("MatMul") && node.input(2).isEmpty()) {
      float[] values = new float[shift.length];
      for (int o = 0; o < values.length; o++) {
        values[o] = (float) -shift[o];
      }
      String name = wiring.unique(is.name() + ".bias");
      params.put(name, Param.of(name, Tensor.ofFloats(is.type(), Shape.of(values.length), values)));
      replaced.put(node, Wiring.reading(node, List.of(node.input(0), node.input(1), name)));
      corrected.add(is.name());
    }
  }

  /** The bias of a layer, if it is a vector of its own. */
  private Optional<String> bias(Node node, int outputs) {
    Optional<String> name =
        node.is("MatMul")
            ? wiring
                .onlyReader(node.outputs().getFirst())
                .filter(n -> n.is("Add"))
                .map(n -> n.input(0).equals(node.outputs().getFirst()) ? n.input(1) : n.input(0))
            : Optional.of(node.input(2));
    return name.filter(model.params()::containsKey)
        .filter(b -> wiring.readers(b).size() == 1)
        .filter(b -> model.param(b).values() instanceof Dense)
        .filter(b -> model.param(b).shape().equals(Shape.of(outputs)))
        .filter(b -> !node.is("Gemm") || node.floatAttribute("beta", 1) == 1);
  }
}
