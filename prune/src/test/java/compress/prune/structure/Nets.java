package compress.prune.structure;

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
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** Writes small networks down, node by node, with random weights. */
public final class Nets {
  final SplittableRandom random;
  private final List<Node> nodes = new ArrayList<>();
  private final SequencedMap<String, Param> params = new LinkedHashMap<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final long opset;
  private int numbers;

  public Nets(long seed, long opset) {
    this.random = new SplittableRandom(seed);
    this.opset = opset;
  }

  /** An input with an open batch. */
  public String input(String name, DType type, long... sample) {
    inputs.add(info(name, type, sample));
    return name;
  }

  /** A weight or the like. */
  public String param(String name, long... dims) {
    return param(name, false, dims);
  }

  /** Above 0. */
  public String positive(String name, long... dims) {
    return param(name, true, dims);
  }

  private String param(String name, boolean positive, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      float drawn = (float) random.nextGaussian() / 2;
      values[i] = positive ? Math.abs(drawn) + 0.5f : drawn;
    }
    params.put(name, Param.of(name, Tensor.of(shape, values)));
    return name;
  }

  public String longs(String name, long... values) {
    params.put(name, Param.of(name, Tensor.ofLongs(Shape.of(values.length), values)));
    return name;
  }

  public String floats(String name, float... values) {
    params.put(name, Param.of(name, Tensor.of(Shape.of(values.length), values)));
    return name;
  }

  public String scalar(String name, long value) {
    params.put(name, Param.of(name, Tensor.ofLongs(Shape.of(), value)));
    return name;
  }

  public String byteScalar(String name, int value) {
    byte[] one = {(byte) value};
    params.put(name, Param.of(name, Tensor.of(DType.U8, Shape.of(), one)));
    return name;
  }

  public String scalar(String name, float value) {
    params.put(name, Param.of(name, Tensor.of(Shape.of(), value)));
    return name;
  }

  public String fresh(String stem) {
    return stem + numbers++;
  }

  public String node(String op, Map<String, Attribute> attributes, String... from) {
    return nodes(op, attributes, 1, from).getFirst();
  }

  public List<String> nodes(
      String op, Map<String, Attribute> attributes, int outputs, String... from) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      names.add(fresh(op.toLowerCase(java.util.Locale.ROOT)));
    }
    nodes.add(Node.of(op, List.of(from), names, attributes));
    return names;
  }

  public String foreign(String domain, String op, String from) {
    String name = fresh("foreign");
    nodes.add(new Node(name, op, domain, List.of(from), List.of(name), Map.of(), new byte[0]));
    return name;
  }

  /** A 3x3 convolution that keeps the size, with a bias. */
  public String conv(String x, int from, int to) {
    return conv(x, from, to, 3, 1);
  }

  public String conv(String x, int from, int to, int kernel, int groups) {
    String name = fresh("conv");
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("pads", ints(kernel / 2, kernel / 2, kernel / 2, kernel / 2));
    attributes.put("group", integer(groups));
    return node(
        "Conv",
        attributes,
        x,
        param(name + ".weight", to, from / groups, kernel, kernel),
        param(name + ".bias", to));
  }

  public String bn(String x, int channels) {
    String name = fresh("bn");
    return node(
        "BatchNormalization",
        Map.of(),
        x,
        param(name + ".weight", channels),
        param(name + ".bias", channels),
        param(name + ".mean", channels),
        positive(name + ".var", channels));
  }

  public String relu(String x) {
    return node("Relu", Map.of(), x);
  }

  public String gemm(String x, int from, int to) {
    String name = fresh("fc");
    return node(
        "Gemm",
        Map.of("transB", integer(1)),
        x,
        param(name + ".weight", to, from),
        param(name + ".bias", to));
  }

  /** {@code x * W + b}, on the last axis. */
  public String linear(String x, int from, int to) {
    String name = fresh("linear");
    String product = node("MatMul", Map.of(), x, param(name + ".weight", from, to));
    return node("Add", Map.of(), product, param(name + ".bias", to));
  }

  public String flatten(String x) {
    return node("Flatten", Map.of("axis", integer(1)), x);
  }

  public String pool(String x) {
    return node("GlobalAveragePool", Map.of(), x);
  }

  public Model model(String... outputs) {
    Graph graph =
        new Graph(
            "net",
            List.copyOf(nodes),
            List.copyOf(inputs),
            Arrays.stream(outputs)
                .map(o -> new ValueInfo(o, Optional.of(DType.F32), Optional.empty(), new byte[0]))
                .toList(),
            new byte[0]);
    return new Model(
        Optional.of(graph), params, Map.of("", opset, "test", 1L), Map.of(), new byte[0]);
  }

  private static ValueInfo info(String name, DType type, long... sample) {
    List<OptionalLong> dims = new ArrayList<>();
    dims.add(OptionalLong.empty());
    LongStream.of(sample).forEach(d -> dims.add(d < 0 ? OptionalLong.empty() : OptionalLong.of(d)));
    return new ValueInfo(name, Optional.of(type), Optional.of(dims), new byte[0]);
  }

  public static Attribute integer(long value) {
    return new Attribute.IntValue(value);
  }

  public static Attribute ints(long... values) {
    return new Attribute.Ints(LongStream.of(values).boxed().toList());
  }
}
