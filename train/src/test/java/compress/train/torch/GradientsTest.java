package compress.train.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import compress.model.Attribute;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.TrainOptions;
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
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Gradients beside central differences, for each kind of layer in a chain. */
final class GradientsTest {
  private static final long SEED = 20161;

  private final Random random = new Random(SEED);
  private final List<Node> nodes = new ArrayList<>();
  private final SequencedMap<String, Param> params = new LinkedHashMap<>();

  @BeforeAll
  static void load() {
    Libtorch.load(1);
  }

  @Test
  void convolutionWithGroupsDilationAndUnequalPadding() {
    param("w", 4, 2, 3, 3);
    param("b", 4);
    node(
        "Conv",
        Map.of(
            "group", new Attribute.IntValue(2),
            "dilations", ints(2, 1),
            "strides", ints(1, 2),
            "pads", ints(1, 0, 2, 1)),
        "x",
        "w",
        "b");
    agree(true, 3, 4, 7, 6);
  }

  @Test
  void transposedConvolution() {
    param("w", 3, 2, 3, 3);
    param("b", 2);
    node(
        "ConvTranspose",
        Map.of("strides", ints(2, 2), "pads", ints(1, 0, 1, 1), "output_padding", ints(1, 0)),
        "x",
        "w",
        "b");
    agree(true, 2, 3, 4, 5);
  }

  @Test
  void fullyConnectedBothWays() {
    param("w1", 5, 12);
    param("b1", 5);
    param("w2", 5, 4);
    node("Gemm", Map.of("transB", new Attribute.IntValue(1)), "x", "w1", "b1");
    node("Tanh", Map.of(), "y1");
    node("MatMul", Map.of(), "y2", "w2");
    agree(true, 3, 12);
  }

  @Test
  void batchNormalizationByTheBatchAndByRunningValues() {
    param("w", 3, 2, 1, 1);
    norms(3);
    node("Conv", Map.of(), "x", "w");
    node("BatchNormalization", Map.of(), "y1", "scale", "shift", "mean", "variance");
    node("Sigmoid", Map.of(), "y2");
    agree(true, 4, 2, 3, 3);
    agree(false, 4, 2, 3, 3);
  }

  @Test
  void layerNormalizationAndItsDecomposedForm() {
    param("g", 6);
    param("h", 6);
    param("g2", 6);
    node("LayerNormalization", Map.of(), "x", "g", "h");
    node("ReduceMean", Map.of("axes", ints(-1)), "y1");
    node("Sub", Map.of(), "y1", "y2");
    node("Mul", Map.of(), "y3", "y3");
    node("ReduceMean", Map.of("axes", ints(-1)), "y4");
    node("Sqrt", Map.of(), "y5");
    node("Div", Map.of(), "y3", "y6");
    node("Mul", Map.of(), "y7", "g2");
    agree(true, 2, 3, 6);
  }

  @Test
  void poolsAfterAConvolution() {
    param("w", 2, 1, 2, 2);
    param("slope", 2, 1, 1);
    node("Conv", Map.of("auto_pad", new Attribute.Text("SAME_UPPER")), "x", "w");
    node("PRelu", Map.of(), "y1", "slope");
    node(
        "AveragePool",
        Map.of("kernel_shape", ints(3, 3), "strides", ints(2, 2), "pads", ints(0, 1, 1, 1)),
        "y2");
    node("MaxPool", Map.of("kernel_shape", ints(2, 2)), "y3");
    agree(true, 2, 1, 7, 8);
  }

  @Test
  void recurrentLayers() {
    param("w", 1, 12, 3);
    param("r", 1, 12, 3);
    param("b", 1, 24);
    node("LSTM", Map.of("hidden_size", new Attribute.IntValue(3)), "x", "w", "r", "b");
    agree(true, 4, 2, 3);
  }

  @Test
  void sharedValuesGetTheSumOverTheirEntries() {
    float[] shared = {0, 0.5f, -0.3f, 0.9f};
    byte[] indices = new byte[20];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = (byte) random.nextInt(4);
    }
    Codebook codebook =
        new Codebook(Tensor.of(Shape.of(4), shared), Tensor.of(DType.U8, Shape.of(4, 5), indices));
    params.put("w", new Param("w", DType.F32, codebook));
    node("Gemm", Map.of("transB", new Attribute.IntValue(1)), "x", "w");
    node("Tanh", Map.of(), "y1");
    agree(true, 3, 5);
  }

  /** Compares d loss / d param for each number of each param; the loss is a fixed weighted sum. */
  private void agree(boolean batchStatistics, long... input) {
    Model model = model(input);
    float[] x = gaussian(Shape.of(input).size(), 1);
    TrainOptions options = TrainOptions.defaults().withFreezeBatchNorm(!batchStatistics);
    try (LiveParams live = new LiveParams(model, options);
        PointerScope _ = new PointerScope()) {
      Program program = new Program(model, List.of("y" + nodes.size()));
      Mode mode = new Mode(true, batchStatistics, Map.of());
      loss(program, live, mode, x, input).backward();
      assertThat(live.learning()).hasSameSizeAs(learners());
      for (LiveParam param : live.learning()) {
        float[] gradient = Libtorch.toFloats(param.leaf().grad());
        float[] values = param.leafValues();
        for (int i = 0; i < values.length; i++) {
          double expected = difference(program, live, param, i, mode, x, input);
          // Forward passes are in F32, so their difference is good to some digits only.
          assertThat(gradient[i])
              .as("seed %d, gradient %d of %s", SEED, i, Arrays.toString(gradient))
              .isCloseTo((float) expected, within((float) (0.01 + 0.02 * Math.abs(expected))));
        }
      }
    }
  }

  private List<String> learners() {
    return params.keySet().stream()
        .filter(n -> !n.equals("mean") && !n.equals("variance"))
        .toList();
  }

  private static double difference(
      Program program,
      LiveParams live,
      LiveParam param,
      int i,
      Mode mode,
      float[] x,
      long[] input) {
    float[] values = param.leafValues();
    // Small, or a kink of a pool or a slope lies between the two sides.
    float step = 1e-3f;
    double[] sides = new double[2];
    for (int side = 0; side < 2; side++) {
      float[] moved = values.clone();
      moved[i] += side == 0 ? step : -step;
      Libtorch.set(param.leaf(), moved);
      try (AutoGradMode _ = new AutoGradMode(false)) {
        sides[side] = loss(program, live, mode, x, input).item_double();
      }
    }
    Libtorch.set(param.leaf(), values);
    return (sides[0] - sides[1]) / (2 * step);
  }

  private static org.bytedeco.pytorch.Tensor loss(
      Program program, LiveParams live, Mode mode, float[] x, long[] input) {
    org.bytedeco.pytorch.Tensor y =
        program.run(Map.of("x", Libtorch.floats(x, input)), live.seen(), mode, false).getFirst();
    float[] factors = new float[(int) y.numel()];
    Random fixed = new Random(SEED + 1);
    for (int i = 0; i < factors.length; i++) {
      factors[i] = (float) fixed.nextGaussian();
    }
    return y.mul(Libtorch.floats(factors, Libtorch.sizes(y))).sum();
  }

  private void norms(int channels) {
    param("scale", channels);
    param("shift", channels);
    param("mean", channels);
    float[] variance = new float[channels];
    Arrays.fill(variance, 1.5f);
    params.put("variance", Param.of("variance", Tensor.of(Shape.of(channels), variance)));
  }

  private void param(String name, long... dims) {
    float[] values = gaussian(Shape.of(dims).size(), 0.5);
    params.put(name, Param.of(name, Tensor.of(Shape.of(dims), values)));
  }

  private float[] gaussian(long count, double deviation) {
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private void node(String op, Map<String, Attribute> attributes, String... inputs) {
    nodes.add(Node.of(op, List.of(inputs), List.of("y" + (nodes.size() + 1)), attributes));
  }

  private static Attribute ints(long... values) {
    return new Attribute.Ints(LongStream.of(values).boxed().toList());
  }

  private Model model(long... input) {
    List<OptionalLong> dims = LongStream.of(input).mapToObj(OptionalLong::of).toList();
    ValueInfo x = new ValueInfo("x", Optional.of(DType.F32), Optional.of(dims), new byte[0]);
    ValueInfo y =
        new ValueInfo("y" + nodes.size(), Optional.of(DType.F32), Optional.empty(), new byte[0]);
    Graph graph = new Graph("g", List.copyOf(nodes), List.of(x), List.of(y), new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", 17L), Map.of(), new byte[0]);
  }
}
