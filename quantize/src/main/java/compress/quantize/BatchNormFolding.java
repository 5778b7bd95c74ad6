package compress.quantize;

import compress.model.Dense;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Takes batch normalizations into the convolutions before them: {@code W' = W g / sqrt(v + e)} and
 * {@code b' = (b - m) g / sqrt(v + e) + beta}, output by output. The network computes the same, up
 * to rounding, and has a node less. Zero weights stay zero.
 *
 * <p>Left as it is where that would not be the same: if the convolution's answer is read by
 * something else too, if its weights are shared with another node, or if they are stored in fewer
 * bits already.
 *
 * @see <a href="https://arxiv.org/abs/1712.05877">Jacob et al. 2018</a>, section 3.2
 */
final class BatchNormFolding {
  private static final float USUAL_EPSILON = 1e-5f;

  private final Model model;
  private final Wiring wiring;
  private final SequencedMap<String, Param> params;
  private final List<String> folded = new ArrayList<>();

  private BatchNormFolding(Model model) {
    this.model = model;
    this.wiring = new Wiring(model);
    this.params = new LinkedHashMap<>(model.params());
  }

  /**
   * @param folded the labels of the nodes that are gone
   */
  record Folded(Model model, List<String> folded) {}

  /** A model with a graph. */
  static Folded of(Model model) {
    BatchNormFolding folding = new BatchNormFolding(model);
    return new Folded(folding.fold(), List.copyOf(folding.folded));
  }

  private Model fold() {
    Graph graph = model.graph().orElseThrow();
    List<Node> nodes = new ArrayList<>(graph.nodes());
    for (Node norm : graph.nodes()) {
      Optional<Node> conv =
          norm.is("BatchNormalization") && norm.outputs().size() == 1
              ? wiring.maker(norm.input(0)).filter(c -> foldable(c, norm))
              : Optional.empty();
      if (conv.isPresent()) {
        Node merged = merged(conv.get(), norm);
        nodes.set(nodes.indexOf(conv.get()), merged);
        nodes.remove(norm);
        folded.add(norm.label());
      }
    }
    Set<String> read = new HashSet<>();
    nodes.forEach(n -> read.addAll(n.inputs()));
    graph.outputs().forEach(o -> read.add(o.name()));
    for (Node norm : graph.nodes()) {
      if (folded.contains(norm.label())) {
        norm.inputs().stream().filter(i -> !read.contains(i)).forEach(params::remove);
      }
    }
    return new Model(
        Optional.of(
            new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
        params,
        model.opsets(),
        model.metadata(),
        model.carried());
  }

  private boolean foldable(Node conv, Node norm) {
    if (!conv.is("Conv") || wiring.onlyReader(norm.input(0)).isEmpty()) {
      return false;
    }
    boolean own =
        wiring.readers(conv.input(1)).size() == 1
            && (conv.input(2).isEmpty() || wiring.readers(conv.input(2)).size() == 1);
    List<String> needed = new ArrayList<>(norm.inputs().subList(1, 5));
    needed.add(conv.input(1));
    if (!conv.input(2).isEmpty()) {
      needed.add(conv.input(2));
    }
    return own && needed.stream().allMatch(name -> Wiring.floats(model, name).isPresent());
  }

  private Node merged(Node conv, Node norm) {
    Param weight = model.param(conv.input(1));
    float[] w = Wiring.floats(model, conv.input(1)).orElseThrow();
    float[] gain = Wiring.floats(model, norm.input(1)).orElseThrow();
    float[] beta = Wiring.floats(model, norm.input(2)).orElseThrow();
    float[] mean = Wiring.floats(model, norm.input(3)).orElseThrow();
    float[] variance = Wiring.floats(model, norm.input(4)).orElseThrow();
    float[] b =
        conv.input(2).isEmpty()
            ? new float[gain.length]
            : Wiring.floats(model, conv.input(2)).orElseThrow();
    double epsilon = norm.floatAttribute("epsilon", USUAL_EPSILON);
    int perOutput = w.length / gain.length;
    for (int o = 0; o < gain.length; o++) {
      double factor = gain[o] / Math.sqrt(variance[o] + epsilon);
      for (int i = o * perOutput; i < (o + 1) * perOutput; i++) {
        w[i] = (float) (w[i] * factor);
      }
      b[o] = (float) ((b[o] - mean[o]) * factor + beta[o]);
    }
    params.put(
        conv.input(1), weight.with(new Dense(Tensor.ofFloats(weight.type(), weight.shape(), w))));
    String bias = conv.input(2).isEmpty() ? wiring.unique(conv.input(1) + ".bias") : conv.input(2);
    params.put(bias, Param.of(bias, Tensor.ofFloats(weight.type(), Shape.of(b.length), b)));
    return Wiring.making(
        Wiring.reading(conv, List.of(conv.input(0), conv.input(1), bias)), norm.outputs());
  }
}
