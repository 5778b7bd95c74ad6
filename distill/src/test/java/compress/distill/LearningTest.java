package compress.distill;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.distill.Distillation.Weighted;
import compress.model.Model;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.Augment;
import compress.train.Context;
import compress.train.Engine;
import compress.train.EpochLog;
import compress.train.Evaluator;
import compress.train.Fingerprint;
import compress.train.FreshWeights;
import compress.train.Guidance;
import compress.train.Guidance.Tap;
import compress.train.Keep;
import compress.train.LearningRate;
import compress.train.LiveWeights;
import compress.train.Networks;
import compress.train.Optimizer;
import compress.train.Progress;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trained;
import compress.train.Trainer;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Draw;
import compress.train.data.Feed;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import compress.train.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LearningTest {
  private static final Context CONTEXT = Context.of(3).withThreads(1);
  private static final TrainOptions OPTIONS =
      TrainOptions.defaults().withEpochs(8).withBatch(32).withOptimizer(Optimizer.adam(0.003));

  @TempDir Path folder;

  private static Distillation by(Model teacher, Loss loss, double weight) {
    return Distillation.soft(teacher, 3, 1).withLosses(List.of(new Weighted(loss, weight)));
  }

  private static String print(Model model) {
    return new Fingerprint().add(model).hex();
  }

  static Stream<Loss> losses() {
    return Losses.ALL.stream();
  }

  /**
   * One step of plain descent beside central differences of the loss, which ONNX Runtime computes
   * from the student's answers: the gradient goes through the loss and the student.
   */
  @ParameterizedTest
  @MethodSource("losses")
  void aStepFollowsTheGradient(Loss loss) throws IOException {
    DataSplit all = Toys.pictures(20, 4);
    DataSplit data =
        new DataSplit(all.train().subset(0, 6), all.validation(), all.test(), all.preprocessing());
    // Of the same width, so that no adapter learns beside the student.
    Model teacher = calm(FreshWeights.of(Networks.make("resnet-8-4", 1), 5));
    Model student = calm(FreshWeights.of(Networks.make("resnet-8-4", 2), 6));
    Distillation guide = by(teacher, loss, loss.usualWeight());
    double rate = 1e-3;
    TrainOptions options =
        TrainOptions.defaults()
            .withOptimizer(new Optimizer.Sgd(rate, 0, false, 0))
            .withFreezeBatchNorm(true)
            .withGuide(guide);
    assertThat(Trainer.check(student, data, options)).isEmpty();
    Model after = Trainer.train(student, data, options, CONTEXT, StepHook.NONE).model();
    String name = "bn1.bias";
    float[] before = student.param(name).values().toFloats();
    float[] moved = after.param(name).values().toFloats();
    try (Guidance guidance = guide.begin(student, data, options, CONTEXT)) {
      double largest = 0;
      double worst = 0;
      for (int i = 0; i < before.length; i++) {
        double gradient = (before[i] - moved[i]) / rate;
        double step = 1e-2;
        double up = value(guidance, shifted(student, name, i, step), data);
        double down = value(guidance, shifted(student, name, i, -step), data);
        double difference = (up - down) / (2 * step);
        largest = Math.max(largest, Math.abs(difference));
        worst = Math.max(worst, Math.abs(difference - gradient));
      }
      assertThat(largest).as("%s moves", loss).isGreaterThan(1e-5);
      assertThat(worst).as("%s of %s", loss, largest).isLessThan(0.05 * largest + 1e-5);
    }
  }

  /** Smooth: activations far from the kink of their rectifiers, scores of a usual size. */
  private static Model calm(Model model) {
    List<Param> changed = new ArrayList<>();
    for (Param param : model.params().values()) {
      float[] values = param.values().toFloats();
      if (param.name().contains("bn") && param.name().endsWith(".bias")) {
        Arrays.fill(values, 3);
      } else if (param.name().equals("fc.weight")) {
        IntStream.range(0, values.length).forEach(i -> values[i] *= 0.1f);
      }
      changed.add(Param.of(param.name(), Tensor.of(param.shape(), values)));
    }
    return model.with(changed);
  }

  private static Model shifted(Model model, String name, int entry, double by) {
    Param param = model.param(name);
    float[] values = param.values().toFloats();
    values[entry] += (float) by;
    return model.with(List.of(Param.of(name, Tensor.of(param.shape(), values))));
  }

  /** The loss of all training samples, by ONNX Runtime. */
  private static double value(Guidance guidance, Model student, DataSplit data) throws IOException {
    Draw draw = Draw.of(IntStream.range(0, data.train().size()).toArray());
    Sketch taps = new Sketch("tap/");
    Map<String, String> outputs = new HashMap<>();
    for (Tap tap : guidance.taps()) {
      outputs.put(tap.input(), taps.node("Identity", tap.value()));
    }
    Map<String, Tensor> given = new HashMap<>(guidance.given(draw));
    guidance.settings(0, 1).forEach((n, v) -> given.put(n, Tensor.of(Shape.of(1), v)));
    Model tapped = taps.behind(student, List.copyOf(outputs.values()));
    try (OnnxRuntimeEngine engine = OnnxRuntimeEngine.of(tapped, 1)) {
      Feed feed = Feed.of(data.train(), data.preprocessing(), engine.inputs());
      Map<String, Tensor> answers = engine.run(feed.batch(draw));
      outputs.forEach((input, output) -> given.put(input, requireNonNull(answers.get(output))));
    }
    try (OnnxRuntimeEngine engine = OnnxRuntimeEngine.of(guidance.loss(), 1)) {
      given.keySet().retainAll(engine.inputs().stream().map(i -> i.name()).toList());
      return engine.run(given).firstEntry().getValue().toFloats()[0];
    }
  }

  private static double accuracy(Model model, DataSplit data) throws IOException {
    try (Engine engine = new TorchEngine(model, 1)) {
      return Evaluator.accuracy(engine, data.test(), data.preprocessing()).value();
    }
  }

  @Test
  void aStudentLearnsFromATeacherWithoutLabels() throws IOException {
    DataSplit data = Toys.digits(500, 300);
    Model teacher =
        Trainer.train(Networks.make("mlp-60", 1), data, OPTIONS, CONTEXT, StepHook.NONE).model();
    assertThat(accuracy(teacher, data)).isGreaterThan(0.9);
    DataSplit unlabelled = Toys.unlabelled(data);
    for (String name : new String[] {"soft", "reverse", "logits"}) {
      TrainOptions options = OPTIONS.withGuide(by(teacher, Losses.named(name), 1));
      Model student = Networks.make("mlp-30", 2);
      assertThat(accuracy(student, data)).isLessThan(0.4);
      Trained trained = Trainer.train(student, unlabelled, options, CONTEXT, StepHook.NONE);
      assertThat(accuracy(trained.model(), data)).as(name).isGreaterThan(0.85);
    }
  }

  /** Without labels the epoch is chosen by the teacher's loss on samples held out. */
  @Test
  void stopsEarlyByWhatTheTeacherSaysOfSamplesHeldOut() throws IOException {
    DataSplit data = Toys.digits(60, 10);
    DataSplit unlabelled =
        new DataSplit(
            DataSet.unlabelled(data.train().samples()),
            DataSet.unlabelled(data.validation().samples()),
            data.test(),
            data.preprocessing());
    Model teacher = Networks.make("mlp-60", 1);
    TrainOptions options =
        OPTIONS
            .withEpochs(60)
            .withOptimizer(Optimizer.adam(0.05))
            .withKeep(Keep.BEST)
            .withPatience(1)
            .withGuide(Distillation.soft(teacher, 2, 1));
    Trained trained =
        Trainer.train(Networks.make("mlp-30", 2), unlabelled, options, CONTEXT, StepHook.NONE);
    assertThat(trained.log().size()).isLessThan(60).isEqualTo(trained.keptEpoch() + 1);
    double best = trained.log().stream().mapToDouble(EpochLog::validation).max().orElseThrow();
    assertThat(trained.validation()).isNegative().isEqualTo(best);
    DataSplit held =
        new DataSplit(
            unlabelled.validation(), unlabelled.validation(), data.test(), data.preprocessing());
    try (Guidance guidance =
        Distillation.soft(teacher, 2, 1).begin(trained.model(), held, OPTIONS, CONTEXT)) {
      assertThat(value(guidance, trained.model(), held)).isCloseTo(-best, within(1e-4));
    }
  }

  /** What is known of some samples goes in by labels, the rest by the teacher alone. */
  @Test
  void labelledAndUnlabelledSamplesTogether() throws IOException {
    DataSplit data = Toys.digits(400, 200);
    DataSplit mixed =
        new DataSplit(
            data.train().subset(0, 50).withUnlabelled(data.train().subset(50, 320)),
            data.validation(),
            data.test(),
            data.preprocessing());
    assertThat(mixed.train().isPartlyLabelled()).isTrue();
    Model teacher =
        Trainer.train(Networks.make("mlp-60", 1), data, OPTIONS, CONTEXT, StepHook.NONE).model();
    Model student = Networks.make("mlp-30", 2);
    TrainOptions taught = OPTIONS.withGuide(Distillation.soft(teacher, 2, 0.5));
    double with =
        accuracy(Trainer.train(student, mixed, taught, CONTEXT, StepHook.NONE).model(), data);
    double without =
        accuracy(Trainer.train(student, mixed, OPTIONS, CONTEXT, StepHook.NONE).model(), data);
    assertThat(with).isGreaterThan(without).isGreaterThan(0.8);
  }

  @Test
  void answersFromDiskAreThoseOfAskingAtEachStep() throws IOException {
    DataSplit data = Toys.pictures(100, 10);
    Model teacher = Networks.make("resnet-8-8", 1);
    Model student = Networks.make("resnet-8-4", 2);
    Distillation kept =
        Distillation.soft(teacher, 3, 0.7)
            .withLosses(
                List.of(
                    new Weighted(Losses.named("soft"), 1),
                    new Weighted(Losses.named("hint"), 0.1),
                    new Weighted(Losses.named("attention"), 100)));
    TrainOptions options = OPTIONS.withEpochs(1);
    Context keeping = CONTEXT.withCheckpoints(folder);
    Trained once = Trainer.train(student, data, options.withGuide(kept), keeping, StepHook.NONE);
    Trained each =
        Trainer.train(
            student,
            data,
            options.withGuide(kept.withCache(new Distillation.Cache(0, Optional.empty()))),
            CONTEXT,
            StepHook.NONE);
    assertThat(once.notes()).anyMatch(n -> n.contains("asked once"));
    assertThat(each.notes()).anyMatch(n -> n.contains("asked at each step"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .anyMatch(n -> n.startsWith("answers-"));
    }
    float[] a = once.model().param("fc.weight").values().toFloats();
    float[] b = each.model().param("fc.weight").values().toFloats();
    for (int i = 0; i < a.length; i++) {
      assertThat(a[i]).isCloseTo(b[i], within(1e-4f));
    }
    // Kept for others, and asked for anew if what is kept is damaged.
    Path shared = folder.resolve("shared");
    Distillation sharing = kept.withCache(new Distillation.Cache(1 << 30, Optional.of(shared)));
    String expected = print(once.model());
    for (int i = 0; i < 3; i++) {
      Trained again =
          Trainer.train(student, data, options.withGuide(sharing), CONTEXT, StepHook.NONE);
      assertThat(print(again.model())).isEqualTo(expected);
      try (Stream<Path> files = Files.list(shared)) {
        Path only = files.toList().getFirst();
        Files.write(only, new byte[i == 0 ? 0 : 12]);
      }
    }
    Trained augmented =
        Trainer.train(
            student,
            data,
            options.withGuide(kept).withAugment(new Augment(2, true, 0, 0, 0)),
            CONTEXT,
            StepHook.NONE);
    assertThat(augmented.notes()).anyMatch(n -> n.contains("samples are augmented"));
  }

  /** Dies before a step. */
  private record Dying(int at) implements StepHook {
    @Override
    public void beforeStep(int step, int stepsPerEpoch, LiveWeights weights) {
      if (step == at) {
        throw new IllegalStateException("killed");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 14, 25})
  void aKilledRunEndsWithTheBytesOfAnUndisturbedOne(int dieAt) throws IOException {
    DataSplit data = Toys.digits(400, 10);
    Model teacher = Networks.make("mlp-40-20", 1);
    Model student = Networks.make("mlp-20-10", 2);
    Distillation guide =
        new Distillation(
            teacher,
            List.of(new Weighted(Losses.named("soft"), 1), new Weighted(Losses.named("hint"), 0.5)),
            Ramp.parse("temperature", "8:2"),
            Ramp.parse("lambda", "0.9:0.3:cosine"),
            List.of(),
            Distillation.Cache.USUAL);
    TrainOptions options =
        OPTIONS
            .withGuide(guide)
            .withRate(LearningRate.cosine())
            .withAugment(new Augment(1, false, 0, 0, 0, 0.4));
    Trained calm = Trainer.train(student, data, options, CONTEXT, StepHook.NONE);
    Context resuming = CONTEXT.withCheckpoints(folder);
    assertThatThrownBy(() -> Trainer.train(student, data, options, resuming, new Dying(dieAt)))
        .hasMessage("killed");
    Trained resumed = Trainer.train(student, data, options, resuming, StepHook.NONE);
    assertThat(print(resumed.model())).isEqualTo(print(calm.model()));
    assertThat(resumed.log()).isEqualTo(calm.log());
  }

  @Test
  void theAdapterLearnsAndIsGoneAfterwards() throws IOException {
    DataSplit data = Toys.digits(200, 10);
    Model teacher = Networks.make("mlp-40", 1);
    Model student = Networks.make("mlp-20", 2);
    TrainOptions options = OPTIONS.withEpochs(20).withGuide(by(teacher, Losses.named("hint"), 1));
    Trained trained = Trainer.train(student, data, options, CONTEXT, StepHook.NONE);
    assertThat(trained.model().params().keySet()).isEqualTo(student.params().keySet());
    assertThat(trained.notes()).anyMatch(n -> n.contains("hint: relu1 [40] = relu1 [20]"));
    // A fixed random adapter from 20 to 40 could not come near; one that learns does.
    assertThat(trained.log().getLast().loss()).isLessThan(0.5 * trained.log().getFirst().loss());
    // The layer behind the hint is not reached by it.
    assertThat(trained.model().param("ip2.weight").values().toFloats())
        .isEqualTo(student.param("ip2.weight").values().toFloats());
  }

  @Test
  void outputsOfTheTeacherDoNotChangeByBeingAsked() throws IOException {
    DataSplit data = Toys.digits(20, 5);
    Model teacher = Networks.make("mlp-40", 1);
    try (Engine engine = new TorchEngine(teacher, 1)) {
      float[][] expected =
          Evaluator.outputs(engine, data.train(), data.preprocessing(), Progress.SILENT);
      try (Guidance guidance =
          Distillation.soft(teacher, 1, 1)
              .begin(Networks.make("mlp-5", 2), data, OPTIONS, CONTEXT)) {
        Tensor given = guidance.given(Draw.of(3, 0)).values().iterator().next();
        float[] values = given.toFloats();
        for (int c = 0; c < 10; c++) {
          assertThat(values[c]).isCloseTo(expected[3][c], within(1e-5f));
          assertThat(values[10 + c]).isCloseTo(expected[0][c], within(1e-5f));
        }
      }
    }
  }
}
