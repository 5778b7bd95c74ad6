package compress.train;

import static java.util.stream.Collectors.joining;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.NearestName;
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
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** Networks to train from scratch. */
public final class Networks {
  private static final Map<String, Function<Networks, Model>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("lenet-300-100", Networks::lenet300);
    ALL.put("lenet-5", Networks::lenet5);
    ALL.put("resnet-20", network -> network.resnet(20, 16));
    ALL.put("mobilenet", Networks::mobilenet);
  }

  /** {@code resnet-DEPTH} or {@code resnet-DEPTH-CHANNELS}. */
  private static final Pattern RESNET = Pattern.compile("resnet-(\\d{1,4})(?:-(\\d{1,4}))?");

  /** {@code mlp-WIDTH-WIDTH} and so on. */
  private static final Pattern MLP = Pattern.compile("mlp((?:-\\d{1,5})+)");

  private final RandomGenerator random;
  private final List<Node> nodes = new ArrayList<>();
  private final SequencedMap<String, Param> params = new LinkedHashMap<>();

  private Networks(long seed) {
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /**
   * The names of networks of a fixed size. {@link #make} also knows {@code resnet-DEPTH}, where 6
   * divides depth less 2, {@code resnet-DEPTH-CHANNELS}, the channels of its first stage (16 if
   * they are not said), and {@code mlp-WIDTH-WIDTH}, a perceptron for MNIST with any number of
   * layers.
   */
  public static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /**
   * Checks that {@link #make} knows a name.
   *
   * @throws IllegalArgumentException naming the nearest that it knows
   */
  public static void require(String name) {
    maker(name);
  }

  private static Function<Networks, Model> maker(String name) {
    Function<Networks, Model> maker = ALL.get(name);
    if (maker != null) {
      return maker;
    }
    Matcher resnet = RESNET.matcher(name);
    if (resnet.matches()) {
      int depth = Integer.parseInt(resnet.group(1));
      int channels = resnet.group(2) == null ? 16 : Integer.parseInt(resnet.group(2));
      if (depth < 8 || depth % 6 != 2 || channels < 1) {
        throw new IllegalArgumentException(
            "no network is called '%s': the depth of a ResNet is 8, 14, 20 and so on"
                .formatted(name));
      }
      return network -> network.resnet(depth, channels);
    }
    Matcher mlp = MLP.matcher(name);
    if (mlp.matches()) {
      int[] widths =
          Arrays.stream(mlp.group(1).substring(1).split("-")).mapToInt(Integer::parseInt).toArray();
      if (Arrays.stream(widths).allMatch(w -> w > 0)) {
        return network -> network.perceptron(widths);
      }
    }
    throw new IllegalArgumentException(
        "no network is called '%s'%s; there are: %s, resnet-DEPTH[-CHANNELS], mlp-WIDTH[-WIDTH...]"
            .formatted(name, NearestName.hint(name, names()), String.join(", ", names())));
  }

  /**
   * A network with random params that only {@code seed} decides: He's uniform distribution for
   * weights, zero for biases.
   *
   * @throws IllegalArgumentException as {@link #require}
   * @see <a href="https://arxiv.org/abs/1502.01852">He et al. 2015</a>, section 2.2
   */
  public static Model make(String name, long seed) {
    return maker(name).apply(new Networks(seed));
  }

  /** Three fully connected layers, 266,610 params (LeCun et al. 1998). */
  private Model lenet300() {
    String x = node("Flatten", "flatten", Map.of("axis", integer(1)), "input");
    x = relu("relu1", dense("ip1", x, 784, 300));
    x = relu("relu2", dense("ip2", x, 300, 100));
    return model("lenet-300-100", new long[] {1, 28, 28}, dense("ip3", x, 100, 10), 10);
  }

  /** Two convolutions and two fully connected layers, Caffe's variant with 431,080 params. */
  private Model lenet5() {
    String x = pool("pool1", conv("conv1", "input", 1, 20, 5, 1, 0, true));
    x = pool("pool2", conv("conv2", x, 20, 50, 5, 1, 0, true));
    x = node("Flatten", "flatten", Map.of("axis", integer(1)), x);
    x = relu("relu1", dense("ip1", x, 800, 500));
    return model("lenet-5", new long[] {1, 28, 28}, dense("ip2", x, 500, 10), 10);
  }

  /** Fully connected layers of these widths, and one for the ten digits. */
  private Model perceptron(int... widths) {
    String x = node("Flatten", "flatten", Map.of("axis", integer(1)), "input");
    int from = 784;
    for (int i = 1; i <= widths.length; i++) {
      x = relu("relu" + i, dense("ip" + i, x, from, widths[i - 1]));
      from = widths[i - 1];
    }
    String name = "mlp" + Arrays.stream(widths).mapToObj(w -> "-" + w).collect(joining());
    return model(name, new long[] {1, 28, 28}, dense("ip" + (widths.length + 1), x, from, 10), 10);
  }

  /**
   * Residual blocks for CIFAR-10 in three stages, each of twice the channels, with a 1x1
   * convolution where they widen: 16, 32 and 64 channels and a depth of 20 in ResNet-20.
   *
   * @see <a href="https://arxiv.org/abs/1512.03385">He et al. 2016</a>, section 4.2
   */
  private Model resnet(int depth, int channels) {
    String x = relu("relu1", normalized("conv1", "input", 3, channels, 3, 1));
    int from = channels;
    for (int stage = 1; stage <= 3; stage++) {
      int to = channels << (stage - 1);
      for (int block = 1; block <= (depth - 2) / 6; block++) {
        String name = "stage" + stage + ".block" + block;
        int stride = from == to ? 1 : 2;
        String inner = relu(name + ".relu1", normalized(name + ".conv1", x, from, to, 3, stride));
        inner = normalized(name + ".conv2", inner, to, to, 3, 1);
        String past = from == to ? x : normalized(name + ".shortcut", x, from, to, 1, stride);
        x = relu(name + ".relu2", node("Add", name + ".add", Map.of(), inner, past));
        from = to;
      }
    }
    x = node("GlobalAveragePool", "pool", Map.of(), x);
    x = node("Flatten", "flatten", Map.of("axis", integer(1)), x);
    String name = "resnet-" + depth + (channels == 16 ? "" : "-" + channels);
    return model(name, new long[] {3, 32, 32}, dense("fc", x, from, 10), 10);
  }

  /**
   * Inverted residuals with depthwise convolutions, narrow and shallow for CIFAR-10: 1x1 to four
   * times the channels, 3x3 in each channel, 1x1 back, added to what came in where widths agree.
   *
   * @see <a href="https://arxiv.org/abs/1801.04381">Sandler et al. 2018</a>, section 3
   */
  private Model mobilenet() {
    String x = relu6("relu1", normalized("conv1", "input", 3, 16, 3, 1));
    int from = 16;
    for (int stage = 1; stage <= 3; stage++) {
      int to = 8 << stage;
      for (int block = 1; block <= 2; block++) {
        String name = "stage" + stage + ".block" + block;
        int wide = 4 * from;
        int stride = from == to ? 1 : 2;
        String inner = relu6(name + ".relu1", normalized(name + ".conv1", x, from, wide, 1, 1));
        inner = depthwise(name + ".conv2", inner, wide, stride);
        inner = relu6(name + ".relu2", inner);
        inner = normalized(name + ".conv3", inner, wide, to, 1, 1);
        x = from == to ? node("Add", name + ".add", Map.of(), inner, x) : inner;
        from = to;
      }
    }
    x = relu6("relu2", normalized("conv2", x, from, 256, 1, 1));
    x = node("GlobalAveragePool", "pool", Map.of(), x);
    x = node("Flatten", "flatten", Map.of("axis", integer(1)), x);
    return model("mobilenet", new long[] {3, 32, 32}, dense("fc", x, 256, 10), 10);
  }

  /** A fully connected layer; its weight is {@code [to, from]}. */
  private String dense(String name, String x, int from, int to) {
    random(name + ".weight", from, to, from);
    filled(name + ".bias", to, 0);
    return node("Gemm", name, Map.of("transB", integer(1)), x, name + ".weight", name + ".bias");
  }

  private String conv(
      String name, String x, int from, int to, int kernel, int stride, int pad, boolean bias) {
    random(name + ".weight", from * kernel * kernel, to, from, kernel, kernel);
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", integers(kernel, kernel));
    attributes.put("strides", integers(stride, stride));
    attributes.put("pads", integers(pad, pad, pad, pad));
    if (!bias) {
      return node("Conv", name, attributes, x, name + ".weight");
    }
    filled(name + ".bias", to, 0);
    return node("Conv", name, attributes, x, name + ".weight", name + ".bias");
  }

  /** A convolution that keeps the size if its stride is 1, and batch normalization. */
  private String normalized(String name, String x, int from, int to, int kernel, int stride) {
    return norm(name, conv(name, x, from, to, kernel, stride, kernel / 2, false), to);
  }

  /** A 3x3 convolution of each channel by itself, and batch normalization. */
  private String depthwise(String name, String x, int channels, int stride) {
    random(name + ".weight", 9, channels, 1, 3, 3);
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", integers(3, 3));
    attributes.put("strides", integers(stride, stride));
    attributes.put("pads", integers(1, 1, 1, 1));
    attributes.put("group", integer(channels));
    return norm(name, node("Conv", name, attributes, x, name + ".weight"), channels);
  }

  /** Batch normalization of what the convolution called {@code name} gives. */
  private String norm(String name, String y, int to) {
    String norm = name.replace("conv", "bn").replace("shortcut", "shortcut.bn");
    filled(norm + ".weight", to, 1);
    filled(norm + ".bias", to, 0);
    filled(norm + ".running_mean", to, 0);
    filled(norm + ".running_var", to, 1);
    return node(
        "BatchNormalization",
        norm,
        Map.of("epsilon", new Attribute.FloatValue(1e-5f)),
        y,
        norm + ".weight",
        norm + ".bias",
        norm + ".running_mean",
        norm + ".running_var");
  }

  private String pool(String name, String x) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", integers(2, 2));
    attributes.put("strides", integers(2, 2));
    return node("MaxPool", name, attributes, x);
  }

  private String relu6(String name, String x) {
    for (int bound : new int[] {0, 6}) {
      params.putIfAbsent(
          "relu6." + bound, Param.of("relu6." + bound, Tensor.of(Shape.of(), bound)));
    }
    return node("Clip", name, Map.of(), x, "relu6.0", "relu6.6");
  }

  private String relu(String name, String x) {
    return node("Relu", name, Map.of(), x);
  }

  private String node(String op, String name, Map<String, Attribute> attributes, String... inputs) {
    nodes.add(Node.of(op, List.of(inputs), List.of(name), attributes));
    return name;
  }

  private void random(String name, int inputs, long... dims) {
    double bound = Math.sqrt(6.0 / inputs);
    float[] values = new float[Math.toIntExact(Shape.of(dims).size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    params.put(name, Param.of(name, Tensor.of(Shape.of(dims), values)));
  }

  private void filled(String name, int length, float value) {
    float[] values = new float[length];
    Arrays.fill(values, value);
    params.put(name, Param.of(name, Tensor.of(Shape.of(length), values)));
  }

  private Model model(String name, long[] sample, String last, long classes) {
    // The last node computes the value that the graph calls its output.
    Node renamed = nodes.removeLast();
    nodes.add(
        new Node(
            last,
            renamed.op(),
            "",
            renamed.inputs(),
            List.of("output"),
            renamed.attributes(),
            renamed.carried()));
    Graph graph =
        new Graph(
            name,
            List.copyOf(nodes),
            List.of(info("input", sample)),
            List.of(info("output", classes)),
            new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", 17L), Map.of(), new byte[0]);
  }

  /** A value with an open batch. */
  private static ValueInfo info(String name, long... sample) {
    List<OptionalLong> dims = new ArrayList<>();
    dims.add(OptionalLong.empty());
    LongStream.of(sample).mapToObj(OptionalLong::of).forEach(dims::add);
    return new ValueInfo(name, Optional.of(DType.F32), Optional.of(dims), new byte[0]);
  }

  private static Attribute integer(long value) {
    return new Attribute.IntValue(value);
  }

  private static Attribute integers(long... values) {
    return new Attribute.Ints(LongStream.of(values).boxed().toList());
  }
}
