package compress.distill;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.distill.Distillation.Weighted;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Param;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Context;
import compress.train.Fingerprint;
import compress.train.Networks;
import compress.train.Optimizer;
import compress.train.Outcome;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trainer;
import compress.train.ValueShapes;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Feed;
import compress.train.data.Preprocessing;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StudentsTest {
  private static final TrainOptions OPTIONS =
      TrainOptions.defaults().withEpochs(2).withBatch(32).withOptimizer(Optimizer.adam(0.002));

  private static List<String> names(List<Loss.Value> values) {
    return values.stream().map(Loss.Value::name).toList();
  }

  @Test
  void landmarksAreBehindBlocks() throws IOException {
    assertThat(names(Landmarks.of(Networks.make("resnet-20", 1)).inside()))
        .containsExactly(
            "relu1",
            "stage1.block1.relu2",
            "stage1.block2.relu2",
            "stage1.block3.relu2",
            "stage2.block1.relu2",
            "stage2.block2.relu2",
            "stage2.block3.relu2",
            "stage3.block1.relu2",
            "stage3.block2.relu2",
            "stage3.block3.relu2",
            "pool",
            "flatten");
    assertThat(names(Landmarks.of(Networks.make("mlp-30-20", 1)).inside()))
        .containsExactly("relu1", "relu2");
  }

  @Test
  void pairsShareTheirPlaces() throws IOException {
    Model teacher = Networks.make("resnet-20", 1);
    Model student = Networks.make("resnet-8-8", 1);
    Distillation attention =
        Distillation.soft(teacher, 1, 1)
            .withLosses(List.of(new Weighted(Losses.named("attention"), 1)));
    assertThat(attention.comparisons(student))
        .containsExactly(
            "attention: stage1.block3.relu2 [16, 32, 32] = stage1.block1.relu2 [8, 32, 32]",
            "attention: stage2.block3.relu2 [32, 16, 16] = stage2.block1.relu2 [16, 16, 16]",
            "attention: stage3.block3.relu2 [64, 8, 8] = stage3.block1.relu2 [32, 8, 8]");
    Distillation hint = attention.withLosses(List.of(new Weighted(Losses.named("hint"), 1)));
    assertThat(hint.comparisons(student))
        .containsExactly(
            "hint: stage2.block3.relu2 [32, 16, 16] = stage2.block1.relu2 [16, 16, 16]");
    Distillation named =
        hint.withPairs(
            List.of(new Distillation.Pair("stage2.block2.relu2", "stage2.block1.relu2")));
    assertThat(named.comparisons(student))
        .containsExactly(
            "hint: stage2.block2.relu2 [32, 16, 16] = stage2.block1.relu2 [16, 16, 16]");
    assertThatThrownBy(() ->
            hint.withPairs(List.of(new Distillation.Pair("stage2.block2.relu3", "relu1")))
                .comparisons(student))
        .hasMessageContaining("the teacher has no value 'stage2.block2.relu3'")
        .hasMessageContaining("did you mean 'stage2.block");
  }

  /** A layer that goes computes nothing: as if its two convolutions were 0 and its ends met. */
  @Test
  void fewerLayersOfAResNet() throws IOException {
    Model teacher = Networks.make("resnet-20", 1);
    Model student = new FewerLayers(0.5).of(teacher);
    // Of three alike in the first stage two stay, of two in each of the others one.
    assertThat(student.params().keySet().stream().filter(n -> n.endsWith("conv1.weight")))
        .containsExactly(
            "conv1.weight",
            "stage1.block1.conv1.weight",
            "stage1.block2.conv1.weight",
            "stage2.block1.conv1.weight",
            "stage2.block2.conv1.weight",
            "stage3.block1.conv1.weight",
            "stage3.block2.conv1.weight");
    assertThat(requireNonNull(ValueShapes.of(student, 2).get("output")).toArray())
        .containsExactly(2, 10);
    assertThat(run(student, Toys.normal(1, 2, 3, 32, 32)))
        .isEqualTo(run(without(teacher), Toys.normal(1, 2, 3, 32, 32)));
    assertThatThrownBy(() -> new FewerLayers(0.5).of(Networks.make("mlp-30-20", 1)))
        .hasMessageContaining("repeats no layer");
  }

  /** A transformer's last layer makes what is asked for; the layer before then has to. */
  @Test
  void anOutputKeepsItsNameWhenItsLayerGoes() throws IOException {
    Model teacher = asking(Networks.make("resnet-20", 1), "stage3.block3.relu2");
    Model student = new FewerLayers(0.5).of(teacher);
    assertThat(student.params()).doesNotContainKey("stage3.block3.conv1.weight");
    assertThat(run(student, Toys.normal(1, 2, 3, 32, 32)))
        .isEqualTo(run(without(teacher), Toys.normal(1, 2, 3, 32, 32)));
  }

  private static Model asking(Model model, String output) {
    Graph graph = model.graph().orElseThrow();
    ValueInfo asked = new ValueInfo(output, Optional.of(DType.F32), Optional.empty(), new byte[0]);
    Graph changed =
        new Graph(graph.name(), graph.nodes(), graph.inputs(), List.of(asked), graph.carried());
    return new Model(
        Optional.of(changed), model.params(), model.opsets(), model.metadata(), model.carried());
  }

  private static float[] run(Model model, Tensor input) throws IOException {
    try (OnnxRuntimeEngine engine = OnnxRuntimeEngine.of(model, 1)) {
      return engine.run(Map.of("input", input)).firstEntry().getValue().toFloats();
    }
  }

  /** The blocks that go, with a last normalization that gives 0, so that they add nothing. */
  private static Model without(Model model) {
    List<String> silent = List.of("stage1.block3", "stage2.block3", "stage3.block3");
    return model.with(
        model.params().values().stream()
            .filter(p ->
                silent.stream()
                    .anyMatch(s ->
                        p.name().equals(s + ".bn2.weight") || p.name().equals(s + ".bn2.bias")))
            .map(p -> Param.of(p.name(), Tensor.of(p.shape(), new float[(int) p.size()])))
            .toList());
  }

  private static Context context(DataSplit data) {
    return Context.of(3).withThreads(1).withData(data);
  }

  private static DistillStage stage(Model teacher, TrainOptions options) {
    return new DistillStage(DistillOptions.of(Distillation.soft(teacher, 2, 0.5), options));
  }

  @Test
  void problemsAreFoundBeforeTraining() throws IOException {
    DataSplit data = Toys.digits(60, 10);
    Model teacher = Networks.make("mlp-30", 1);
    assertThat(stage(teacher, OPTIONS).check(Networks.make("mlp-40", 1), context(data)))
        .singleElement()
        .asString()
        .contains("the student has 31,810 weights, the teacher 23,860");
    assertThat(stage(teacher, OPTIONS).check(teacher, Context.of(1)))
        .containsExactly("distillation needs data; name some");
    DataSplit empty =
        new DataSplit(
            data.train().subset(0, 0), data.validation(), data.test(), data.preprocessing());
    assertThat(stage(teacher, OPTIONS).check(teacher, context(empty)))
        .contains("the data has no training part");
    assertThat(stage(Networks.make("resnet-8", 1), OPTIONS).check(teacher, context(data)))
        .anyMatch(p -> p.startsWith("teacher: samples [1, 28, 28] do not fit"));
    Model cut = asking(Networks.make("mlp-30", 1), "relu1");
    assertThat(stage(cut, OPTIONS).check(Networks.make("mlp-20", 1), context(data)))
        .containsExactly("loss 'soft': the teacher has 30 scores for a sample, the student 10");
    assertThat(
            new DistillStage(
                    DistillOptions.of(
                        Distillation.soft(teacher, 2, 1)
                            .withLosses(List.of(new Weighted(Losses.named("attention"), 1))),
                        OPTIONS))
                .check(Networks.make("mlp-20", 1), context(data)))
        .singleElement()
        .asString()
        .contains("found no values of teacher and student", "of the teacher: relu1");
  }

  private static List<Map<?, ?>> rows(Outcome outcome) {
    List<Map<?, ?>> rows = new ArrayList<>();
    for (Object row : (List<?>) requireNonNull(outcome.details().get("comparison"))) {
      rows.add((Map<?, ?>) row);
    }
    return rows;
  }

  private static double number(Map<?, ?> facts, String name) {
    return (double) requireNonNull(facts.get(name));
  }

  private static Map<?, ?> map(Map<?, ?> facts, String name) {
    return (Map<?, ?>) requireNonNull(facts.get(name));
  }

  @Test
  void theReportComparesAllThatWasAsked() throws IOException {
    DataSplit data = Toys.digits(300, 100);
    Model teacher = Networks.make("mlp-40", 1);
    Model student = Networks.make("mlp-20", 2);
    DistillOptions options =
        DistillOptions.of(Distillation.soft(teacher, 2, 0.5), OPTIONS)
            .withControls(new DistillOptions.Controls(true, Optional.of(student)))
            .withCourse(new DistillOptions.Course(3, 1));
    Outcome outcome = new DistillStage(options).run(student, context(data));
    List<Map<?, ?>> rows = rows(outcome);
    assertThat(rows.stream().map(r -> String.valueOf(r.get("network"))))
        .containsExactly(
            "teacher",
            "student before",
            "baseline",
            "student alone",
            "generation 1",
            "generation 2",
            "generation 3");
    assertThat(number(rows.getFirst(), "agreement")).isEqualTo(1.0);
    assertThat(rows.get(1).get("accuracy")).isEqualTo(rows.get(2).get("accuracy"));
    assertThat(outcome.changed()).hasSize(4);
    Outcome again = new DistillStage(options).run(student, context(data));
    assertThat(new Fingerprint().add(again.model()).hex())
        .isEqualTo(new Fingerprint().add(outcome.model()).hex());
  }

  @Test
  void studentsTeachEachOther() throws IOException {
    DataSplit data = Toys.digits(400, 200);
    Model student = Networks.make("mlp-20", 2);
    TrainOptions longer = OPTIONS.withEpochs(6).withOptimizer(Optimizer.adam(0.003));
    DistillOptions options =
        DistillOptions.of(Distillation.soft(student, 1, 0.5), longer)
            .withCourse(new DistillOptions.Course(1, 3));
    Outcome outcome = new DistillStage(options).run(student, context(data));
    List<Map<?, ?>> rows = rows(outcome);
    double most = 0;
    for (int i = 1; i <= 3; i++) {
      Map<?, ?> row = rows.get(1 + i);
      assertThat(String.valueOf(row.get("network"))).isEqualTo("student " + i);
      assertThat(number(row, "accuracy")).isGreaterThan(0.6);
      most = Math.max(most, number(row, "agreement"));
    }
    assertThat(outcome.model().params().keySet()).isEqualTo(student.params().keySet());
    assertThat(outcome.model().graph()).isEqualTo(student.graph());
  }

  /** With lambda 0 no student sees the others: each learns as it would alone. */
  @Test
  void aCohortWithoutTeachingIsStudentsAlone() throws IOException {
    DataSplit data = Toys.digits(100, 20);
    Model student = Networks.make("mlp-12", 2);
    TrainOptions smoothed = OPTIONS.withLabelSmoothing(0.1);
    Model alone = Trainer.train(student, data, smoothed, context(data), StepHook.NONE).model();
    Cohort cohort = new Cohort(List.of(student, Networks.make("mlp-12", 3)));
    TrainOptions apart = smoothed.withGuide(new Peers(2, Ramp.constant(1), Ramp.constant(0)));
    Model whole = Trainer.train(cohort.whole(), data, apart, context(data), StepHook.NONE).model();
    float[] expected = alone.param("ip1.weight").values().toFloats();
    float[] actual = cohort.split(whole).getFirst().param("ip1.weight").values().toFloats();
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f));
    }
  }

  @Test
  void aDigitThatIsMissingIsKnownFromTheTeacher() throws IOException {
    DataSplit data = Toys.digits(600, 300);
    TrainOptions longer = OPTIONS.withEpochs(10).withOptimizer(Optimizer.adam(0.003));
    Model teacher =
        Trainer.train(Networks.make("mlp-60", 1), data, longer, context(data), StepHook.NONE)
            .model();
    DistillOptions options =
        DistillOptions.of(Distillation.soft(teacher, 8, 1), longer)
            .withTransfer(new Transfer(List.of(3), Optional.empty()))
            .withControls(new DistillOptions.Controls(true, Optional.empty()));
    Outcome outcome = new DistillStage(options).run(Networks.make("mlp-40", 2), context(data));
    List<Map<?, ?>> rows = rows(outcome);
    Map<?, ?> alone = map(rows.get(2), "omitted");
    Map<?, ?> taught = map(rows.get(3), "omitted");
    assertThat(number(alone, "accuracy_on_omitted")).isZero();
    assertThat(number(taught, "accuracy_on_omitted_with_bias")).isGreaterThan(0.5);
    assertThat(
            new DistillStage(options.withTransfer(new Transfer(List.of(12), Optional.empty())))
                .check(teacher, context(data)))
        .containsExactly("there is no class 12 to omit; the data has 10");
  }

  @Test
  void ramps() {
    assertThat(Ramp.parse("t", "4").at(3, 10)).isEqualTo(4);
    assertThat(Ramp.parse("t", "8:2").at(5, 10)).isEqualTo(5);
    assertThat(Ramp.parse("t", "8:2:cosine").at(0, 10)).isEqualTo(8);
    assertThat(Ramp.parse("t", "8:2:cosine").at(10, 10)).isEqualTo(2);
    assertThat(Ramp.parse("t", "8:2:cosine").at(2, 10)).isBetween(6.8, 8.0);
    assertThatThrownBy(() -> Ramp.parse("temperature", "8:"))
        .hasMessage("temperature '8:' is none of X, START:END and START:END:cosine");
  }

  @Test
  void tokensAreFedByTheNamesOfInputs() {
    DataSet data = DataSet.ofTokens(List.of(new int[] {5, 6, 7}, new int[] {8}));
    assertThat(data.tokens(1)).containsExactly(8);
    List<ValueInfo> inputs =
        List.of("input_ids", "attention_mask", "token_type_ids").stream()
            .map(n -> new ValueInfo(n, Optional.of(DType.I64), Optional.empty(), new byte[0]))
            .toList();
    Map<String, Tensor> batch = Feed.of(data, Preprocessing.RAW, inputs).batch(1, 0);
    assertThat(requireNonNull(batch.get("input_ids")).toLongs()).containsExactly(8, 0, 0, 5, 6, 7);
    assertThat(requireNonNull(batch.get("attention_mask")).toLongs())
        .containsExactly(1, 0, 0, 1, 1, 1);
    assertThat(requireNonNull(batch.get("token_type_ids")).toLongs())
        .containsExactly(0, 0, 0, 0, 0, 0);
    assertThat(Feed.of(data, Preprocessing.RAW, inputs).batch(1).firstEntry().getValue().toLongs())
        .containsExactly(8);
  }
}
