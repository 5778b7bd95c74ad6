package compress.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.model.Codebook;
import compress.model.DType;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.data.DataSplit;
import compress.train.data.Preprocessing;
import compress.train.torch.TorchEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainerTest {
  private static final DataSplit DATA = Blobs.split(500, 300, 7);
  private static final Context CONTEXT = Context.of(3).withThreads(1);
  private static final TrainOptions OPTIONS =
      TrainOptions.defaults().withEpochs(4).withBatch(32).withOptimizer(Optimizer.sgd(0.05));

  @TempDir Path folder;

  private static Trained train(Model model, TrainOptions options) throws IOException {
    return Trainer.train(model, DATA, options, CONTEXT, StepHook.NONE);
  }

  private static double testAccuracy(Model model) throws IOException {
    try (Engine engine = new TorchEngine(model, 1)) {
      return Evaluator.accuracy(engine, DATA.test(), DATA.preprocessing()).value();
    }
  }

  private static String print(Model model) {
    return new Fingerprint().add(model).hex();
  }

  @Test
  void bothOptimizersLearn() throws IOException {
    Model model = Networks.make("lenet-300-100", 1);
    assertThat(testAccuracy(model)).isLessThan(0.4);
    for (Optimizer optimizer : List.of(Optimizer.sgd(0.05), Optimizer.adam(0.001))) {
      Trained trained = train(model, OPTIONS.withOptimizer(optimizer));
      assertThat(testAccuracy(trained.model())).as("%s", optimizer).isGreaterThan(0.9);
      assertThat(trained.log()).hasSize(4);
      assertThat(trained.log().getLast().loss()).isLessThan(trained.log().getFirst().loss() / 2);
    }
  }

  /** One step by hand: w - rate (p - t) x, for a network of one layer. */
  @Test
  void theFirstStepIsTheFormulas() throws IOException {
    Model model = Networks.make("lenet-300-100", 1);
    Set<String> all = Set.of("ip1.weight", "ip1.bias", "ip2.weight", "ip2.bias", "ip3.weight");
    DataSplit one =
        new DataSplit(
            DATA.train().subset(0, 1), DATA.validation(), DATA.test(), Preprocessing.UNIT);
    TrainOptions options =
        TrainOptions.defaults().withOptimizer(new Optimizer.Sgd(0.1, 0, false, 0)).withFrozen(all);
    Trained trained = Trainer.train(model, one, options, CONTEXT, StepHook.NONE);
    float[] scores;
    try (Engine engine = new TorchEngine(model, 1)) {
      scores = Evaluator.outputs(engine, one.train(), Preprocessing.UNIT, Progress.SILENT)[0];
    }
    double sum = 0;
    for (float s : scores) {
      sum += Math.exp(s);
    }
    float[] bias = trained.model().param("ip3.bias").values().toFloats();
    for (int i = 0; i < bias.length; i++) {
      double expected = -0.1 * (Math.exp(scores[i]) / sum - (i == one.train().label(0) ? 1 : 0));
      assertThat((double) bias[i]).isCloseTo(expected, within(1e-6));
    }
    assertThat(trained.model().param("ip1.weight")).isSameAs(model.param("ip1.weight"));
  }

  @Test
  void theSameSeedGivesTheSameBytesAndAnotherDoesNot() throws IOException {
    Model model = Networks.make("lenet-300-100", 1);
    TrainOptions options =
        OPTIONS
            .withEpochs(1)
            .withAugment(new Augment(2, false, 5, 0.1, 1))
            .withDropout(Map.of("ip2.weight", 0.3));
    String once = print(train(model, options).model());
    assertThat(print(train(model, options).model())).isEqualTo(once);
    Context other = Context.of(4).withThreads(1);
    assertThat(print(Trainer.train(model, DATA, options, other, StepHook.NONE).model()))
        .isNotEqualTo(once);
  }

  @Test
  void maskedWeightsStayZeroAndTheOthersLearn() throws IOException {
    Model model = Networks.make("lenet-300-100", 1);
    float[] values = model.param("ip1.weight").values().toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 3 == 0 ? values[i] : 0;
    }
    Mask mask = Mask.ofNonZeros(Shape.of(300, 784), values);
    for (Optimizer optimizer :
        List.of(new Optimizer.Sgd(0.05, 0.9, true, 1e-3), new Optimizer.Adam(1e-3, 0.9, 0.99, 0))) {
      TrainOptions options = OPTIONS.withOptimizer(optimizer).withMasks(Map.of("ip1.weight", mask));
      Trained trained = train(model, options);
      Param pruned = trained.model().param("ip1.weight");
      assertThat(pruned.mask()).as("%s", optimizer).isEqualTo(mask);
      assertThat(trained.masks()).containsEntry("ip1.weight", mask);
      assertThat(testAccuracy(trained.model())).isGreaterThan(0.9);
    }
  }

  @Test
  void aCodebookKeepsItsIndicesAndItsZero() throws IOException {
    Model model = Networks.make("lenet-300-100", 1);
    Param weight = model.param("ip1.weight");
    float[] values = weight.values().toFloats();
    float[] shared = {0, -0.06f, -0.02f, 0.02f, 0.06f};
    byte[] indices = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      for (int c = 1; c < shared.length; c++) {
        if (Math.abs(values[i] - shared[c]) < Math.abs(values[i] - shared[indices[i]])) {
          indices[i] = (byte) c;
        }
      }
    }
    Codebook codebook =
        new Codebook(
            Tensor.of(Shape.of(shared.length), shared),
            Tensor.of(DType.U8, weight.shape(), indices));
    Model clustered = model.with(List.of(weight.with(codebook)));
    // The gradient of a shared value is a sum over thousands of entries; Adam takes its scale out.
    Trained trained = train(clustered, OPTIONS.withOptimizer(Optimizer.adam(0.001)));
    Codebook after = (Codebook) trained.model().param("ip1.weight").values();
    assertThat(after.indices()).isSameAs(codebook.indices());
    float[] tuned = after.codebook().toFloats();
    assertThat(tuned[0]).isZero();
    for (int c = 1; c < tuned.length; c++) {
      assertThat(tuned[c]).isNotEqualTo(shared[c]);
    }
    assertThat(testAccuracy(trained.model())).isGreaterThan(testAccuracy(clustered));
  }

  /** Prunes a little more at the start of each epoch, and may be told to die. */
  private static final class Pruning implements StepHook {
    private final int dieAt;
    private int calls;

    Pruning(int dieAt) {
      this.dieAt = dieAt;
    }

    @Override
    public void beforeStep(int step, int stepsPerEpoch, LiveWeights weights) {
      if (step == dieAt) {
        throw new IllegalStateException("killed");
      }
      calls++;
      if (step % stepsPerEpoch == 0) {
        float[] values = weights.values("ip1.weight");
        for (int i = 0; i < values.length; i++) {
          values[i] = Math.abs(values[i]) < 0.02f * (1 + step / stepsPerEpoch) ? 0 : values[i];
        }
        weights.setMask("ip1.weight", Mask.ofNonZeros(Shape.of(300, 784), values));
      }
    }

    @Override
    public String describe() {
      return "pruning";
    }

    @Override
    public byte[] state() {
      return Integer.toString(calls).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void restore(byte[] state) {
      calls = Integer.parseInt(new String(state, StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 13, 20, 51})
  void aKilledRunEndsWithTheBytesOfAnUndisturbedOne(int dieAt) throws IOException {
    Model model = Networks.make("lenet-300-100", 1);
    TrainOptions options =
        OPTIONS
            .withKeep(Keep.BEST)
            .withOptimizer(Optimizer.adam(0.002))
            .withRate(LearningRate.cosine())
            .withDropout(Map.of("ip2.weight", 0.2));
    Pruning calm = new Pruning(-1);
    Trained undisturbed = Trainer.train(model, DATA, options, CONTEXT, calm);
    Context resuming = CONTEXT.withCheckpoints(folder);
    assertThatThrownBy(() -> Trainer.train(model, DATA, options, resuming, new Pruning(dieAt)))
        .hasMessage("killed");
    Pruning second = new Pruning(-1);
    Trained resumed = Trainer.train(model, DATA, options, resuming, second);
    assertThat(print(resumed.model())).isEqualTo(print(undisturbed.model()));
    assertThat(resumed.log()).isEqualTo(undisturbed.log());
    assertThat(resumed.masks()).isEqualTo(undisturbed.masks());
    assertThat(second.calls).isEqualTo(calm.calls);
    // Done already: the checkpoint alone gives the answer.
    Trained again = Trainer.train(model, DATA, options, resuming, new Pruning(0));
    assertThat(print(again.model())).isEqualTo(print(undisturbed.model()));
  }

  @Test
  void aDamagedOrForeignCheckpointIsNotUsed() throws IOException {
    Model model = Networks.make("lenet-300-100", 1);
    Context keeping = CONTEXT.withCheckpoints(folder);
    TrainOptions options = OPTIONS.withEpochs(1);
    String expected = print(Trainer.train(model, DATA, options, keeping, StepHook.NONE).model());
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertThat(print(Trainer.train(model, DATA, options, keeping, StepHook.NONE).model()))
        .isEqualTo(expected);
    Trainer.train(model, DATA, options.withBatch(16), keeping, StepHook.NONE);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.count()).isEqualTo(2);
    }
  }

  @Test
  void stopsEarlyAndKeepsTheBest() throws IOException {
    Model model = Networks.make("lenet-300-100", 1);
    TrainOptions options = OPTIONS.withEpochs(50).withPatience(2).withKeep(Keep.BEST);
    Trained trained = train(model, options);
    assertThat(trained.log().size()).isLessThan(50).isEqualTo(trained.keptEpoch() + 2);
    double best = trained.log().stream().mapToDouble(EpochLog::validation).max().orElseThrow();
    assertThat(trained.validation()).isEqualTo(best);
    try (Engine engine = new TorchEngine(trained.model(), 1)) {
      assertThat(Evaluator.accuracy(engine, DATA.validation(), DATA.preprocessing()).value())
          .isEqualTo(best);
    }
  }

  /** Mixed samples have mixed labels: what is learnt from them is right for single ones. */
  @Test
  void learnsFromMixedSamples() throws IOException {
    TrainOptions options = OPTIONS.withEpochs(8).withAugment(Augment.NONE.withMixup(0.5));
    Trained trained = train(Networks.make("lenet-300-100", 1), options);
    assertThat(testAccuracy(trained.model())).isGreaterThan(0.9);
    assertThat(print(train(Networks.make("lenet-300-100", 1), options).model()))
        .isEqualTo(print(trained.model()));
    // Mixed labels leave a loss that cannot be learnt away.
    Trained plain = train(Networks.make("lenet-300-100", 1), OPTIONS.withEpochs(8));
    assertThat(trained.log().getLast().loss()).isGreaterThan(4 * plain.log().getLast().loss());
  }

  @Test
  void namesOfNetworksSayTheirSizes() {
    assertThat(Networks.make("resnet-20", 1).parameters())
        .isEqualTo(Networks.make("resnet-20-16", 1).parameters());
    assertThat(Networks.make("mlp-300-100", 1).parameters())
        .isEqualTo(Networks.make("lenet-300-100", 1).parameters());
    assertThat(Networks.make("resnet-8", 1).params())
        .doesNotContainKey("stage1.block2.conv1.weight");
    assertThatThrownBy(() -> Networks.require("resnet-19")).hasMessageContaining("8, 14, 20");
    assertThatThrownBy(() -> Networks.require("lenet5"))
        .hasMessageContaining("did you mean 'lenet-5'");
  }

  @Test
  void batchNormalizationLearnsItsRunningValuesUnlessFrozen() throws IOException {
    Model model = Bars.withBatchNorm(5);
    TrainOptions options = OPTIONS.withEpochs(2);
    Trained trained = train(model, options);
    assertThat(trained.model().param("mean").values().toFloats()).isNotEqualTo(new float[4]);
    assertThat(testAccuracy(trained.model())).isGreaterThan(0.8);
    Trained frozen = train(model, options.withFreezeBatchNorm(true));
    assertThat(frozen.model().param("mean")).isSameAs(model.param("mean"));
  }

  @Test
  void aNetworkOfOneSampleIsTrainedAsOneOfMany() throws IOException {
    Model open = Networks.make("lenet-300-100", 1);
    TrainOptions options = OPTIONS.withEpochs(1);
    float[] expected = train(open, options).model().param("ip1.weight").values().toFloats();
    Trained reshaped = train(Bars.withReshapeToOne(open), options);
    Trained summed = train(Bars.withBatchOfOne(open), options);
    assertThat(reshaped.notes()).anyMatch(note -> note.contains("opened"));
    assertThat(summed.notes()).anyMatch(note -> note.contains("exactly 1 samples at a time"));
    for (Trained trained : List.of(reshaped, summed)) {
      assertThat(trained.model().graph().orElseThrow().inputs().getFirst().dims().orElseThrow())
          .startsWith(OptionalLong.of(1));
      assertThat(trained.model().params()).doesNotContainKey("to/open");
      float[] actual = trained.model().param("ip1.weight").values().toFloats();
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f));
      }
    }
  }

  @Test
  void allThatIsWrongIsListedBeforeAnythingStarts() {
    Model model = Bars.withUnknownOperators();
    TrainOptions options =
        OPTIONS
            .withFrozen(Set.of("nothing"))
            .withMasks(Map.of("w", Mask.of(Shape.of(2), new BitSet())));
    List<String> wrong = Trainer.check(model, DATA, options);
    assertThat(wrong)
        .anyMatch(w -> w.contains("a/Frobnicate"))
        .anyMatch(w -> w.contains("b/com.example.Relu"))
        .anyMatch(w -> w.contains("'nothing'"))
        .anyMatch(w -> w.contains("mask of w"));
    assertThatThrownBy(() -> Trainer.train(model, DATA, options, CONTEXT, StepHook.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a/Frobnicate")
        .hasMessageContaining("'nothing'");
  }

  @Test
  void progressCountsEachStep() throws IOException {
    List<Long> counted = new ArrayList<>();
    Progress progress =
        (what, total) -> {
          counted.add(-total);
          return new Progress.Task() {
            @Override
            public void advance(long n) {
              counted.add(n);
            }

            @Override
            public void note(String text) {}

            @Override
            public void close() {}
          };
        };
    Model model = Networks.make("lenet-300-100", 1);
    Trainer.train(
        model, DATA, OPTIONS.withEpochs(2), CONTEXT.withProgress(progress), StepHook.NONE);
    assertThat(counted.stream().mapToLong(Long::longValue).sum()).isZero();
    assertThat(Optional.of(counted.getFirst())).contains(-26L);
  }
}
