package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Selection;
import compress.train.Context;
import compress.train.Evaluator;
import compress.train.Optimizer;
import compress.train.Outcome;
import compress.train.OutputComparison;
import compress.train.Progress;
import compress.train.TrainOptions;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Preprocessing;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import compress.train.torch.TorchEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training through the rounding, on a problem small enough to be learnt by heart. */
class QuantizationAwareTest {
  private static final long SEED = 6;
  private static final DataSplit DATA = ownAnswers();
  private static final Context CONTEXT = Context.of(SEED).withData(DATA).withThreads(1);
  private static final TrainOptions TRAINING =
      TrainOptions.defaults().withBatch(32).withOptimizer(Optimizer.adam(0.01));

  @TempDir Path folder;

  /** Images labelled by the network itself, so that it is right on all of them before rounding. */
  private static DataSplit ownAnswers() {
    DataSplit random = Convolutional.data(SEED);
    try (TorchEngine engine = new TorchEngine(Convolutional.network(SEED), 1)) {
      float[][] answers =
          Evaluator.outputs(engine, random.train(), Preprocessing.RAW, Progress.SILENT);
      int[] labels = new int[answers.length];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = OutputComparison.argMax(answers[i], 0, answers[i].length);
      }
      DataSet train = DataSet.of(random.train().samples(), labels, 10);
      return new DataSplit(train, train.subset(0, 8), train, Preprocessing.RAW);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private double fits(Model model) throws IOException {
    Path file = folder.resolve("m.onnx");
    ModelFiles.write(model, file);
    try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(file, 1)) {
      return Evaluator.accuracy(engine, DATA.train(), DATA.preprocessing()).value();
    }
  }

  @Test
  void learnsWhatRoundingTookAwayAndIsWhatOnnxRuntimeRuns() throws Exception {
    Model trained = BatchNormFolding.of(Convolutional.network(SEED)).model();
    assertThat(fits(trained)).isEqualTo(1);
    QuantizeOptions options =
        QuantizeOptions.defaults()
            .withScheme(Linear.defaults())
            .withBits(2)
            .withLinear(LinearOptions.NONE.withActivations(ActivationOptions.defaults()));
    double rounded = fits(new QuantizeStage(options).run(trained, CONTEXT).model());
    Outcome outcome =
        new QuantizeStage(options.withFinetune(TRAINING.withEpochs(30))).run(trained, CONTEXT);
    Model result = outcome.model();
    double learnt = fits(result);
    assertThat(learnt).isGreaterThan(rounded + 0.1);
    // Still integers of 2 bits, with scales that are not those it began with.
    Affine c4 = (Affine) result.param("c4.weight").values();
    assertThat(c4.integers().type()).isEqualTo(DType.I4);
    for (long code : c4.integers().toLongs()) {
      assertThat(code).isBetween(-2L, 1L);
    }
    Model untrained = new QuantizeStage(options).run(trained, CONTEXT).model();
    Affine before = (Affine) untrained.param("c4.weight").values();
    assertThat(c4.scale().toFloats()).isNotEqualTo(before.scale().toFloats());
    assertThat(outcome.details()).containsKey("training");
    // The training's own view of the network was that of ONNX Runtime.
    assertThat(result.graph().orElseThrow().nodes()).noneMatch(n -> n.op().equals("FakeQuantize"));
  }

  @Test
  void prunedWeightsStayZero() throws Exception {
    Model model = BatchNormFolding.of(Convolutional.network(SEED)).model();
    float[] w = model.param("c5.weight").values().toFloats();
    for (int i = 0; i < w.length; i += 2) {
      w[i] = 0;
    }
    Model pruned =
        model.with(
            List.of(
                compress.model.Param.of(
                    "c5.weight", compress.model.Tensor.of(model.param("c5.weight").shape(), w))));
    QuantizeOptions options =
        QuantizeOptions.defaults()
            .withScheme(Linear.defaults())
            .withBits(4)
            .withSelection(Selection.parse(List.of("c5.weight"), List.of()))
            .withFinetune(TRAINING.withEpochs(2));
    float[] after =
        new QuantizeStage(options)
            .run(pruned, CONTEXT)
            .model()
            .param("c5.weight")
            .values()
            .toFloats();
    for (int i = 0; i < w.length; i += 2) {
      assertThat(after[i]).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"binary", "ternary"})
  void signsAreLearntAndAreThoseOfTheSchemeAfterwards(String name) throws Exception {
    Model model = Convolutional.network(SEED);
    Scheme scheme = Schemes.parse(name, Map.of());
    QuantizeOptions options =
        QuantizeOptions.defaults()
            .withScheme(scheme)
            .withBits(scheme.fewestBits())
            .withSelection(Selection.parse(List.of(), List.of("c1.weight", "fc.weight")));
    double rounded = fits(new QuantizeStage(options).run(model, CONTEXT).model());
    Outcome outcome =
        new QuantizeStage(options.withFinetune(TRAINING.withEpochs(30))).run(model, CONTEXT);
    assertThat(fits(outcome.model())).isGreaterThan(rounded + 0.1);
    for (String weight : List.of("c3.weight", "c4.weight", "c5.weight")) {
      Affine learnt = (Affine) outcome.model().param(weight).values();
      for (long code : learnt.integers().toLongs()) {
        assertThat(Math.abs(code)).isBetween(name.equals("binary") ? 1L : 0L, 1L);
      }
      assertThat(learnt.scale().size()).isEqualTo(learnt.shape().dim(0));
    }
    assertThat(outcome.details()).containsKey("training");
  }

  @Test
  void groupsAndZeroPointsAreRefused() {
    for (Scheme scheme :
        List.of(
            Schemes.parse("linear", Map.of("granularity", "group:4")),
            Schemes.parse("linear", Map.of("asymmetric", "true")),
            Schemes.parse("ternary", Map.of("granularity", "group:2")))) {
      QuantizeOptions options =
          QuantizeOptions.defaults()
              .withScheme(scheme)
              .withBits(scheme.usualBits())
              .withFinetune(TRAINING);
      assertThat(new QuantizeStage(options).check(Convolutional.network(SEED), CONTEXT))
          .anyMatch(p -> p.contains("training through the rounding"));
    }
  }
}
