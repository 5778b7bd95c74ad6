package compress.quantize;

import compress.model.Affine;
import compress.model.Attribute;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Multiplies integers with integers without knowing the activations before: each {@code MatMul} and
 * {@code Gemm} whose weights are integers of 8 bits rounds its input by the range of that very
 * input ({@code DynamicQuantizeLinear}), multiplies ({@code MatMulInteger}), and scales the result.
 * ONNX Runtime makes one node of the three.
 *
 * <p>The weights of these layers are plain integer tensors of the graph afterwards, {@code
 * W.quantized} with {@code W.scale}: no other way to write it is run fast. Nothing lifts them back
 * to a param of floats.
 */
final class DynamicQuantizer {
  private final Model model;
  private final ActivationOptions options;
  private final Wiring wiring;
  private final SequencedMap<String, Param> params;
  private final Map<String, List<String>> inputs = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> done = new ArrayList<>();

  private DynamicQuantizer(Model model, ActivationOptions options) {
    this.model = model;
    this.options = options;
    this.wiring = new Wiring(model);
    this.params = new LinkedHashMap<>(model.params());
  }

  /** What came of it, and the labels of the nodes that multiply integers now. */
  record Quantized(Model model, List<String> nodes) {}

  /** The first operator set with all of the operators. */
  static final long OPSET = 11;

  static Quantized of(Model model, ActivationOptions options) {
    DynamicQuantizer q = new DynamicQuantizer(model, options);
    Graph graph = model.graph().orElseThrow();
    for (Node node : graph.nodes()) {
      if (q.takes(node)) {
        q.replace(node);
      } else {
        q.nodes.add(node);
      }
    }
    Model result =
        new Model(
            Optional.of(
                new Graph(graph.name(), q.nodes, graph.inputs(), graph.outputs(), graph.carried())),
            q.params,
            model.opsets(),
            model.metadata(),
            model.carried());
    return new Quantized(result, List.copyOf(q.done));
  }

  private boolean takes(Node node) {
    boolean gemm =
        node.is("Gemm")
            && node.intAttribute("transA", 0) == 0
            && node.floatAttribute("alpha", 1) == 1
            && node.floatAttribute("beta", 1) == 1;
    if (!gemm && !node.is("MatMul")
        || options.excludes(node)
        || model.params().containsKey(node.input(0))
        || !model.params().containsKey(node.input(1))) {
      return false;
    }
    Param weight = model.param(node.input(1));
    if (!(weight.values() instanceof Affine affine)) {
      return false;
    }
    int outputs = gemm && node.intAttribute("transB", 0) != 0 ? 0 : 1;
    boolean scales =
        switch (affine.granularity()) {
          case Granularity.PerTensor() -> true;
          case Granularity.PerAxis(int axis) -> axis == outputs;
          case Granularity.PerGroup _ -> false;
        };
    return scales
        && weight.type() == DType.F32
        && weight.shape().rank() == 2
        && affine.integers().type().isInteger()
        && affine.integers().type().bits() == Byte.SIZE
        && wiring.readers(weight.name()).size() == 1;
  }

  private void replace(Node node) {
    Param weight = model.param(node.input(1));
    Affine affine = (Affine) weight.values();
    boolean transposed = node.intAttribute("transB", 0) != 0;
    List<String> x = inputs.computeIfAbsent(node.input(0), this::rounded);
    params.remove(weight.name());
    String w =
        param(
            weight.name() + ".quantized",
            transposed ? transposed(affine.integers()) : affine.integers());
    String scale = param(weight.name() + ".scale", affine.scale());
    List<String> factors = new ArrayList<>(List.of(x.get(0), w, x.get(2)));
    affine.zeroPoint().ifPresent(z -> factors.add(param(weight.name() + ".zero_point", z)));
    String y = node.outputs().getFirst();
    boolean bias = node.is("Gemm") && !node.input(2).isEmpty();
    String product = add("MatMulInteger", factors, y + ".integers", Map.of());
    String floats =
        add(
            "Cast",
            List.of(product),
            y + ".floats",
            Map.of("to", new Attribute.IntValue(DType.F32.onnxCode())));
    String factor = add("Mul", List.of(x.get(1), scale), y + ".factor", Map.of());
    if (bias) {
      String scaled = add("Mul", List.of(floats, factor), y + ".scaled", Map.of());
      nodes.add(named(node, "Add", List.of(scaled, node.input(2))));
    } else {
      nodes.add(named(node, "Mul", List.of(floats, factor)));
    }
    done.add(node.label());
  }

  private static Node named(Node node, String op, List<String> inputs) {
    return new Node(node.name(), op, "", inputs, node.outputs(), Map.of(), node.carried());
  }

  /** The integers of a value, their scale and their zero point. */
  private List<String> rounded(String value) {
    List<String> made =
        List.of(
            wiring.unique(value + ".quantized"),
            wiring.unique(value + ".scale"),
            wiring.unique(value + ".zero_point"));
    nodes.add(Node.of("DynamicQuantizeLinear", List.of(value), made, Map.of()));
    return made;
  }

  private String add(
      String op, List<String> inputs, String output, Map<String, Attribute> attributes) {
    String name = wiring.unique(output);
    nodes.add(Node.of(op, inputs, List.of(name), attributes));
    return name;
  }

  private String param(String wanted, Tensor tensor) {
    String name = wiring.unique(wanted);
    params.put(name, Param.of(name, tensor));
    return name;
  }

  private static Tensor transposed(Tensor matrix) {
    int rows = (int) matrix.shape().dim(0);
    int columns = (int) matrix.shape().dim(1);
    int[] values = new int[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        values[c * rows + r] = (int) matrix.longAt((long) r * columns + c);
      }
    }
    return Tensor.ofIntegers(matrix.type(), Shape.of(columns, rows), values);
  }
}
