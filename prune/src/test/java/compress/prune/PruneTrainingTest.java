package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.ByName;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.train.Accuracy;
import compress.train.Context;
import compress.train.Engine;
import compress.train.Evaluator;
import compress.train.Keep;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prunes a real network on a part of MNIST, small enough to take seconds. */
class PruneTrainingTest {
  private static final TrainOptions TRAINING =
      TrainOptions.defaults().withEpochs(4).withOptimizer(Optimizer.adam(0.002));
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
    trained =
        Trainer.train(Networks.make("lenet-300-100", 7), few, TRAINING, context, StepHook.NONE)
            .model();
  }

  /** Every layer, the small last one as well. */
  private static Outcome run(PruneOptions options, Model model) throws Exception {
    return new PruneStage(options.withProtect(false)).run(model, context);
  }

  private static double accuracy(Model model) throws Exception {
    DataSplit data = context.data().orElseThrow();
    try (Engine engine = new TorchEngine(model, 1)) {
      Accuracy a = Evaluator.accuracy(engine, data.test(), data.preprocessing());
      return a.value();
    }
  }

  private static void assertKept(Model model, double sparsity) {
    for (String name : WEIGHTS) {
      Param p = model.param(name);
      assertThat(p.mask().kept())
          .as(name)
          .isEqualTo(p.size() - SparsityPattern.removed(p.size(), sparsity));
    }
  }

  @Test
  void trainingAfterPruningRecoversAndKeepsTheZeros() throws Exception {
    PruneOptions options = PruneOptions.of(0.92);
    Model cut = run(options, trained).model();
    Model tuned = run(options.withFinetune(TRAINING), trained).model();
    assertKept(tuned, 0.92);
    for (String name : WEIGHTS) {
      assertThat(tuned.param(name).mask()).isEqualTo(cut.param(name).mask());
    }
    assertThat(accuracy(tuned)).isGreaterThan(accuracy(cut) + 0.05);
    assertThat(accuracy(tuned)).isGreaterThan(accuracy(trained) - 0.05);
  }

  @Test
  void magnitudeBeatsChance() throws Exception {
    PruneOptions options = PruneOptions.of(0.9);
    double magnitude = accuracy(run(options, trained).model());
    double chance = accuracy(run(options.withCriterion(new Criteria.Chance()), trained).model());
    assertThat(magnitude).isGreaterThan(chance + 0.1);
  }

  @Test
  void everyScheduleEndsAtExactlyTheSparsityAskedFor() throws Exception {
    for (Schedule schedule : List.of(new Schedule.Gradual(0, 10, 0.5), new Schedule.Iterative(4))) {
      for (Keep keep : Keep.values()) {
        PruneOptions options =
            PruneOptions.of(0.9)
                .withSchedule(schedule)
                .withFinetune(TRAINING.withKeep(keep).withPatience(keep == Keep.BEST ? 1 : 0));
        Outcome outcome = run(options, trained);
        assertKept(outcome.model(), 0.9);
        assertThat(accuracy(outcome.model())).as("%s, %s", schedule, keep).isGreaterThan(0.8);
        // No note says that anything had to be pruned after training.
        assertThat(outcome.details()).extractingByKey("notes").isEqualTo(List.of());
      }
    }
  }

  @Test
  void splicingKeepsEarlierZerosAndEndsAtTheSparsity() throws Exception {
    Model once = run(PruneOptions.of(0.3), trained).model();
    PruneOptions options =
        PruneOptions.of(0.95).withSchedule(new Schedule.Gradual(0, 40, 0.7)).withFinetune(TRAINING);
    Model spliced = run(options.withSplicing(true), once).model();
    assertKept(spliced, 0.95);
    float[] before = once.param("ip1.weight").values().toFloats();
    float[] after = spliced.param("ip1.weight").values().toFloats();
    for (int i = 0; i < before.length; i++) {
      assertThat(before[i] == 0 && after[i] != 0).isFalse();
    }
    Model forGood = run(options, once).model();
    assertThat(forGood.param("ip1.weight").mask()).isNotEqualTo(spliced.param("ip1.weight").mask());
    assertThat(accuracy(spliced)).isGreaterThan(0.8);
  }

  @Test
  void anEarlyStopStillEndsAtTheSparsity() throws Exception {
    // The last of four rounds is the last epoch; one epoch only is trained.
    PruneOptions options =
        PruneOptions.of(0.8)
            .withSchedule(new Schedule.Gradual(0, 4, 0.9))
            .withFinetune(TRAINING.withEpochs(1).withKeep(Keep.BEST));
    assertKept(run(options, trained).model(), 0.8);
  }

  @Test
  void zerosOfAnEarlierStageStayZeroInLayersThatAreNotSelected() throws Exception {
    SequencedMap<String, Double> first = new LinkedHashMap<>();
    first.put("ip1.weight", 0.9);
    Model once = run(PruneOptions.of(0).withAmount(ByName.of(0.0, first)), trained).model();
    Mask mask = once.param("ip1.weight").mask();
    PruneOptions others =
        PruneOptions.of(0.5)
            .withSelection(compress.model.Selection.parse(List.of("ip2*"), List.of()))
            .withFinetune(TRAINING.withEpochs(1));
    Model twice = run(others, once).model();
    assertThat(twice.param("ip1.weight").mask()).isEqualTo(mask);
    assertThat(twice.param("ip2.weight").mask().kept()).isEqualTo(15_000);
    // Biases start at 0 and learn.
    assertThat(twice.param("ip1.bias").mask().kept()).isGreaterThan(290);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKilledRunGoesOnToTheSameBytes(boolean splicing, @TempDir Path folder) throws Exception {
    PruneOptions options =
        PruneOptions.of(0.9)
            .withAllocation(new Allocations.Global())
            .withSchedule(new Schedule.Gradual(0, 20, 0.7))
            .withSplicing(splicing)
            .withProtect(false)
            .withFinetune(TRAINING.withEpochs(3));
    Model whole = run(options, trained).model();
    // Ends after the first epoch as a kill would: by an error out of the progress display.
    Context killed =
        context.withCheckpoints(folder).withProgress((what, total) -> new Dying(total / 3 + 5));
    try {
      new PruneStage(options).run(trained, killed);
      throw new AssertionError("was not killed");
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("killed");
    }
    Outcome resumed = new PruneStage(options).run(trained, context.withCheckpoints(folder));
    for (String name : whole.params().sequencedKeySet()) {
      assertThat(resumed.model().param(name).values().toFloats())
          .isEqualTo(whole.param(name).values().toFloats());
    }
  }

  /** Progress that throws after so many parts. */
  private static final class Dying implements compress.train.Progress.Task {
    private long left;

    Dying(long left) {
      this.left = left;
    }

    @Override
    public void advance(long n) {
      left -= n;
      if (left < 0) {
        throw new IllegalStateException("killed");
      }
    }

    @Override
    public void note(String text) {}

    @Override
    public void close() {}
  }

  @Test
  void criteriaThatLookAtGradientsBeatChance() throws Exception {
    double chance =
        accuracy(run(PruneOptions.of(0.8).withCriterion(new Criteria.Chance()), trained).model());
    for (Criterion criterion : List.of(new Criteria.Taylor(), new Criteria.Wanda())) {
      Model cut = run(PruneOptions.of(0.8).withCriterion(criterion), trained).model();
      assertKept(cut, 0.8);
      assertThat(accuracy(cut)).as(criterion.name()).isGreaterThan(chance + 0.1);
    }
    Schedule.Gradual gradual = new Schedule.Gradual(0, 8, 0.6);
    PruneOptions moving =
        PruneOptions.of(0.9)
            .withCriterion(new Criteria.Movement())
            .withSchedule(gradual)
            .withFinetune(TRAINING);
    Model moved = run(moving, trained).model();
    assertKept(moved, 0.9);
    assertThat(accuracy(moved)).isGreaterThan(0.4);
  }

  @Test
  void lotteryTicketsKeepTheValuesThatTheyBeganWith() throws Exception {
    Model start = Networks.make("lenet-300-100", 9);
    TrainOptions still = TRAINING.withEpochs(1);
    PruneOptions options =
        PruneOptions.of(0.8).withSchedule(new Schedule.Rewind(2, 0)).withFinetune(still);
    Outcome outcome = run(options, start);
    assertKept(outcome.model(), 0.8);
    // Training nothing shows what the last training starts from.
    PruneOptions frozen =
        options.withFinetune(still.withOptimizer(new Optimizer.Sgd(0, 0, false, 0)));
    Model ticket = run(frozen, start).model();
    for (String name : WEIGHTS) {
      float[] was = start.param(name).values().toFloats();
      float[] is = ticket.param(name).values().toFloats();
      for (int i = 0; i < was.length; i++) {
        assertThat(is[i] == 0 || is[i] == was[i]).isTrue();
      }
    }
    assertThat(accuracy(outcome.model())).isGreaterThan(0.7);
  }

  @Test
  void aGrowingPenaltyEndsAtTheTarget() throws Exception {
    PruneOptions options =
        PruneOptions.of(0.92)
            .withSchedule(new Schedule.Growing(0.5, 0.2))
            .withFinetune(TRAINING.withEpochs(2));
    Outcome outcome = run(options, trained);
    assertKept(outcome.model(), 0.92);
    // What goes is what was least before training.
    Model cut = run(PruneOptions.of(0.92), trained).model();
    for (String name : WEIGHTS) {
      assertThat(outcome.model().param(name).mask()).isEqualTo(cut.param(name).mask());
    }
    assertThat(accuracy(outcome.model())).isGreaterThan(accuracy(cut));
  }

  @Test
  void theControlFromScratchHasTheSameMaskAndOtherWeights() throws Exception {
    PruneOptions options =
        PruneOptions.of(0.9).withPattern(new Bank(25)).withFinetune(TRAINING.withEpochs(1));
    Model tuned = run(options, trained).model();
    Model scratch = run(options.withControl(Control.FROM_SCRATCH), trained).model();
    for (String name : WEIGHTS) {
      assertThat(scratch.param(name).mask()).isEqualTo(tuned.param(name).mask());
      assertThat(scratch.param(name).values().toFloats())
          .isNotEqualTo(tuned.param(name).values().toFloats());
      Mask mask = OutputsFirst.asStored(tuned.param(name).shape()).view(tuned.param(name).mask());
      assertThat(new Bank(25).admits(mask)).isTrue();
    }
    assertThat(accuracy(scratch)).isGreaterThan(0.5);
  }
}
