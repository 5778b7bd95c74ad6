package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.NamePattern;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.Context;
import compress.train.Evaluator;
import compress.train.Outcome;
import compress.train.Progress;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Preprocessing;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done around the rounding, judged by what ONNX Runtime makes of it. */
class LayerwiseTest {
  private static final long SEED = 3;
  private static final DataSplit DATA = Convolutional.data(SEED);
  private static final Context CONTEXT = Context.of(SEED).withData(DATA);

  @TempDir Path folder;

  private static QuantizeOptions linear(int bits, LinearOptions options) {
    return QuantizeOptions.defaults()
        .withScheme(Linear.defaults())
        .withBits(bits)
        .withLinear(options);
  }

  private static Outcome run(Model model, QuantizeOptions options) throws IOException {
    return new QuantizeStage(options).run(model, CONTEXT);
  }

  private float[][] answers(Model model) throws IOException {
    Path file = folder.resolve("m" + System.nanoTime() + ".onnx");
    ModelFiles.write(model, file);
    try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(file, 1)) {
      return Evaluator.outputs(engine, DATA.test(), DATA.preprocessing(), Progress.SILENT);
    }
  }

  /** The error's power in the answers, as a share of their own. */
  private double error(Model was, Model is) throws IOException {
    float[][] expected = answers(was);
    float[][] got = answers(is);
    double noise = 0;
    double power = 0;
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j < expected[i].length; j++) {
        noise += Math.pow(got[i][j] - expected[i][j], 2);
        power += Math.pow(expected[i][j], 2);
      }
    }
    return noise / power;
  }

  @Test
  void foldingChangesNothingButRounding() throws Exception {
    Model model = Convolutional.network(SEED);
    BatchNormFolding.Folded folded = BatchNormFolding.of(model);
    assertThat(folded.folded()).hasSize(3);
    assertThat(folded.model().graph().orElseThrow().nodes())
        .noneMatch(n -> n.is("BatchNormalization"));
    assertThat(folded.model().params()).doesNotContainKey("c1.gain").containsKey("c1.weight.bias");
    assertThat(error(model, folded.model())).isLessThan(1e-10);
    assertThat(BatchNormFolding.of(folded.model()).folded()).isEmpty();
  }

  @Test
  void aConvolutionThatSomebodyElseReadsIsNotFolded() {
    Model model = Convolutional.network(SEED);
    Graph graph = model.graph().orElseThrow();
    List<Node> nodes = new ArrayList<>(graph.nodes());
    nodes.add(Node.of("Relu", List.of("c1"), List.of("other"), Map.of()));
    Model shared =
        new Model(
            Optional.of(new Graph("g", nodes, graph.inputs(), graph.outputs(), graph.carried())),
            model.params(),
            model.opsets(),
            model.metadata(),
            model.carried());
    assertThat(BatchNormFolding.of(shared).folded()).noneMatch(n -> n.startsWith("c1"));
  }

  @Test
  void equalizationChangesNothingButTheReachOfChannels() throws Exception {
    Model folded = BatchNormFolding.of(Convolutional.network(SEED)).model();
    Equalization.Equalized equalized = Equalization.of(folded);
    // c2 reads c1 alone? No: the residual sum does too. c3 reads c2, and nothing else does.
    assertThat(equalized.pairs()).extracting(Equalization.Pair::first).containsExactly("c2.weight");
    assertThat(error(folded, equalized.model())).isLessThan(1e-10);
    float[] first = equalized.model().param("c2.weight").values().toFloats();
    float[] second = equalized.model().param("c3.weight").values().toFloats();
    for (int c = 0; c < 8; c++) {
      float reach1 = 0;
      float reach2 = 0;
      for (int i = 0; i < 9; i++) {
        reach1 = Math.max(reach1, Math.abs(first[9 * c + i]));
      }
      for (int o = 0; o < 8; o++) {
        reach2 = Math.max(reach2, Math.abs(second[8 * o + c]));
      }
      assertThat(reach1).isCloseTo(reach2, within(1e-3f * reach1));
    }
    // What it is for: one scale a tensor.
    QuantizeOptions perTensor =
        linear(6, LinearOptions.NONE)
            .withScheme(new Linear(true, new Grouping.Tensor(), new Range.MinMax()));
    double plain = error(folded, run(folded, perTensor).model());
    double with = error(folded, run(equalized.model(), perTensor).model());
    assertThat(with).isLessThan(plain);
  }

  /** With a bound that no value reaches, the answers stay as they are; the node is a Relu then. */
  @Test
  void clipsBetweenEqualizedConvolutionsLoseTheirBound() throws Exception {
    Model model = clipped(1e6f);
    Equalization.Equalized equalized = Equalization.of(model);
    assertThat(equalized.pairs()).extracting(Equalization.Pair::first).containsExactly("c2.weight");
    assertThat(equalized.unclipped()).containsExactly("c2.norm.relu/Clip");
    assertThat(error(model, equalized.model())).isLessThan(1e-10);
    assertThat(equalized.model().graph().orElseThrow().nodes()).noneMatch(n -> n.is("Clip"));
    // From below zero it is no rectifier, and no pair.
    List<Param> below = List.of(Param.of("low", Tensor.of(Shape.of(), -1)));
    assertThat(Equalization.of(clipped(6).with(below)).pairs()).isEmpty();
  }

  /** The network folded, with a Clip in place of the rectifier before the third convolution. */
  private static Model clipped(float bound) {
    Model model = BatchNormFolding.of(Convolutional.network(SEED)).model();
    Graph graph = model.graph().orElseThrow();
    List<Node> nodes = new ArrayList<>();
    for (Node n : graph.nodes()) {
      boolean second = n.outputs().contains("c2.norm.relu");
      nodes.add(
          second ? Node.of("Clip", List.of(n.input(0), "low", "high"), n.outputs(), Map.of()) : n);
    }
    Map<String, Param> params = new java.util.LinkedHashMap<>(model.params());
    params.put("low", Param.of("low", Tensor.of(Shape.of(), 0)));
    params.put("high", Param.of("high", Tensor.of(Shape.of(), bound)));
    return new Model(
        Optional.of(new Graph("g", nodes, graph.inputs(), graph.outputs(), graph.carried())),
        new java.util.LinkedHashMap<>(params),
        model.opsets(),
        model.metadata(),
        model.carried());
  }

  @ParameterizedTest
  @ValueSource(strings = {"minmax", "moving-average", "percentile", "entropy", "mse"})
  void eightBitsOfEverythingComeCloseAndRunOnIntegers(String calibration) throws Exception {
    Model model = Convolutional.network(SEED);
    Outcome outcome =
        run(
            model,
            linear(
                8,
                LinearOptions.NONE.withActivations(
                    ActivationOptions.defaults().withCalibrator(Calibrator.parse(calibration)))));
    assertThat(error(model, outcome.model())).as(calibration).isLessThan(0.02);
    Model read = written(outcome.model());
    // Biases are integers in the scale of input times weight, and come back as params.
    Affine bias = (Affine) read.param("c1.weight.bias").values();
    assertThat(bias.integers().type()).isEqualTo(DType.I32);
    assertThat(read.param("fc.bias").values()).isInstanceOf(Affine.class);
    assertThat(outcome.details()).containsKeys("activations", "folded");
  }

  private Model written(Model model) throws IOException {
    Path file = folder.resolve("written.onnx");
    ModelFiles.write(model, file);
    return ModelFiles.read(file);
  }

  @Test
  void pairsStandWhereOnnxRuntimeWantsThem() throws Exception {
    Model model = Convolutional.network(SEED);
    Model quantized =
        run(model, linear(8, LinearOptions.NONE.withActivations(ActivationOptions.defaults())))
            .model();
    List<String> tensors =
        quantized.graph().orElseThrow().nodes().stream()
            .filter(n -> n.is("QuantizeLinear"))
            .map(n -> n.input(0))
            .toList();
    assertThat(tensors)
        .containsExactly(
            "x",
            "c1.norm.relu",
            "c2.norm.relu",
            "c3.norm",
            "sum.relu",
            "c4.relu",
            "c5.relu",
            "cat",
            "max",
            "mean",
            "flat");
    // What only moves values has the scale of what it moves.
    Map<String, String> scaleOf = new java.util.HashMap<>();
    quantized.graph().orElseThrow().nodes().stream()
        .filter(n -> n.is("QuantizeLinear"))
        .forEach(n -> scaleOf.put(n.input(0), n.input(1)));
    assertThat(scaleOf.get("max")).isEqualTo(scaleOf.get("cat"));
    assertThat(scaleOf.get("flat")).isEqualTo(scaleOf.get("mean"));
    // After a Relu the zero point is 0, so that ONNX Runtime drops the Relu.
    assertThat(quantized.param("c1.norm.relu.activation_zero_point").values().toFloats())
        .containsExactly(0);
  }

  @Test
  void excludedNodesStayAsTheyAre() throws Exception {
    Model model = Convolutional.network(SEED);
    ActivationOptions without =
        ActivationOptions.defaults()
            .withExclude(List.of(NamePattern.parse("c5"), NamePattern.parse("Gemm")));
    Model quantized = run(model, linear(8, LinearOptions.NONE.withActivations(without))).model();
    assertThat(quantized.param("c5.weight")).isSameAs(model.param("c5.weight"));
    assertThat(quantized.param("fc.weight")).isSameAs(model.param("fc.weight"));
    assertThat(quantized.param("c4.weight").values()).isInstanceOf(Affine.class);
    answers(quantized);
    assertThatThrownBy(() ->
            run(
                model,
                linear(
                    8,
                    LinearOptions.NONE.withActivations(
                        without.withExclude(List.of(NamePattern.parse("c55")))))))
        .hasMessageContaining("exclude", "c55");
  }

  @Test
  void sixteenBitActivationsAreNearlyExact() throws Exception {
    Model model = Convolutional.network(SEED);
    ActivationOptions sixteen = ActivationOptions.defaults().withBits(16);
    Model quantized = run(model, linear(8, LinearOptions.NONE.withActivations(sixteen))).model();
    assertThat(quantized.opset()).isEqualTo(21);
    Model weights = run(model, linear(8, LinearOptions.NONE.withFold(true))).model();
    // What is left are values beyond those that the range was found on.
    assertThat(error(weights, quantized)).isLessThan(1e-3);
  }

  @Test
  void lookingAtInputsMakesAnswersBetter() throws Exception {
    LinearOptions folded = LinearOptions.NONE.withFold(true);
    List<LinearOptions> ways =
        List.of(
            folded,
            folded.withRounding(new Gptq(false, 0.01)),
            folded.withRounding(new Gptq(true, 0.01)),
            folded.withRounding(new AdaRound(300)),
            folded.withCorrectBias(true));
    double[] errors = new double[ways.size()];
    for (long seed = 1; seed <= 4; seed++) {
      Model model = Convolutional.network(seed);
      for (int i = 0; i < errors.length; i++) {
        errors[i] += error(model, run(model, linear(4, ways.get(i))).model());
      }
    }
    for (int i = 1; i < errors.length; i++) {
      assertThat(errors[i]).as("%s", ways.get(i)).isLessThan(errors[0]);
    }
  }

  /** Fixed inputs in one layer: the objective itself, by brute force as the second opinion. */
  @Test
  void roundingIsNeverWorseThanNearestAndNearTheBest() {
    SplittableRandom random = new SplittableRandom(SEED);
    int n = 8;
    float[] x = new float[200 * n];
    for (int r = 0; r < 200; r++) {
      double common = random.nextGaussian();
      for (int c = 0; c < n; c++) {
        x[r * n + c] = (float) (common + 0.5 * random.nextGaussian());
      }
    }
    var moment = new compress.train.SecondMoment(new compress.train.Unfolding.Features(n, false));
    moment.take(0, x, 200);
    double[] sums = new double[4];
    for (int trial = 0; trial < 10; trial++) {
      float[] w = new float[n];
      for (int i = 0; i < n; i++) {
        w[i] = i == 5 ? 0 : (float) random.nextGaussian();
      }
      Layer layer = Layer.of(Shape.of(1, n), w);
      Affine nearest = (Affine) Linear.defaults().quantize(layer, 3, SEED);
      Rows rows = Rows.of(layer.shape(), true);
      double plain = objective(moment, rows, w, nearest.integers().toLongs(), nearest);
      double best = best(moment, rows, w, nearest);
      List<Rounding> roundings =
          List.of(new Gptq(false, 1e-4), new Gptq(true, 1e-4), new AdaRound(1000));
      for (int i = 0; i < roundings.size(); i++) {
        int[] codes = roundings.get(i).round(layer, rows, nearest, 3, moment, 1);
        assertThat(codes[5]).isZero();
        long[] wide = java.util.Arrays.stream(codes).asLongStream().toArray();
        double found = objective(moment, rows, w, wide, nearest);
        sums[i] += found / plain;
        if (roundings.get(i) instanceof AdaRound) {
          assertThat(found).as("trial %d", trial).isLessThanOrEqualTo(plain * 1.0001);
          assertThat(found).as("trial %d", trial).isLessThanOrEqualTo(4 * best);
        }
      }
    }
    // On average: a greedy choice may be worse for once.
    assertThat(sums[0]).isLessThan(9);
    assertThat(sums[1]).isLessThan(9);
    assertThat(sums[2]).isLessThan(9);
  }

  private static double objective(
      compress.train.SecondMoment moment, Rows rows, float[] w, long[] codes, Affine nearest) {
    float scale = nearest.scale().floatAt(0);
    float[] error = new float[w.length];
    for (int i = 0; i < w.length; i++) {
      error[i] = codes[i] * scale - w[i];
    }
    return LayerwiseQuantizer.power(moment, rows, 1, error);
  }

  /** Over all choices of up and down. */
  private static double best(
      compress.train.SecondMoment moment, Rows rows, float[] w, Affine nearest) {
    float scale = nearest.scale().floatAt(0);
    double best = Double.POSITIVE_INFINITY;
    for (int choice = 0; choice < 1 << w.length; choice++) {
      long[] codes = new long[w.length];
      for (int i = 0; i < w.length; i++) {
        long floor = (long) Math.floor(w[i] / scale);
        codes[i] = w[i] == 0 ? 0 : Math.clamp(floor + (choice >> i & 1), -4, 3);
      }
      best = Math.min(best, objective(moment, rows, w, codes, nearest));
    }
    return best;
  }

  @Test
  void biasCorrectionTakesTheMeanErrorOff() throws Exception {
    Model model = BatchNormFolding.of(Convolutional.network(SEED)).model();
    // Of the first layer alone, so that its inputs are those that the means were taken of.
    QuantizeOptions first =
        linear(2, LinearOptions.NONE.withCorrectBias(true).withSamples(96))
            .withSelection(compress.model.Selection.parse(List.of("c1.weight"), List.of()));
    Outcome outcome = run(model, first);
    assertThat(outcome.details()).extractingByKey("corrected").asString().contains("c1.weight");
    double[] was = means(model);
    double[] is = means(outcome.model());
    for (int c = 0; c < was.length; c++) {
      // The means are of evenly spread windows, of which an image of 8 x 8 has no more than 64.
      assertThat(is[c]).isCloseTo(was[c], within(1e-4));
    }
  }

  /** Of the first convolution's answers over the training part, channel by channel. */
  private static double[] means(Model model) throws IOException {
    double[] sums = new double[8];
    compress.train.Activations.stream(
        model,
        List.of("c1.norm"),
        compress.train.data.Inputs.of(
            DATA.train(), DATA.preprocessing(), model.graph().orElseThrow().inputs()),
        1,
        Progress.SILENT,
        (batch, values) -> {
          float[] v = java.util.Objects.requireNonNull(values.get("c1.norm")).toFloats();
          for (int i = 0; i < v.length; i++) {
            sums[i / 64 % 8] += v[i] / (96.0 * 64);
          }
        });
    return sums;
  }

  @Test
  void biasesThatDoNotFitGetALargerScale() throws Exception {
    Model model = Convolutional.network(SEED);
    float[] w = model.param("fc.weight").values().toFloats();
    java.util.Arrays.fill(w, 0, 10, 1e-20f);
    java.util.Arrays.fill(w, 10, 20, 0);
    Model dead = model.with(List.of(Param.of("fc.weight", Tensor.of(Shape.of(10, 10), w))));
    Model quantized =
        run(dead, linear(8, LinearOptions.NONE.withActivations(ActivationOptions.defaults())))
            .model();
    float[] before = dead.param("fc.bias").values().toFloats();
    float[] after = quantized.param("fc.bias").values().toFloats();
    float[][] answers = answers(quantized);
    for (int o = 0; o < 2; o++) {
      assertThat(after[o]).isCloseTo(before[o], within(1e-3f));
      assertThat(answers[0][o]).isCloseTo(before[o], within(1e-3f));
    }
  }

  @Test
  void whatCannotBeIsRefusedBeforeAnythingSlow() {
    Model model = Convolutional.network(SEED);
    LinearOptions calibrated = LinearOptions.NONE.withActivations(ActivationOptions.defaults());
    QuantizeStage stage = new QuantizeStage(linear(8, calibrated));
    assertThat(stage.check(model, Context.of(SEED))).anyMatch(p -> p.contains("give --data"));
    DataSet none = DATA.train().subset(0, 0);
    assertThat(
            stage.check(
                model,
                Context.of(SEED)
                    .withData(new DataSplit(none, none, DATA.test(), Preprocessing.RAW))))
        .anyMatch(p -> p.contains("no training part"));
    DataSet wrong = DataSet.unlabelled(Tensor.of(Shape.of(4, 5), new float[20]));
    assertThat(
            stage.check(
                model,
                Context.of(SEED).withData(new DataSplit(wrong, none, none, Preprocessing.RAW))))
        .anyMatch(p -> p.contains("[5]") && p.contains("'x'"));
    assertThat(
            new QuantizeStage(
                    QuantizeOptions.defaults()
                        .withLinear(LinearOptions.NONE.withRounding(new AdaRound(1))))
                .check(model, CONTEXT))
        .anyMatch(p -> p.contains("need 'linear'"));
    Model bare = new Model(Optional.empty(), model.params(), Map.of(), Map.of(), new byte[0]);
    assertThat(stage.check(bare, CONTEXT)).anyMatch(p -> p.contains("no graph"));
    assertThatThrownBy(() -> ActivationOptions.defaults().withBits(0))
        .hasMessageContaining("4, 8 or 16");
    assertThatThrownBy(() -> LinearOptions.NONE.withSamples(0)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> Calibrator.parse("minmx")).hasMessageContaining("'minmax'");
  }

  @Test
  void sameSeedSameBytes() throws Exception {
    Model model = Convolutional.network(SEED);
    QuantizeOptions options =
        linear(
            4,
            LinearOptions.NONE
                .withRounding(new Gptq(true, 0.01))
                .withCorrectBias(true)
                .withActivations(ActivationOptions.defaults()));
    Path first = folder.resolve("a.onnx");
    Path second = folder.resolve("b.onnx");
    ModelFiles.write(run(model, options).model(), first);
    ModelFiles.write(run(model, options).model(), second);
    assertThat(second).hasSameBinaryContentAs(first);
  }
}
