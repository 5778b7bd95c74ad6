package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.model.Affine;
import compress.model.Attribute;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Graph;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.model.onnx.Opsets;
import compress.train.Context;
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

/** What is written runs in ONNX Runtime, which unfolds the same numbers as this project does. */
class OnnxStorageTest {
  private static final long SEED = 23;

  @TempDir Path folder;

  private static ValueInfo value(String name, long... dims) {
    List<OptionalLong> open =
        java.util.Arrays.stream(dims)
            .mapToObj(d -> d < 0 ? OptionalLong.empty() : OptionalLong.of(d))
            .toList();
    return new ValueInfo(name, Optional.of(DType.F32), Optional.of(open), new byte[0]);
  }

  private static Tensor random(long seed, long... dims) {
    SplittableRandom r = new SplittableRandom(seed);
    float[] w = new float[(int) Shape.of(dims).size()];
    for (int i = 0; i < w.length; i++) {
      w[i] = r.nextInt(8) == 0 ? 0 : (float) (r.nextGaussian() / 4);
    }
    return Tensor.of(Shape.of(dims), w);
  }

  private static Model model(long opset, List<Node> nodes, List<ValueInfo> outputs, Param... ps) {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    for (Param p : ps) {
      params.put(p.name(), p);
    }
    Graph graph = new Graph("g", nodes, List.of(value("x", -1, 64)), outputs, new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", opset), Map.of(), new byte[0]);
  }

  /** x [n, 64] through Gemm and MatMul, with the weights as outputs too. */
  private static Model network(long opset) {
    return model(
        opset,
        List.of(
            Node.of(
                "Gemm",
                List.of("x", "a", "b"),
                List.of("h"),
                Map.of("transB", new Attribute.IntValue(1))),
            Node.of("Relu", List.of("h"), List.of("r"), Map.of()),
            Node.of("MatMul", List.of("r", "c"), List.of("y"), Map.of()),
            Node.of("Identity", List.of("a"), List.of("a_seen"), Map.of()),
            Node.of("Identity", List.of("c"), List.of("c_seen"), Map.of())),
        List.of(value("y", -1, 32), value("a_seen", 96, 64), value("c_seen", 96, 32)),
        Param.of("a", random(1, 96, 64)),
        Param.of("b", random(2, 96)),
        Param.of("c", random(3, 96, 32)));
  }

  private static Tensor answer(Map<String, Tensor> answers, String name) {
    return Objects.requireNonNull(answers.get(name));
  }

  private Map<String, Tensor> run(Model model, Map<String, Tensor> inputs) throws IOException {
    Path file = folder.resolve("m.onnx");
    ModelFiles.write(model, file);
    try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(file, 1)) {
      return engine.run(inputs);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "linear,8,channel,13", "linear,8,tensor,13", "linear,5,channel,13", "linear,8,group:32,21",
    "linear,4,channel,21", "linear,4,group:32,21", "linear,3,group:16,21", "linear,2,tensor,21",
    "ternary,2,channel,21", "binary,1,group:32,21", "bf16,16,,13", "fp8-e4m3,8,channel,19",
    "fp8-e5m2,8,tensor,19", "tf32,19,,13", "fp16,16,,13", "kmeans,4,,13"
  })
  void unfoldsToTheSameNumbers(String scheme, int bits, String granularity, long opset)
      throws Exception {
    for (boolean asymmetric : new boolean[] {false, true}) {
      Map<String, String> settings = new LinkedHashMap<>();
      if (granularity != null) {
        settings.put("granularity", granularity);
      }
      if (asymmetric && !scheme.equals("linear")) {
        continue;
      }
      if (asymmetric) {
        settings.put("asymmetric", "true");
      }
      QuantizeOptions options =
          QuantizeOptions.defaults().withScheme(Schemes.parse(scheme, settings)).withBits(bits);
      Model before = network(13);
      Model after = new QuantizeStage(options).run(before, Context.of(SEED)).model();
      assertThat(after.opset()).isEqualTo(opset);
      Tensor x = random(9, 5, 64);
      Map<String, Tensor> answers = run(after, Map.of("x", x));
      assertThat(answer(answers, "a_seen").toFloats())
          .isEqualTo(after.param("a").values().toFloats());
      assertThat(answer(answers, "c_seen").toFloats())
          .isEqualTo(after.param("c").values().toFloats());
      Model plain =
          before.with(
              List.of(
                  Param.of("a", Tensor.of(Shape.of(96, 64), after.param("a").values().toFloats())),
                  Param.of(
                      "c", Tensor.of(Shape.of(96, 32), after.param("c").values().toFloats()))));
      float[] wanted = answer(run(plain, Map.of("x", x)), "y").toFloats();
      float[] got = answer(answers, "y").toFloats();
      for (int i = 0; i < wanted.length; i++) {
        // ONNX Runtime may choose a kernel for few bits, which adds up in another order.
        assertThat(got[i]).isCloseTo(wanted[i], within(2e-3f));
      }
      run(after, Map.of("x", x));
      Model back = ModelFiles.read(folder.resolve("m.onnx"));
      assertThat(back.param("a").values()).hasSameClassAs(after.param("a").values());
      assertThat(back.param("a").values().toFloats())
          .isEqualTo(after.param("a").values().toFloats());
    }
  }

  /** QuantizeLinear of ONNX Runtime as the second opinion on rounding and zero points. */
  @Test
  void roundsAsQuantizeLinearDoes() throws Exception {
    Tensor w = random(4, 16, 64);
    for (boolean symmetric : new boolean[] {true, false}) {
      Affine ours =
          (Affine)
              new Linear(symmetric, new Grouping.Tensor(), new Range.Percentile(99))
                  .quantize(Layer.of(w.shape(), w.toFloats()), 8, SEED);
      Tensor zero = ours.zeroPoint().orElse(Tensor.ofIntegers(DType.I8, Shape.of(), 0));
      Model model =
          model(
              13,
              List.of(
                  Node.of("QuantizeLinear", List.of("x", "s", "z"), List.of("q"), Map.of()),
                  Node.of(
                      "Cast",
                      List.of("q"),
                      List.of("y"),
                      Map.of("to", new Attribute.IntValue(DType.I32.onnxCode())))),
              List.of(new ValueInfo("y", Optional.of(DType.I32), Optional.empty(), new byte[0])),
              Param.of("s", ours.scale()),
              Param.of("z", zero));
      assertThat(answer(run(model, Map.of("x", w)), "y").toLongs())
          .isEqualTo(ours.integers().toLongs());
    }
  }

  @Test
  void olderOperatorsMeanTheSameInALaterSet() throws Exception {
    List<Node> nodes =
        List.of(
            Node.of(
                "Slice",
                List.of("x"),
                List.of("s"),
                Map.of(
                    "axes", new Attribute.Ints(List.of(1L)),
                    "starts", new Attribute.Ints(List.of(2L)),
                    "ends", new Attribute.Ints(List.of(62L)))),
            Node.of(
                "Clip",
                List.of("s"),
                List.of("c"),
                Map.of("min", new Attribute.FloatValue(-0.3f), "max", new Attribute.FloatValue(2))),
            Node.of(
                "Unsqueeze",
                List.of("c"),
                List.of("u"),
                Map.of("axes", new Attribute.Ints(List.of(1L, 3L)))),
            Node.of(
                "Pad",
                List.of("u"),
                List.of("p"),
                Map.of("pads", new Attribute.Ints(List.of(0L, 0L, 1L, 0L, 0L, 1L, 0L, 0L)))),
            Node.of("Softmax", List.of("p"), List.of("f"), Map.of()),
            Node.of(
                "Split",
                List.of("f"),
                List.of("f1", "f2"),
                Map.of(
                    "axis", new Attribute.IntValue(2),
                    "split", new Attribute.Ints(List.of(30L, 31L)))),
            Node.of(
                "ReduceMean",
                List.of("f1"),
                List.of("m"),
                Map.of("axes", new Attribute.Ints(List.of(1L)))),
            Node.of("Dropout", List.of("m"), List.of("d"), Map.of()),
            Node.of(
                "ReduceSum",
                List.of("d"),
                List.of("t"),
                Map.of(
                    "axes",
                    new Attribute.Ints(List.of(1L, 2L)),
                    "keepdims",
                    new Attribute.IntValue(0))),
            Node.of(
                "TopK", List.of("c"), List.of("k", "ki"), Map.of("k", new Attribute.IntValue(3))));
    Model old = model(9, nodes, List.of(value("t", -1, 1), value("k", -1, 3), value("f2", -1)));
    old =
        new Model(
            Optional.of(
                new Graph(
                    "g",
                    nodes,
                    List.of(value("x", -1, 64)),
                    List.of(value("t", -1, 1), value("k", -1, 3), value("f2", -1, -1, -1, -1)),
                    new byte[0])),
            old.params(),
            Map.of("", 9L),
            Map.of(),
            new byte[0]);
    Tensor x = random(8, 5, 64);
    Map<String, Tensor> before = run(old, Map.of("x", x));
    for (long to : new long[] {10, 11, 13, 18, 21}) {
      Model raised = Opsets.raised(old, to);
      assertThat(raised.opset()).isEqualTo(to);
      Map<String, Tensor> after = run(raised, Map.of("x", x));
      for (String name : before.keySet()) {
        assertThat(answer(after, name).shape()).isEqualTo(answer(before, name).shape());
        assertThat(answer(after, name).toFloats())
            .containsExactly(answer(before, name).toFloats(), within(1e-6f));
      }
    }
    assertThatThrownBy(() ->
            Opsets.raised(
                model(
                    9,
                    List.of(Node.of("Upsample", List.of("x", "s"), List.of("y"), Map.of())),
                    List.of(value("y", -1))),
                13))
        .hasMessageContaining("y/Upsample: it is replaced by Resize");
  }

  @Test
  void twoBitsAreForLaterVersionsOfOnnxRuntime() {
    Affine two =
        new Affine(
            Tensor.ofIntegers(DType.I2, Shape.of(1, 4), 1, -2, 0, 1),
            Tensor.of(Shape.of(), 1),
            Optional.empty(),
            new Granularity.PerTensor());
    assertThat(Opsets.neededFor(two)).isEqualTo(25);
    assertThat(two.toFloats()).containsExactly(1, -2, 0, 1);
  }
}
