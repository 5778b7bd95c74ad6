package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.Affine;
import compress.model.Model;
import compress.train.Change;
import compress.train.Context;
import compress.train.Evaluator;
import compress.train.Outcome;
import compress.train.OutputComparison;
import compress.train.Progress;
import compress.train.TrainOptions;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Preprocessing;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Layers are put back until an accuracy holds, the worst first. */
class ReversalTest {
  private static final long SEED = 1;
  private static final Model MODEL = BatchNormFolding.of(Convolutional.network(SEED)).model();
  private static final Context CONTEXT = Context.of(SEED).withData(ownAnswers());

  /** Images labelled by the network itself, so that it is right on all of them before rounding. */
  private static DataSplit ownAnswers() {
    DataSplit random = Convolutional.data(SEED);
    DataSet images = random.train();
    try (OnnxRuntimeEngine engine = OnnxRuntimeEngine.of(MODEL, 1)) {
      float[][] answers = Evaluator.outputs(engine, images, Preprocessing.RAW, Progress.SILENT);
      int[] labels = new int[answers.length];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = OutputComparison.argMax(answers[i], 0, answers[i].length);
      }
      DataSet labelled = DataSet.of(images.samples(), labels, 10);
      return new DataSplit(labelled, labelled, labelled, Preprocessing.RAW);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static QuantizeOptions twoBits() {
    return QuantizeOptions.defaults()
        .withScheme(new Linear(true, new Grouping.Tensor(), new Range.MinMax()))
        .withBits(2);
  }

  private static double accuracy(Model model) throws IOException {
    DataSet samples = CONTEXT.data().orElseThrow().validation();
    return Answers.of(model, samples, CONTEXT).accuracy(samples);
  }

  @Test
  void holdsTheBoundAndSaysWhatWentBack() throws Exception {
    double all = accuracy(new QuantizeStage(twoBits()).run(MODEL, CONTEXT).model());
    assertThat(all).isLessThan(0.9);
    double most = 0.6 * (1 - all);
    for (LinearOptions around :
        List.of(
            LinearOptions.NONE, LinearOptions.NONE.withActivations(ActivationOptions.defaults()))) {
      Outcome outcome =
          new QuantizeStage(twoBits().withLinear(around).withRevertForDrop(most))
              .run(MODEL, CONTEXT);
      assertThat(accuracy(outcome.model())).isGreaterThanOrEqualTo(1 - most);
      List<?> reverted = (List<?>) Objects.requireNonNull(outcome.details().get("reverted"));
      assertThat(reverted).isNotEmpty();
      assertThat(outcome.changed()).isNotEmpty();
      double before = Double.POSITIVE_INFINITY;
      for (Object line : reverted) {
        Map<?, ?> facts = (Map<?, ?>) line;
        String name = String.valueOf(facts.get("name"));
        double harm = (double) Objects.requireNonNull(facts.get("kl"));
        assertThat(harm).isLessThanOrEqualTo(before);
        before = harm;
        assertThat(outcome.model().param(name)).isSameAs(MODEL.param(name));
        assertThat(outcome.changed()).extracting(Change::name).doesNotContain(name);
        assertThat(outcome.details()).extractingByKey("left").asString().contains(name);
      }
      for (Change c : outcome.changed()) {
        assertThat(outcome.model().param(c.name()).values()).isInstanceOf(Affine.class);
      }
    }
  }

  @Test
  void nothingGoesBackWhereTheBoundHoldsAndAllDoesWhereNothingElseHelps() throws Exception {
    Outcome loose =
        new QuantizeStage(twoBits().withBits(8).withRevertForDrop(0.5)).run(MODEL, CONTEXT);
    assertThat(loose.details().get("reverted")).isEqualTo(List.of());
    assertThat(loose.changed()).hasSize(6);
    Outcome strict = new QuantizeStage(twoBits().withRevertForDrop(0)).run(MODEL, CONTEXT);
    assertThat(accuracy(strict.model())).isEqualTo(1);
  }

  @Test
  void whatCannotBeJudgedIsRefused() {
    QuantizeStage stage = new QuantizeStage(twoBits().withRevertForDrop(0.01));
    assertThat(stage.check(MODEL, Context.of(SEED)))
        .anyMatch(p -> p.contains("labels to validate on"));
    assertThat(
            new QuantizeStage(
                    twoBits().withRevertForDrop(0.01).withFinetune(TrainOptions.defaults()))
                .check(MODEL, CONTEXT))
        .anyMatch(p -> p.contains("in place of training"));
    assertThatThrownBy(() -> twoBits().withRevertForDrop(-1)).hasMessageContaining("from 0");
  }
}
