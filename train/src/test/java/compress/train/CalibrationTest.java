package compress.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.model.Attribute;
import compress.model.Attribute.IntValue;
import compress.model.Attribute.Ints;
import compress.model.Attribute.Text;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.data.DataSet;
import compress.train.data.Inputs;
import compress.train.data.Preprocessing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CalibrationTest {
  private static final long SEED = 11;

  private static Model model(List<ValueInfo> inputs, List<Node> nodes, String output, Param... ps) {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    for (Param p : ps) {
      params.put(p.name(), p);
    }
    List<ValueInfo> outputs = List.of(info(output, DType.F32));
    Graph graph = new Graph("g", nodes, inputs, outputs, new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", 13L), Map.of(), new byte[0]);
  }

  private static ValueInfo info(String name, DType type, long... dims) {
    List<OptionalLong> axes = new ArrayList<>();
    for (long d : dims) {
      axes.add(d < 0 ? OptionalLong.empty() : OptionalLong.of(d));
    }
    Optional<List<OptionalLong>> known = dims.length == 0 ? Optional.empty() : Optional.of(axes);
    return new ValueInfo(name, Optional.of(type), known, new byte[0]);
  }

  private static Tensor normal(SplittableRandom random, long... dims) {
    float[] values = new float[(int) Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(Shape.of(dims), values);
  }

  private static <T> T of(Map<String, T> map, String key) {
    return Objects.requireNonNull(map.get(key), key);
  }

  private static Calibration calibration(Inputs inputs) {
    return new Calibration(inputs, Calibration.ALL_ROWS, 1, Progress.SILENT);
  }

  /** x = (1, 2), (3, -1); hidden = relu(x Wᵀ) with W = [[1, 0], [1, 1], [-1, 1]]. */
  private static Model small() {
    return model(
        List.of(info("x", DType.F32, -1, 2)),
        List.of(
            Node.of("Gemm", List.of("x", "w1"), List.of("h"), Map.of("transB", new IntValue(1))),
            Node.of("Relu", List.of("h"), List.of("a"), Map.of()),
            Node.of("MatMul", List.of("a", "w2"), List.of("y"), Map.of())),
        "y",
        Param.of("w1", Tensor.of(Shape.of(3, 2), 1, 0, 1, 1, -1, 1)),
        Param.of("w2", Tensor.of(Shape.of(3, 1), 1, 1, 1)));
  }

  private static Inputs smallInputs() {
    DataSet data = DataSet.unlabelled(Tensor.of(Shape.of(2, 2), 1, 2, 3, -1));
    return Inputs.of(data, Preprocessing.RAW, List.of(info("x", DType.F32, -1, 2)));
  }

  @Test
  void givesWhatOneComputesByHand() throws Exception {
    List<float[]> hidden = new ArrayList<>();
    Activations.stream(
        small(),
        List.of("a", "x"),
        smallInputs(),
        1,
        Progress.SILENT,
        (batch, values) -> {
          assertThat(values.keySet()).containsExactlyInAnyOrder("a", "x");
          hidden.add(of(values, "a").toFloats());
          assertThat(of(values, "x").toFloats()).containsExactly(1, 2, 3, -1);
        });
    assertThat(hidden).hasSize(1);
    assertThat(hidden.getFirst()).containsExactly(1, 3, 1, 3, 2, 0);
  }

  @Test
  void secondMomentsAreThoseOfTheLayersOwnInputs() throws Exception {
    Map<String, SecondMoment> moments =
        calibration(smallInputs()).collect(small(), List.of("w1", "w2"), SecondMoment::new);
    // (1, 2)(1, 2)' + (3, -1)(3, -1)'
    assertThat(of(moments, "w1").matrix(0)).containsExactly(10, -1, -1, 5);
    // (1, 3, 1) and (3, 2, 0)
    assertThat(of(moments, "w2").matrix(0)).containsExactly(10, 9, 1, 9, 13, 3, 1, 3, 1);
    assertThat(of(moments, "w2").rows()).isEqualTo(2);
    InputNorms norms =
        of(calibration(smallInputs()).collect(small(), List.of("w2"), InputNorms::new), "w2");
    assertThat(norms.norm(0, 0)).isEqualTo((float) Math.sqrt(10));
    assertThat(norms.norm(0, 2)).isEqualTo(1);
  }

  @Test
  void aWeightOfTwoNodesHasSeenTheInputsOfBoth() throws Exception {
    Model shared =
        model(
            List.of(info("x", DType.F32, -1, 2)),
            List.of(
                Node.of("MatMul", List.of("x", "w"), List.of("h"), Map.of()),
                Node.of("MatMul", List.of("h", "w"), List.of("y"), Map.of())),
            "y",
            Param.of("w", Tensor.of(Shape.of(2, 2), 0, 1, 2, 0)));
    SecondMoment moment =
        of(calibration(smallInputs()).collect(shared, List.of("w"), SecondMoment::new), "w");
    // x: (1, 2), (3, -1); h: (4, 1), (-2, 3)
    assertThat(moment.matrix(0)).containsExactly(10 + 20, -1 - 2, -1 - 2, 5 + 10);
  }

  /** Rows times weights must be what ONNX Runtime computes: for any way to write a layer. */
  private static void assertUnfolds(Model model, Inputs inputs) throws Exception {
    String output = model.graph().orElseThrow().outputs().getFirst().name();
    LayerInput place = of(LayerInput.of(model), "w").getFirst();
    Activations.stream(
        model,
        List.of(place.tensor(), output),
        inputs,
        1,
        Progress.SILENT,
        (batch, values) -> {
          float[] w = model.param("w").values().toFloats();
          int columns = place.unfolding().columns();
          int outputs = w.length / columns;
          int groups = place.unfolding().groups();
          double[] sums = new double[outputs];
          place
              .unfolding()
              .unfold(
                  of(values, place.tensor()),
                  Calibration.ALL_ROWS,
                  (group, rows, count) -> {
                    for (int r = 0; r < count; r++) {
                      for (int o = 0; o < outputs / groups; o++) {
                        int out = group * outputs / groups + o;
                        for (int c = 0; c < columns; c++) {
                          int at = place.outputsFirst() ? out * columns + c : c * outputs + out;
                          sums[out] += (double) w[at] * rows[r * columns + c];
                        }
                      }
                    }
                  });
          assertSums(sums, of(values, output), place);
        });
  }

  /** Outputs lie along axis 1 of a convolution, and as the layer has them else. */
  private static void assertSums(double[] sums, Tensor output, LayerInput place) {
    float[] y = output.toFloats();
    double[] expected = new double[sums.length];
    boolean conv = place.node().is("Conv");
    int rank = output.shape().rank();
    int axis = conv ? 1 : place.node().input(0).equals("w") ? rank - 2 : rank - 1;
    int stride = 1;
    for (int a = axis + 1; a < rank; a++) {
      stride *= (int) output.shape().dim(a);
    }
    for (int i = 0; i < y.length; i++) {
      expected[i / stride % sums.length] += y[i];
    }
    for (int o = 0; o < sums.length; o++) {
      assertThat(sums[o]).as("%s output %d", place, o).isCloseTo(expected[o], within(2e-3));
    }
  }

  @Test
  void windowsAreThoseOfTheConvolution() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    List<Map<String, Attribute>> cases =
        List.of(
            Map.of(),
            Map.of("pads", new Ints(List.of(1L, 2L, 0L, 1L))),
            Map.of("strides", new Ints(List.of(2L, 3L)), "pads", new Ints(List.of(1L, 1L, 1L, 1L))),
            Map.of("dilations", new Ints(List.of(2L, 1L)), "group", new IntValue(2)),
            Map.of("auto_pad", new Text("SAME_UPPER"), "strides", new Ints(List.of(2L, 2L))),
            Map.of("auto_pad", new Text("SAME_LOWER"), "strides", new Ints(List.of(3L, 2L))),
            Map.of("auto_pad", new Text("VALID"), "group", new IntValue(4)));
    for (Map<String, Attribute> attributes : cases) {
      int groups = attributes.get("group") instanceof IntValue(long g) ? (int) g : 1;
      Model conv =
          model(
              List.of(info("x", DType.F32, -1, 4, 9, 8)),
              List.of(Node.of("Conv", List.of("x", "w"), List.of("y"), attributes)),
              "y",
              Param.of("w", normal(random, 8, 4 / groups, 3, 2)));
      assertUnfolds(conv, Inputs.of(List.of(Map.of("x", normal(random, 3, 4, 9, 8)))));
    }
    Model along =
        model(
            List.of(info("x", DType.F32, -1, 2, 40)),
            List.of(
                Node.of(
                    "Conv",
                    List.of("x", "w"),
                    List.of("y"),
                    Map.of("strides", new Ints(List.of(2L)), "pads", new Ints(List.of(1L, 2L))))),
            "y",
            Param.of("w", normal(random, 3, 2, 5)));
    assertUnfolds(along, Inputs.of(List.of(Map.of("x", normal(random, 2, 2, 40)))));
  }

  @Test
  void rowsAreThoseOfTheProduct() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    for (boolean left : new boolean[] {false, true}) {
      for (long transA : new long[] {0, 1}) {
        for (long transB : new long[] {0, 1}) {
          // y = A B with A [5, 3] and B [3, 4], one of them the weight.
          Tensor a = transA == 0 ? normal(random, 5, 3) : normal(random, 3, 5);
          Tensor b = transB == 0 ? normal(random, 3, 4) : normal(random, 4, 3);
          Tensor x = left ? b : a;
          Model gemm =
              model(
                  List.of(info("x", DType.F32, x.shape().toArray())),
                  List.of(
                      Node.of(
                          "Gemm",
                          left ? List.of("w", "x") : List.of("x", "w"),
                          List.of("y"),
                          Map.of("transA", new IntValue(transA), "transB", new IntValue(transB)))),
                  "y",
                  Param.of("w", left ? a : b));
          assertUnfolds(gemm, Inputs.of(List.of(Map.of("x", x))));
        }
      }
      long[] dims = left ? new long[] {2, 3, 6} : new long[] {2, 6, 3};
      Model product =
          model(
              List.of(info("x", DType.F32, -1, dims[1], dims[2])),
              List.of(
                  Node.of(
                      "MatMul",
                      left ? List.of("w", "x") : List.of("x", "w"),
                      List.of("y"),
                      Map.of())),
              "y",
              Param.of("w", left ? normal(random, 4, 3) : normal(random, 3, 4)));
      assertUnfolds(product, Inputs.of(List.of(Map.of("x", normal(random, dims)))));
    }
    Model transposed =
        model(
            List.of(info("x", DType.F32, -1, 3)),
            List.of(
                Node.of("Transpose", List.of("w"), List.of("wt"), Map.of()),
                Node.of("MatMul", List.of("x", "wt"), List.of("y"), Map.of())),
            "y",
            Param.of("w", normal(random, 4, 3)));
    assertUnfolds(transposed, Inputs.of(List.of(Map.of("x", normal(random, 7, 3)))));
  }

  @Test
  void tokensGoThroughSeveralInputs() throws Exception {
    Model tokens =
        model(
            List.of(info("ids", DType.I64, -1, -1), info("mask", DType.I64, -1, -1)),
            List.of(
                Node.of("Gather", List.of("embedding", "ids"), List.of("e"), Map.of()),
                Node.of("Cast", List.of("mask"), List.of("m"), Map.of("to", new IntValue(1))),
                Node.of("Unsqueeze", List.of("m", "axis"), List.of("m1"), Map.of()),
                Node.of("Mul", List.of("e", "m1"), List.of("masked"), Map.of()),
                Node.of("MatMul", List.of("masked", "w"), List.of("y"), Map.of())),
            "y",
            Param.of("embedding", Tensor.of(Shape.of(3, 2), 1, 2, 3, 4, 5, 6)),
            Param.of("axis", Tensor.ofLongs(Shape.of(1), 2)),
            Param.of("w", Tensor.of(Shape.of(2, 1), 1, 1)));
    Inputs sentences =
        Inputs.of(
            List.of(
                Map.of(
                    "ids", Tensor.ofLongs(Shape.of(1, 2), 0, 2),
                    "mask", Tensor.ofLongs(Shape.of(1, 2), 1, 1)),
                Map.of(
                    "ids", Tensor.ofLongs(Shape.of(1, 3), 1, 1, 0),
                    "mask", Tensor.ofLongs(Shape.of(1, 3), 1, 0, 1))));
    SecondMoment moment =
        of(calibration(sentences).collect(tokens, List.of("w"), SecondMoment::new), "w");
    // Rows (1, 2), (5, 6), (3, 4), (0, 0), (1, 2).
    assertThat(moment.matrix(0)).containsExactly(36, 46, 46, 60);
    assertThat(moment.rows()).isEqualTo(5);
    assertThat(LayerInput.of(tokens)).containsOnlyKeys("w");
    assertThatThrownBy(
            () -> calibration(sentences).collect(tokens, List.of("embedding"), InputNorms::new))
        .hasMessageContaining("embedding is not multiplied by a Conv, Gemm or MatMul");
  }

  @Test
  void aSampleOfPositionsIsAPartOfAll() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    Tensor x = normal(random, 2, 1, 10, 10);
    Model conv =
        model(
            List.of(info("x", DType.F32, -1, 1, 10, 10)),
            List.of(Node.of("Conv", List.of("x", "w"), List.of("y"), Map.of())),
            "y",
            Param.of("w", normal(random, 1, 1, 3, 3)));
    Inputs inputs = Inputs.of(List.of(Map.of("x", x)));
    for (int rows : new int[] {1, 7, 63, 64, 1000}) {
      Calibration some = new Calibration(inputs, rows, 1, Progress.SILENT);
      SecondMoment moment = of(some.collect(conv, List.of("w"), SecondMoment::new), "w");
      assertThat(moment.rows()).isEqualTo(2L * Math.min(rows, 64));
    }
  }

  @Test
  void theFactorIsThatOfTheInverse() {
    SplittableRandom random = new SplittableRandom(SEED);
    int n = 23;
    SecondMoment moment = new SecondMoment(new Unfolding.Features(n, false));
    float[] rows = new float[(n + 10) * n];
    for (int i = 0; i < rows.length; i++) {
      // Column 4 is dead.
      rows[i] = i % n == 4 ? 0 : (float) random.nextGaussian();
    }
    moment.take(0, rows, n + 10);
    int[] order = moment.ownOrder();
    order[0] = 7;
    order[7] = 0;
    double[] u = moment.inverseCholesky(0, order, 0.01);
    float[] h = moment.matrix(0);
    double trace = 1;
    for (int i = 0; i < n; i++) {
      trace += h[i * n + i];
    }
    assertThat(moment.isDead(0, 4)).isTrue();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        // Row i of Uᵀ U H.
        double product = 0;
        for (int k = 0; k < n; k++) {
          double inverse = 0;
          for (int m = 0; m < n; m++) {
            inverse += u[m * n + i] * u[m * n + k];
          }
          double damped = h[order[k] * n + order[j]];
          damped += k == j ? 0.01 * trace / n + (order[k] == 4 ? 1 : 0) : 0;
          product += inverse * damped;
        }
        assertThat(product).as("%d, %d", i, j).isCloseTo(i == j ? 1 : 0, within(1e-9));
        assertThat(i > j ? u[i * n + j] : 0).isZero();
      }
    }
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertThatThrownBy(() ->
            Activations.stream(
                small(), List.of("b"), smallInputs(), 1, Progress.SILENT, (i, v) -> {}))
        .hasMessage("no node of the graph makes a tensor 'b'");
    Model bare = new Model(Optional.empty(), small().params(), Map.of(), Map.of(), new byte[0]);
    assertThatThrownBy(() -> LayerInput.of(bare)).hasMessageContaining("no graph");
    assertThatThrownBy(() ->
            new Unfolding.Features(3, false)
                .unfold(Tensor.of(Shape.of(2, 2), 1, 2, 3, 4), 1, (g, r, c) -> {}))
        .hasMessageContaining("vectors of 3 are expected");
  }
}
