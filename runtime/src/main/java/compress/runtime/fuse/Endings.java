package compress.runtime.fuse;

import compress.model.Attribute;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.runtime.fuse.Fusion.Rewrite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Bias, residual and activation, into the product before them. */
final class Endings {
  private static final String FUSED = "compress.fused";
  private static final Set<String> PRODUCTS = Set.of("Conv", "MatMul", "Gemm");
  private static final int BIAS = 2;
  private static final int RESIDUAL = 3;

  private Endings() {}

  /** A product with constant weights that one node reads, and no function at its end. */
  private static Optional<Node> product(View graph, String value) {
    return graph
        .maker(value, 1)
        .filter(n -> n.domain().equals(FUSED) || n.is(n.op()))
        .filter(n -> PRODUCTS.contains(n.op()) && graph.isParam(n.input(1)))
        .filter(n -> !n.attributes().containsKey("activation"));
  }

  /** {@code Add} of a constant vector along the rows of the weights. */
  static Optional<Rewrite> bias(Node last, View graph) {
    if (!last.is("Add")) {
      return Optional.empty();
    }
    for (String value : last.inputs()) {
      Optional<Node> product = product(graph, value).filter(n -> n.input(BIAS).isEmpty());
      Param bias = graph.param(View.other(last, value));
      if (product.isPresent() && bias != null) {
        Param weights = graph.param(product.get().input(1));
        Optional<Param> vector =
            weights == null ? Optional.empty() : vector(product.get(), weights.shape(), bias);
        if (vector.isPresent()) {
          Node node = with(product.get(), last, BIAS, vector.get().name(), Map.of());
          return Optional.of(new Rewrite(node, List.of(product.get()), List.of(vector.get())));
        }
      }
    }
    return Optional.empty();
  }

  /** The bias as a vector, if it is one number for each output. */
  private static Optional<Param> vector(Node product, Shape weights, Param bias) {
    if (product.floatAttribute("alpha", 1) != 1 || product.floatAttribute("beta", 1) != 1) {
      return Optional.empty();
    }
    boolean convolution = product.op().equals("Conv");
    boolean outputsFirst = convolution || product.intAttribute("transB", 0) != 0;
    long outputs = weights.dim(outputsFirst ? 0 : weights.rank() - 1);
    int rank = bias.shape().rank();
    int axis = convolution ? rank - (weights.rank() - 1) : rank - 1;
    boolean fits =
        rank <= weights.rank()
            && axis >= 0
            && bias.size() == outputs
            && bias.shape().dim(axis) == outputs;
    return fits
        ? Optional.of(
            Param.of(
                bias.name() + ":vector", Tensor.of(Shape.of(outputs), bias.values().toFloats())))
        : Optional.empty();
  }

  /** {@code Add} of something the network computes. */
  static Optional<Rewrite> residual(Node last, View graph) {
    if (!last.is("Add") || last.input(0).equals(last.input(1))) {
      return Optional.empty();
    }
    // What is made later is the product; the other is there by then.
    List<String> latestFirst = new ArrayList<>(last.inputs());
    latestFirst.sort((a, b) -> Integer.compare(graph.place(b), graph.place(a)));
    for (String value : latestFirst) {
      String other = View.other(last, value);
      Optional<Node> product = product(graph, value).filter(n -> n.input(RESIDUAL).isEmpty());
      if (product.isPresent() && !graph.isParam(other)) {
        Node node = with(product.get(), last, RESIDUAL, other, Map.of());
        return Rewrite.of(node, product.get());
      }
    }
    return Optional.empty();
  }

  /** {@code Relu}, or {@code Clip} from 0 to 6 or upwards. */
  static Optional<Rewrite> activation(Node last, View graph) {
    Optional<String> name = function(last, graph);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    return product(graph, last.input(0))
        .flatMap(product -> {
          Map<String, Attribute> more = Map.of("activation", new Attribute.Text(name.get()));
          return Rewrite.of(with(product, last, -1, "", more), product);
        });
  }

  private static Optional<String> function(Node node, View graph) {
    if (node.is("Relu")) {
      return Optional.of("RELU");
    }
    if (!node.is("Clip")) {
      return Optional.empty();
    }
    boolean inputs = node.inputs().size() > 1;
    Optional<Float> low =
        inputs ? graph.scalar(node.input(1)) : Optional.of(node.floatAttribute("min", -1));
    Optional<Float> high =
        inputs && !node.input(2).isEmpty()
            ? graph.scalar(node.input(2))
            : Optional.of(node.floatAttribute("max", Float.POSITIVE_INFINITY));
    if (low.isEmpty() || high.isEmpty() || low.get() != 0) {
      return Optional.empty();
    }
    return high.get() == 6
        ? Optional.of("RELU6")
        : high.get() >= Float.MAX_VALUE ? Optional.of("RELU") : Optional.empty();
  }

  private static Node with(
      Node product, Node last, int input, String value, Map<String, Attribute> more) {
    List<String> inputs = new ArrayList<>(product.inputs());
    while (inputs.size() <= input) {
      inputs.add("");
    }
    if (input >= 0) {
      inputs.set(input, value);
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>(product.attributes());
    attributes.putAll(more);
    return new Node(
        product.name(), product.op(), FUSED, inputs, last.outputs(), attributes, new byte[0]);
  }
}
