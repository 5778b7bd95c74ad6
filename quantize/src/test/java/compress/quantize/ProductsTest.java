package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import compress.train.Context;
import compress.train.Outcome;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products on integers, in the two forms that are operators of their own. */
class ProductsTest {
  private static final long SEED = 12;

  @TempDir Path folder;

  private static Tensor random(long seed, long... dims) {
    SplittableRandom r = new SplittableRandom(seed);
    float[] w = new float[(int) Shape.of(dims).size()];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (0.2 + r.nextGaussian());
    }
    return Tensor.of(Shape.of(dims), w);
  }

  private static ValueInfo value(String name, long columns) {
    return new ValueInfo(
        name,
        Optional.of(DType.F32),
        Optional.of(List.of(OptionalLong.empty(), OptionalLong.of(columns))),
        new byte[0]);
  }

  /** x [n, 64] times a [64, 48] plus b, rectified, through Gemm with c [10, 48]. */
  private static Model network() {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    for (Param p :
        List.of(
            Param.of("a", random(1, 64, 48)),
            Param.of("b", random(2, 48)),
            Param.of("c", random(3, 10, 48)),
            Param.of("d", random(4, 10)))) {
      params.put(p.name(), p);
    }
    List<Node> nodes =
        List.of(
            Node.of("MatMul", List.of("x", "a"), List.of("m"), Map.of()),
            Node.of("Add", List.of("m", "b"), List.of("s"), Map.of()),
            Node.of("Relu", List.of("s"), List.of("r"), Map.of()),
            Node.of(
                "Gemm",
                List.of("r", "c", "d"),
                List.of("y"),
                Map.of("transB", new Attribute.IntValue(1))));
    Graph graph =
        new Graph("g", nodes, List.of(value("x", 64)), List.of(value("y", 10)), new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", 13L), Map.of(), new byte[0]);
  }

  private float[] run(Model model) throws IOException {
    Path file = folder.resolve("m.onnx");
    ModelFiles.write(model, file);
    try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(file, 1)) {
      return Objects.requireNonNull(engine.run(Map.of("x", random(9, 7, 64))).get("y")).toFloats();
    }
  }

  private static Outcome quantize(Linear scheme, int bits, LinearOptions options)
      throws IOException {
    return new QuantizeStage(
            QuantizeOptions.defaults().withScheme(scheme).withBits(bits).withLinear(options))
        .run(network(), Context.of(SEED));
  }

  @ParameterizedTest
  @CsvSource({"true,channel", "false,channel", "true,tensor", "false,tensor"})
  void dynamicProductsComeCloseToThoseOfFloats(boolean symmetric, String grouping)
      throws Exception {
    Linear scheme = new Linear(symmetric, Grouping.parse(grouping), new Range.MinMax());
    Outcome outcome =
        quantize(scheme, 8, LinearOptions.NONE.withDynamic(ActivationOptions.defaults()));
    Model model = outcome.model();
    assertThat(model.graph().orElseThrow().nodes())
        .extracting(Node::op)
        .contains("DynamicQuantizeLinear", "MatMulInteger")
        .doesNotContain("MatMul", "Gemm");
    float[] wanted = run(network());
    float[] got = run(model);
    double noise = 0;
    double power = 0;
    for (int i = 0; i < wanted.length; i++) {
      noise += Math.pow(got[i] - wanted[i], 2);
      power += Math.pow(wanted[i], 2);
    }
    assertThat(noise / power).isLessThan(1e-3);
    assertThat(model.param("a.quantized").shape()).isEqualTo(Shape.of(64, 48));
    // Of Gemm with its outputs first the integers are turned round.
    assertThat(model.param("c.quantized").shape()).isEqualTo(Shape.of(48, 10));
  }

  @ParameterizedTest
  @CsvSource({"true,8", "true,4", "true,3", "true,2", "false,8", "false,4", "false,2"})
  void blocksMeanTheSameAsDequantizeLinear(boolean symmetric, int bits) throws Exception {
    Linear scheme = new Linear(symmetric, new Grouping.Group(16), new Range.MinMax());
    Model plain = quantize(scheme, bits, LinearOptions.NONE).model();
    Outcome outcome = quantize(scheme, bits, LinearOptions.NONE.withMatMulNBits(true));
    assertThat(outcome.details()).extractingByKey("mat_mul_n_bits").asString().contains("MatMul");
    assertThat(outcome.model().opsets()).containsEntry("com.microsoft", 1L);
    float[] wanted = run(plain);
    float[] got = run(outcome.model());
    for (int i = 0; i < wanted.length; i++) {
      assertThat(got[i]).isCloseTo(wanted[i], within(1e-3f * (1 + Math.abs(wanted[i]))));
    }
  }

  @Test
  void productsThatDoNotFitStayAsTheyAre() throws Exception {
    // Groups of 8 are smaller than the operator takes.
    Linear scheme = new Linear(true, new Grouping.Group(8), new Range.MinMax());
    Outcome outcome = quantize(scheme, 4, LinearOptions.NONE.withMatMulNBits(true));
    assertThat(outcome.details().get("mat_mul_n_bits")).isEqualTo(List.of());
    assertThat(run(outcome.model())).hasSize(70);
    Outcome dynamic =
        quantize(scheme, 8, LinearOptions.NONE.withDynamic(ActivationOptions.defaults()));
    assertThat(dynamic.details().get("dynamic")).isEqualTo(List.of());
  }
}
