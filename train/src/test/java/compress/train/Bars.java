package compress.train;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.LongStream;

/** Small networks for images {@code [1, 28, 28]}. */
final class Bars {
  private Bars() {}

  /** A convolution with batch normalization, and a softmax at the end. */
  static Model withBatchNorm(long seed) {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    random(params, seed, "w", 4, 1, 3, 28);
    filled(params, "scale", 4, 1);
    filled(params, "shift", 4, 0);
    filled(params, "mean", 4, 0);
    filled(params, "variance", 4, 1);
    random(params, seed + 1, "fc", 36, 10);
    List<Node> nodes =
        List.of(
            Node.of(
                "Conv",
                List.of("input", "w"),
                List.of("c"),
                Map.of("strides", new Attribute.Ints(List.of(3L, 1L)))),
            Node.of(
                "BatchNormalization",
                List.of("c", "scale", "shift", "mean", "variance"),
                List.of("n"),
                Map.of()),
            Node.of("Flatten", List.of("n"), List.of("f"), Map.of()),
            Node.of("MatMul", List.of("f", "fc"), List.of("s"), Map.of()),
            Node.of("Softmax", List.of("s"), List.of("output"), Map.of()));
    return model(nodes, params, OptionalLong.empty());
  }

  /** The same network, but its input says that the batch is 1, and a reshape counts on it. */
  static Model withReshapeToOne(Model model) {
    SequencedMap<String, Param> params = new LinkedHashMap<>(model.params());
    params.put("to", Param.of("to", Tensor.ofLongs(Shape.of(4), 1, 1, 28, 28)));
    return prefixed(
        model, params, Node.of("Reshape", List.of("input", "to"), List.of("u"), Map.of()));
  }

  /** The same network, but it does not work with any batch but 1. */
  static Model withBatchOfOne(Model model) {
    SequencedMap<String, Param> params = new LinkedHashMap<>(model.params());
    params.put("axis", Param.of("axis", Tensor.ofLongs(Shape.of(1), 0)));
    return prefixed(
        model,
        params,
        Node.of("Squeeze", List.of("input", "axis"), List.of("s"), Map.of()),
        Node.of("Unsqueeze", List.of("s", "axis"), List.of("u"), Map.of()));
  }

  /** Puts nodes between the input and the first node, which then reads "u". */
  private static Model prefixed(Model model, SequencedMap<String, Param> params, Node... before) {
    List<Node> nodes = new ArrayList<>(List.of(before));
    nodes.addAll(model.graph().orElseThrow().nodes());
    Node first = nodes.get(before.length);
    List<String> inputs = new ArrayList<>(first.inputs());
    inputs.set(0, "u");
    nodes.set(before.length, Node.of(first.op(), inputs, first.outputs(), first.attributes()));
    return model(nodes, params, OptionalLong.of(1));
  }

  static Model withUnknownOperators() {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    random(params, 1, "w", 784, 10);
    List<Node> nodes =
        List.of(
            Node.of("Frobnicate", List.of("input"), List.of("a"), Map.of()),
            new Node("b", "Relu", "com.example", List.of("a"), List.of("b"), Map.of(), new byte[0]),
            Node.of("MatMul", List.of("b", "w"), List.of("output"), Map.of()));
    return model(nodes, params, OptionalLong.empty());
  }

  private static Model model(
      List<Node> nodes, SequencedMap<String, Param> params, OptionalLong batch) {
    ValueInfo input =
        new ValueInfo(
            "input",
            Optional.of(DType.F32),
            Optional.of(
                List.of(batch, OptionalLong.of(1), OptionalLong.of(28), OptionalLong.of(28))),
            new byte[0]);
    ValueInfo output =
        new ValueInfo("output", Optional.of(DType.F32), Optional.empty(), new byte[0]);
    Graph graph = new Graph("g", nodes, List.of(input), List.of(output), new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", 17L), Map.of(), new byte[0]);
  }

  private static void random(
      SequencedMap<String, Param> params, long seed, String name, long... dims) {
    Random random = new Random(seed);
    float[] values = new float[(int) LongStream.of(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.1 * random.nextGaussian());
    }
    params.put(name, Param.of(name, Tensor.of(Shape.of(dims), values)));
  }

  private static void filled(
      SequencedMap<String, Param> params, String name, int length, float value) {
    float[] values = new float[length];
    Arrays.fill(values, value);
    params.put(name, Param.of(name, Tensor.of(Shape.of(length), values)));
  }
}
