package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.Mask;
import compress.model.Shape;
import compress.train.LiveWeights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Drives the hook as a training does, the training being noise. */
class PruneHookTest {
  private static final long SEED = 13;
  private static final int EPOCHS = 10;
  private static final int STEPS_PER_EPOCH = 30;

  /** Weights that wander, but stay 0 where a mask holds. */
  private static final class Wandering implements LiveWeights {
    private final SequencedMap<String, float[]> values = new LinkedHashMap<>();
    private final Map<String, Mask> masks = new LinkedHashMap<>();
    private final Map<String, Mask> covers = new LinkedHashMap<>();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private int changes;

    Wandering(SequencedMap<String, Shape> shapes) {
      shapes.forEach((name, shape) -> values.put(name, new float[(int) shape.size()]));
      wander(1);
    }

    void wander(double far) {
      values.forEach((name, v) -> {
        for (int i = 0; i < v.length; i++) {
          v[i] += (float) (far * random.nextGaussian());
        }
        Optional.ofNullable(masks.get(name)).ifPresent(m -> m.apply(v));
      });
    }

    @Override
    public SequencedSet<String> names() {
      return values.sequencedKeySet();
    }

    @Override
    public float[] values(String name) {
      return values.getOrDefault(name, new float[0]).clone();
    }

    @Override
    public float[] gradient(String name) {
      return new float[values(name).length];
    }

    @Override
    public Optional<Mask> mask(String name) {
      return Optional.ofNullable(covers.getOrDefault(name, masks.get(name)));
    }

    @Override
    public void setMask(String name, Mask mask) {
      masks.put(name, mask);
      covers.remove(name);
      mask.apply(values.getOrDefault(name, new float[0]));
      changes++;
    }

    /** As a mask, but what is underneath stays. */
    @Override
    public void cover(String name, Mask mask) {
      covers.put(name, mask);
      changes++;
    }

    @Override
    public void setValues(String name, float[] to) {
      values.put(name, to.clone());
    }
  }

  private static SequencedMap<String, Shape> shapes() {
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("a", Shape.of(40, 50));
    shapes.put("b", Shape.of(10, 30));
    return shapes;
  }

  private static Pruner pruner(PruneOptions options) {
    SequencedMap<String, OutputsFirst> layers = new LinkedHashMap<>();
    shapes().forEach((name, shape) -> layers.put(name, OutputsFirst.asStored(shape)));
    return new Pruner(options, layers, Map.of(), SEED);
  }

  private static PruneHook hook(PruneOptions options) {
    return new PruneHook(options, pruner(options), EPOCHS);
  }

  private static List<Double> sparsities(PruneOptions options, Wandering weights) {
    PruneHook hook = hook(options);
    List<Double> history = new ArrayList<>();
    for (int step = 0; step < EPOCHS * STEPS_PER_EPOCH; step++) {
      hook.beforeStep(step, STEPS_PER_EPOCH, weights);
      history.add(weights.mask("a").map(Mask::sparsity).orElse(0.0));
      weights.wander(0.1);
    }
    assertThat(hook.isDone()).isTrue();
    return history;
  }

  @Test
  void gradualPruningFollowsTheScheduleAndNeverBringsAWeightBack() {
    Schedule.Gradual schedule = new Schedule.Gradual(0, 6, 0.5);
    PruneOptions options = PruneOptions.of(0.9).withSchedule(schedule);
    Wandering weights = new Wandering(shapes());
    List<Double> history = sparsities(options, weights);
    // 300 steps, half of them in 6 parts: an update each 25 steps, from 0 to 150.
    for (int step = 0; step < history.size(); step++) {
      int update = Math.min(step / 25, 6);
      long removed = SparsityPattern.removed(2000, schedule.sparsity(0.9, update));
      assertThat(history.get(step)).as("step %d", step).isEqualTo(1 - (2000 - removed) / 2000.0);
    }
    assertThat(weights.mask("b").orElseThrow().kept()).isEqualTo(30);
    assertThat(weights.changes).isEqualTo(2 * 7);
  }

  @Test
  void iterativePruningEndsAtTheTarget() {
    PruneOptions options =
        PruneOptions.of(0.95)
            .withSchedule(new Schedule.Iterative(3))
            .withAllocation(new Allocations.Global());
    Wandering weights = new Wandering(shapes());
    List<Double> history = sparsities(options, weights);
    assertThat(history.stream().distinct().count()).isEqualTo(3);
    assertThat(history.get(100)).isGreaterThan(history.get(99));
    assertThat(weights.mask("a").orElseThrow().kept() + weights.mask("b").orElseThrow().kept())
        .isEqualTo(2300 - 2185);
  }

  @Test
  void pruningByDeviationGoesOnAsTheRestSpreads() {
    PruneOptions options =
        PruneOptions.of(0.5)
            .withSchedule(new Schedule.Iterative(4))
            .withAllocation(new Allocations.Deviation());
    List<Double> history = sparsities(options, new Wandering(shapes()));
    assertThat(history.getLast()).isGreaterThan(0.35).isLessThan(0.9);
  }

  @Test
  void fewStepsMakeSeveralUpdatesAtOnce() {
    PruneOptions options = PruneOptions.of(0.9).withSchedule(new Schedule.Gradual(0, 100, 0.6));
    PruneHook hook = new PruneHook(options, pruner(options), 1);
    Wandering weights = new Wandering(shapes());
    for (int step = 0; step < 3; step++) {
      hook.beforeStep(step, 3, weights);
    }
    assertThat(hook.isDone()).isTrue();
    assertThat(weights.mask("a").orElseThrow().kept()).isEqualTo(200);
  }

  @Test
  void splicingBringsWeightsBackUntilTheLastUpdate() {
    PruneOptions options =
        PruneOptions.of(0.9).withSchedule(new Schedule.Gradual(0, 6, 0.5)).withSplicing(true);
    PruneHook hook = hook(options);
    Wandering weights = new Wandering(shapes());
    Mask before = Mask.ofNonZeros(Shape.of(40, 50), weights.values("a"));
    int back = 0;
    for (int step = 0; step < EPOCHS * STEPS_PER_EPOCH; step++) {
      hook.beforeStep(step, STEPS_PER_EPOCH, weights);
      Mask now = weights.mask("a").orElseThrow();
      if (!now.equals(before)) {
        for (int i = 0; i < 2000; i++) {
          back += now.keeps(i) && !before.keeps(i) ? 1 : 0;
        }
        // A hook that was killed here sets the same covers before the next step.
        PruneHook resumed = hook(options);
        resumed.restore(hook.state());
        Wandering others = new Wandering(shapes());
        resumed.beforeStep(step, STEPS_PER_EPOCH, others);
        assertThat(others.mask("a"))
            .isEqualTo(hook.isDone() ? Optional.empty() : weights.mask("a"));
      }
      assertThat(hook.isDone()).isEqualTo(step >= 150);
      before = now;
      weights.wander(0.1);
    }
    assertThat(back).isPositive();
    assertThat(before.kept()).isEqualTo(200);
    assertThat(before).isEqualTo(Mask.ofNonZeros(Shape.of(40, 50), weights.values("a")));
  }

  @Test
  void goesOnWhereItStopped() {
    PruneOptions options = PruneOptions.of(0.8).withSchedule(new Schedule.Gradual(0, 6, 0.5));
    PruneHook first = hook(options);
    Wandering weights = new Wandering(shapes());
    for (int step = 0; step < 60; step++) {
      first.beforeStep(step, STEPS_PER_EPOCH, weights);
    }
    int changes = weights.changes;
    PruneHook second = hook(options);
    second.restore(first.state());
    assertThat(second.describe()).isEqualTo(first.describe());
    second.beforeStep(60, STEPS_PER_EPOCH, weights);
    assertThat(weights.changes).isEqualTo(changes);
    second.beforeStep(75, STEPS_PER_EPOCH, weights);
    assertThat(weights.changes).isEqualTo(changes + 2);
    PruneOptions other = PruneOptions.of(0.81).withSchedule(new Schedule.Gradual(0, 6, 0.5));
    assertThat(hook(other).describe()).isNotEqualTo(first.describe());
  }
}
