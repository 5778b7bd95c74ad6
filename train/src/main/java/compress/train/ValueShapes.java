package compress.train;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The shapes of all values of a network, by one run in ONNX Runtime with inputs of zeros. Large
 * weights are zeros too and are not written to disk: shapes do not depend on them.
 */
public final class ValueShapes {
  /** What an open axis other than the first is taken to be: tokens, or pixels of an image. */
  private static final long TOKENS = 128;

  private static final long PIXELS = 224;

  /** Smaller params keep their numbers. */
  private static final long SMALL = 1024;

  /** {@code ConstantOfShape} exists from this operator set on. */
  private static final long CONSTANT_OF_SHAPE = 9;

  /** Domains whose operators ONNX Runtime has. */
  private static final Set<String> KNOWN = Set.of("", "ai.onnx", "com.microsoft");

  private ValueShapes() {}

  /**
   * The shape of each param, input and value, in the order of the model. Left out is what an
   * operator of a foreign domain computes, and all that follows from it.
   *
   * @param batch the length of an open first axis of an input; other open axes become 128, those of
   *     images 224
   * @throws IllegalArgumentException if the model has no graph, or an input without a type
   * @throws compress.model.FormatException if ONNX Runtime cannot load the network
   * @throws IOException if it cannot be run with these inputs
   */
  public static SequencedMap<String, Shape> of(Model model, long batch) throws IOException {
    Graph graph =
        model
            .graph()
            .orElseThrow(() -> new IllegalArgumentException("the model has no graph to run"));
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    model.params().forEach((name, param) -> shapes.put(name, param.shape()));
    SequencedMap<String, String> asked = new LinkedHashMap<>();
    Model probe = probe(model, graph, asked);
    Map<String, Tensor> inputs = new HashMap<>();
    for (ValueInfo input : graph.inputs()) {
      Tensor zeros = zeros(input, batch);
      inputs.put(input.name(), zeros);
      shapes.put(input.name(), zeros.shape());
    }
    Path file = Files.createTempFile("compress-shapes", ".onnx");
    try {
      ModelFiles.write(probe, file);
      try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(file, 1)) {
        SequencedMap<String, Tensor> outputs = engine.run(inputs);
        asked.forEach((value, name) -> {
          Tensor shape = Objects.requireNonNull(outputs.get(name));
          shapes.put(value, Shape.of(shape.toLongs()));
        });
      }
    } finally {
      Files.deleteIfExists(file);
    }
    return shapes;
  }

  /** Inputs as {@link #of} has them. */
  public static SequencedMap<String, Shape> inputs(Graph graph, long batch) {
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    graph.inputs().forEach(i -> shapes.put(i.name(), shape(i, batch)));
    return shapes;
  }

  private static Tensor zeros(ValueInfo input, long batch) {
    DType type =
        input
            .type()
            .orElseThrow(
                () -> new IllegalArgumentException("input '" + input.name() + "' is no tensor"));
    Shape shape = shape(input, batch);
    return new Tensor(type, shape, Arena.ofAuto().allocate(type.bytesFor(shape.size()), 8));
  }

  private static Shape shape(ValueInfo input, long batch) {
    List<OptionalLong> dims =
        input
            .dims()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "input '" + input.name() + "' does not say how many axes it has"));
    long[] lengths = new long[dims.size()];
    for (int i = 0; i < lengths.length; i++) {
      long open = i == 0 ? batch : lengths.length >= 4 && i >= 2 ? PIXELS : TOKENS;
      lengths[i] = dims.get(i).orElse(open);
    }
    return Shape.of(lengths);
  }

  /**
   * The same network, whose outputs are the shapes of its values.
   *
   * @param asked receives for each value the output that holds its shape
   */
  private static Model probe(Model model, Graph graph, SequencedMap<String, String> asked) {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Param param : model.params().values()) {
      if (isReplaceable(model, param)) {
        String dims = param.name() + ":dims";
        params.put(dims, Param.of(dims, longs(param.shape().toArray())));
        Tensor zero =
            new Tensor(param.type(), Shape.of(1), Arena.ofAuto().allocate(param.type().bits() / 8));
        nodes.add(
            Node.of(
                "ConstantOfShape",
                List.of(dims),
                List.of(param.name()),
                Map.of("value", new Attribute.TensorValue(zero))));
      } else {
        params.put(param.name(), param);
      }
    }
    List<ValueInfo> outputs = new ArrayList<>();
    Set<String> unknown = new HashSet<>();
    List<Node> questions = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!isKnown(node) || node.inputs().stream().anyMatch(unknown::contains)) {
        unknown.addAll(node.outputs());
        continue;
      }
      nodes.add(node);
      for (String value : node.outputs()) {
        if (!value.isEmpty()) {
          String name = value + ":shape";
          asked.put(value, name);
          questions.add(Node.of("Shape", List.of(value), List.of(name), Map.of()));
          outputs.add(new ValueInfo(name, Optional.of(DType.I64), Optional.empty(), new byte[0]));
        }
      }
    }
    nodes.addAll(questions);
    return new Model(
        Optional.of(new Graph(graph.name(), nodes, graph.inputs(), outputs, graph.carried())),
        params,
        model.opsets(),
        model.metadata(),
        model.carried());
  }

  private static boolean isReplaceable(Model model, Param param) {
    return model.opset() >= CONSTANT_OF_SHAPE
        && param.size() > SMALL
        && (param.type() == DType.F32 || param.type() == DType.F64 || param.type() == DType.F16);
  }

  private static boolean isKnown(Node node) {
    boolean noTensor = node.op().contains("Sequence") || node.op().startsWith("Optional");
    return KNOWN.contains(node.domain()) && !noTensor;
  }

  private static Tensor longs(long[] values) {
    return Tensor.ofLongs(Shape.of(values.length), values);
  }
}
