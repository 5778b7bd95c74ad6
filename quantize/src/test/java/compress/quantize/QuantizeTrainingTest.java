package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.Codebook;
import compress.model.Dense;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.Tensor;
import compress.train.Context;
import compress.train.Engine;
import compress.train.Evaluator;
import compress.train.Networks;
import compress.train.Optimizer;
import compress.train.Outcome;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trainer;
import compress.train.data.DataFiles;
import compress.train.data.DataSplit;
import compress.train.torch.TorchEngine;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Shares the weights of a real network on a part of MNIST, small enough to take seconds. */
class QuantizeTrainingTest {
  private static final TrainOptions TRAINING =
      TrainOptions.defaults().withEpochs(3).withOptimizer(Optimizer.adam(0.002));
  private static final List<String> WEIGHTS = List.of("ip1.weight", "ip2.weight", "ip3.weight");

  @SuppressWarnings("NullAway.Init")
  private static Context context;

  @SuppressWarnings("NullAway.Init")
  private static Model trained;

  @BeforeAll
  static void trainOnce() throws Exception {
    DataSplit all = DataFiles.read(Path.of("../samples/mnist"));
    DataSplit few =
        new DataSplit(
            all.train().subset(0, 2000),
            all.validation().subset(0, 300),
            all.test().subset(0, 1000),
            all.preprocessing());
    context = Context.of(7).withData(few).withThreads(1);
    Model dense =
        Trainer.train(Networks.make("lenet-300-100", 7), few, TRAINING, context, StepHook.NONE)
            .model();
    trained = dense.with(List.of(halfZero(dense.param("ip1.weight"))));
  }

  /** The smaller half of the weights set to 0. */
  private static Param halfZero(Param param) {
    float[] values = param.values().toFloats();
    float[] sizes = values.clone();
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Math.abs(sizes[i]);
    }
    Arrays.sort(sizes);
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]) < sizes[sizes.length / 2] ? 0 : values[i];
    }
    return param.with(new Dense(Tensor.of(param.shape(), values)));
  }

  private static Outcome run(QuantizeOptions options) throws Exception {
    return new QuantizeStage(options).run(trained, context);
  }

  private static double accuracy(Model model) throws Exception {
    DataSplit data = context.data().orElseThrow();
    try (Engine engine = new TorchEngine(model, 1)) {
      return Evaluator.accuracy(engine, data.test(), data.preprocessing()).value();
    }
  }

  @Test
  void trainingSharedValuesKeepsTheClustersAndRecovers() throws Exception {
    QuantizeOptions options = QuantizeOptions.defaults().withBits(1);
    Model before = run(options).model();
    Model after = run(options.withFinetune(TRAINING)).model();
    for (String name : WEIGHTS) {
      Codebook b = (Codebook) before.param(name).values();
      Codebook a = (Codebook) after.param(name).values();
      assertThat(a.indices().sameAs(b.indices())).as(name).isTrue();
      assertThat(a.codebook().sameAs(b.codebook())).as(name).isFalse();
      assertThat(after.param(name).mask()).isEqualTo(trained.param(name).mask());
    }
    assertThat(accuracy(after)).isGreaterThan(accuracy(before));
    assertThat(accuracy(after)).isGreaterThan(accuracy(trained) - 0.05);
  }

  @Test
  void moreBitsLoseLess() throws Exception {
    double four = accuracy(run(QuantizeOptions.defaults().withBits(4)).model());
    double one = accuracy(run(QuantizeOptions.defaults().withBits(1)).model());
    assertThat(four).isGreaterThan(accuracy(trained) - 0.01);
    assertThat(four).isGreaterThan(one);
  }

  @Test
  void prunedWeightsThatAreNotQuantizedStayZeroInTraining() throws Exception {
    Mask mask = trained.param("ip1.weight").mask();
    QuantizeOptions options =
        QuantizeOptions.defaults()
            .withSelection(compress.model.Selection.parse(List.of("ip2*"), List.of()))
            .withFinetune(TRAINING.withEpochs(1));
    Model after = run(options).model();
    assertThat(after.param("ip1.weight").mask()).isEqualTo(mask);
    assertThat(after.param("ip1.weight").values().toFloats())
        .isNotEqualTo(trained.param("ip1.weight").values().toFloats());
  }

  @Test
  void trainedCodebooksAreInOrderAgain() throws Exception {
    // A learning rate so high that values overtake each other.
    QuantizeOptions options =
        QuantizeOptions.defaults()
            .withBits(5)
            .withFinetune(TRAINING.withOptimizer(Optimizer.adam(0.05)).withEpochs(1));
    Outcome outcome = run(options);
    for (String name : WEIGHTS) {
      Codebook c = (Codebook) outcome.model().param(name).values();
      float[] values = c.codebook().toFloats();
      int first = values[0] == 0 ? 1 : 0;
      assertThat(first).isEqualTo(name.equals("ip1.weight") ? 1 : 0);
      for (int i = first + 1; i < values.length; i++) {
        assertThat(values[i]).isGreaterThanOrEqualTo(values[i - 1]);
      }
    }
    assertThat(outcome.details())
        .containsEntry("kept_epoch", 1)
        .containsKey("validation")
        .extractingByKey("training")
        .asString()
        .startsWith("[{epoch=1, loss=")
        .contains("validation=", "rate=0.05");
  }
}
