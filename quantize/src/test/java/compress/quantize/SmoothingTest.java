package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.model.Weights;
import compress.train.Calibration;
import compress.train.Context;
import compress.train.Outcome;
import compress.train.Progress;
import compress.train.data.Inputs;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmoothingTest {
  private static final long SEED = 8;
  private static final int WIDTH = 16;

  /** Some columns are a hundred times the others, as in transformers. */
  private static float[] spread(SplittableRandom random, int n) {
    float[] v = new float[n];
    for (int i = 0; i < n; i++) {
      v[i] = (float) (random.nextGaussian() * (i % 7 == 3 ? 40 : 0.4));
    }
    return v;
  }

  private static Param normal(SplittableRandom random, String name, long... dims) {
    float[] w = new float[(int) Shape.of(dims).size()];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextGaussian();
    }
    return Param.of(name, Tensor.of(Shape.of(dims), w));
  }

  private static ValueInfo value(String name) {
    return new ValueInfo(
        name,
        Optional.of(DType.F32),
        Optional.of(List.of(OptionalLong.empty(), OptionalLong.of(WIDTH))),
        new byte[0]);
  }

  /**
   * A normalization that two products read, a Mul and an Add that one product reads, and a value
   * that a product and something else reads.
   */
  private static Model network() {
    SplittableRandom random = new SplittableRandom(SEED);
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    for (Param p :
        List.of(
            Param.of("gain", Tensor.of(Shape.of(WIDTH), spread(random, WIDTH))),
            Param.of("shift", Tensor.of(Shape.of(WIDTH), spread(random, WIDTH))),
            normal(random, "a", WIDTH, WIDTH),
            normal(random, "b", WIDTH, WIDTH),
            Param.of("factor", Tensor.of(Shape.of(WIDTH), spread(random, WIDTH))),
            Param.of("term", Tensor.of(Shape.of(WIDTH), spread(random, WIDTH))),
            normal(random, "c", WIDTH, WIDTH),
            normal(random, "bias", WIDTH),
            normal(random, "d", WIDTH, WIDTH))) {
      params.put(p.name(), p);
    }
    List<Node> nodes =
        List.of(
            Node.of("LayerNormalization", List.of("x", "gain", "shift"), List.of("h"), Map.of()),
            Node.of("MatMul", List.of("h", "a"), List.of("q"), Map.of()),
            Node.of("MatMul", List.of("h", "b"), List.of("k"), Map.of()),
            Node.of("Add", List.of("q", "k"), List.of("s"), Map.of()),
            Node.of("Relu", List.of("s"), List.of("r"), Map.of()),
            Node.of("Mul", List.of("r", "factor"), List.of("t"), Map.of()),
            Node.of("Add", List.of("term", "t"), List.of("u"), Map.of()),
            Node.of(
                "Gemm",
                List.of("u", "c", "bias"),
                List.of("v"),
                Map.of("transB", new Attribute.IntValue(1))),
            Node.of("MatMul", List.of("r", "d"), List.of("w"), Map.of()),
            Node.of("Add", List.of("v", "w"), List.of("y"), Map.of()));
    Graph graph = new Graph("g", nodes, List.of(value("x")), List.of(value("y")), new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", 17L), Map.of(), new byte[0]);
  }

  private static Inputs inputs() {
    SplittableRandom random = new SplittableRandom(SEED + 1);
    return Inputs.of(
        Stream.generate(() -> Map.of("x", tensor(normal(random, "x", 5, WIDTH))))
            .limit(12)
            .toList());
  }

  private static Tensor tensor(Param param) {
    return ((Dense) param.values()).tensor();
  }

  private static Smoothing.Smoothed smoothed(double strength) throws IOException {
    return Smoothing.of(
        network(),
        Weights.of(network()),
        strength,
        new Calibration(inputs(), 1, 1, Progress.SILENT));
  }

  private static float[] answers(Model model) throws IOException {
    float[] all = new float[12 * 5 * WIDTH];
    try (OnnxRuntimeEngine engine = OnnxRuntimeEngine.of(model, 1)) {
      for (int i = 0; i < 12; i++) {
        float[] y = Objects.requireNonNull(engine.run(inputs().batch(i)).get("y")).toFloats();
        System.arraycopy(y, 0, all, i * y.length, y.length);
      }
    }
    return all;
  }

  private static double error(float[] wanted, float[] got) {
    double noise = 0;
    double power = 0;
    for (int i = 0; i < wanted.length; i++) {
      noise += Math.pow((double) got[i] - wanted[i], 2);
      power += Math.pow(wanted[i], 2);
    }
    return noise / power;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 0.8, 1})
  void changesNoAnswer(double strength) throws Exception {
    Smoothing.Smoothed smoothed = smoothed(strength);
    assertThat(smoothed.weights()).containsExactly("a", "b", "c", "d");
    assertThat(error(answers(network()), answers(smoothed.model()))).isLessThan(1e-10);
  }

  @Test
  void theDivisionGoesIntoWhatMakesTheInputWhereItMay() throws Exception {
    Model before = network();
    Model after = smoothed(0.5).model();
    for (String vector : List.of("gain", "shift", "factor", "term")) {
      assertThat(after.param(vector).values().toFloats())
          .as(vector)
          .isNotEqualTo(before.param(vector).values().toFloats());
    }
    // One Mul more: r is read by the other Mul too.
    List<Node> nodes = after.graph().orElseThrow().nodes();
    assertThat(nodes).hasSize(before.graph().orElseThrow().nodes().size() + 1);
    assertThat(nodes)
        .filteredOn(n -> n.is("Mul"))
        .extracting(Node::inputs)
        .containsExactly(List.of("r", "r.smoothing"), List.of("r", "factor"));
  }

  @Test
  void integersOfOneScaleFitBetter() throws Exception {
    Model model = network();
    float[] wanted = answers(model);
    LinearOptions plain =
        LinearOptions.NONE.withCalibration(inputs()).withActivations(ActivationOptions.defaults());
    double without = error(wanted, answers(quantized(model, plain).model()));
    Outcome outcome = quantized(model, plain.withSmooth(0.5));
    assertThat(outcome.details().get("smoothed")).isEqualTo(List.of("a", "b", "c", "d"));
    assertThat(error(wanted, answers(outcome.model()))).isLessThan(without / 2);
  }

  private static Outcome quantized(Model model, LinearOptions options) throws IOException {
    return new QuantizeStage(
            QuantizeOptions.defaults()
                .withScheme(Linear.defaults())
                .withBits(8)
                .withLinear(options))
        .run(model, Context.of(SEED));
  }

  @Test
  void aStrengthOutsideZeroToOneIsRefused() {
    assertThatThrownBy(() -> LinearOptions.NONE.withSmooth(1.1))
        .hasMessageContaining("from 0 to 1");
    QuantizeStage blind =
        new QuantizeStage(
            QuantizeOptions.defaults().withLinear(LinearOptions.NONE.withSmooth(0.5)));
    assertThat(blind.check(network(), Context.of(SEED)))
        .anyMatch(p -> p.contains("--calibration-data"));
  }
}
