package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.model.Attribute.IntValue;
import compress.model.Attribute.Ints;
import compress.model.ByName;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.model.Weight;
import compress.model.Weights;
import compress.train.BatchNormStatistics;
import compress.train.Context;
import compress.train.Outcome;
import compress.train.Progress;
import compress.train.Skip;
import compress.train.data.Inputs;
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

/** Pruning of networks with a graph, by what their layers are given. */
class GraphPruningTest {
  private static final Context CONTEXT = Context.of(3);

  private static Tensor normal(SplittableRandom random, double deviation, long... dims) {
    float[] values = new float[(int) Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return Tensor.of(Shape.of(dims), values);
  }

  private static ValueInfo info(String name, long... dims) {
    List<OptionalLong> axes = new ArrayList<>();
    for (long d : dims) {
      axes.add(d < 0 ? OptionalLong.empty() : OptionalLong.of(d));
    }
    return new ValueInfo(name, Optional.of(DType.F32), Optional.of(axes), new byte[0]);
  }

  /**
   * A convolution 3 to 8 with batch normalization, a grouped one, and a fully connected layer
   * {@code [inputs, outputs]} that is used twice.
   */
  private static Model network() {
    SplittableRandom random = new SplittableRandom(5);
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    for (Param p :
        List.of(
            Param.of("conv", normal(random, 0.3, 8, 3, 3, 3)),
            Param.of("scale", Tensor.of(Shape.of(8), 8, 7, 6, 5, 4, 3, 2, 1)),
            Param.of("shift", normal(random, 1, 8)),
            Param.of("mean", normal(random, 1, 8)),
            Param.of("variance", Tensor.of(Shape.of(8), 1, 1, 1, 1, 1, 1, 1, 1)),
            Param.of("grouped", normal(random, 0.3, 8, 4, 3, 3)),
            Param.of("shared", normal(random, 0.2, 32, 32)),
            Param.of("last", normal(random, 0.3, 32, 4)))) {
      params.put(p.name(), p);
    }
    List<Node> nodes =
        List.of(
            Node.of("Conv", List.of("x", "conv"), List.of("c"), Map.of()),
            Node.of(
                "BatchNormalization",
                List.of("c", "scale", "shift", "mean", "variance"),
                List.of("n"),
                Map.of()),
            Node.of("Relu", List.of("n"), List.of("r"), Map.of()),
            Node.of(
                "Conv",
                List.of("r", "grouped"),
                List.of("g"),
                Map.of("group", new IntValue(2), "strides", new Ints(List.of(2L, 2L)))),
            Node.of("Flatten", List.of("g"), List.of("f"), Map.of()),
            Node.of("MatMul", List.of("f", "shared"), List.of("s"), Map.of()),
            Node.of("Relu", List.of("s"), List.of("s1"), Map.of()),
            Node.of("MatMul", List.of("s1", "shared"), List.of("t"), Map.of()),
            Node.of("MatMul", List.of("t", "last"), List.of("y"), Map.of()));
    Graph graph =
        new Graph(
            "g", nodes, List.of(info("x", -1, 3, 8, 8)), List.of(info("y", -1, 4)), new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", 13L), Map.of(), new byte[0]);
  }

  private static Inputs inputs() {
    SplittableRandom random = new SplittableRandom(8);
    List<Map<String, Tensor>> batches = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      batches.add(Map.of("x", normal(random, 1, 4, 3, 8, 8)));
    }
    return Inputs.of(batches);
  }

  private static PruneOptions options(double sparsity, Criterion criterion) {
    return PruneOptions.of(sparsity).withCriterion(criterion).withCalibration(inputs());
  }

  private static Outcome run(PruneOptions options, Model model) throws Exception {
    return new PruneStage(options).run(model, CONTEXT);
  }

  private static Mask outputsFirst(Model model, String name) {
    Weight weight =
        Weights.of(model).stream().filter(w -> w.name().equals(name)).findFirst().orElseThrow();
    return OutputsFirst.of(weight).view(model.param(name).mask());
  }

  private static double loss(Model model) throws Exception {
    return Judge.byAnswers(network(), Optional.of(Judge.Metric.MSE), inputs(), 1).loss(model);
  }

  @Test
  void runsGoAlongInputsHoweverWeightsAreStored() throws Exception {
    for (Criterion criterion :
        List.of(new Criteria.Magnitude(), new Criteria.Wanda(), new Criteria.Obs())) {
      Model pruned = run(options(0, criterion).withPattern(new NofM(2, 4)), network()).model();
      for (String name : List.of("conv", "grouped", "shared", "last")) {
        assertThat(new NofM(2, 4).admits(outputsFirst(pruned, name))).as(name).isTrue();
      }
      // [inputs, outputs] is 2:4 down its columns.
      Mask stored = pruned.param("last").mask();
      for (int i = 0; i < 32; i += 4) {
        for (int o = 0; o < 4; o++) {
          int kept = 0;
          for (int k = 0; k < 4; k++) {
            kept += stored.keeps((i + k) * 4 + o) ? 1 : 0;
          }
          assertThat(kept).isEqualTo(2);
        }
      }
      // 3 channels keep 2 at each place.
      assertThat(pruned.param("conv").mask().kept()).isEqualTo(8 * 9 * 2);
    }
  }

  @Test
  void lookingAtInputsIsBetterThanNotAndMakingUpIsBest() throws Exception {
    for (String pattern : List.of("unstructured", "2:4", "bank:8", "block:2x2")) {
      SparsityPattern p = Patterns.parse(pattern);
      double magnitude =
          loss(run(options(0.5, new Criteria.Magnitude()).withPattern(p), network()).model());
      double obs = loss(run(options(0.5, new Criteria.Obs()).withPattern(p), network()).model());
      double random =
          loss(run(options(0.5, new Criteria.Chance()).withPattern(p), network()).model());
      assertThat(obs).as(pattern).isLessThan(magnitude);
      assertThat(magnitude).as(pattern).isLessThan(random);
    }
  }

  @Test
  void everyLayerMayHaveItsOwnPattern() throws Exception {
    SequencedMap<String, SparsityPattern> rules = new LinkedHashMap<>();
    rules.put("conv", Patterns.parse("row"));
    rules.put("*d", Patterns.parse("block:4x4"));
    PruneOptions options = PruneOptions.of(0.5).withPattern(ByName.of(new Bank(16), rules));
    Model pruned = run(options, network()).model();
    assertThat(Patterns.shownBy(outputsFirst(pruned, "conv")).orElseThrow().name())
        .isEqualTo("row");
    assertThat(new Block(4, 4, GroupScore.MEAN).admits(outputsFirst(pruned, "shared"))).isTrue();
    assertThat(new Block(4, 4, GroupScore.MEAN).admits(outputsFirst(pruned, "grouped"))).isTrue();
    assertThat(new Bank(16).admits(outputsFirst(pruned, "last"))).isTrue();
  }

  @Test
  void layersThatDoNotSuitAreSkippedWithTheReason() throws Exception {
    Outcome kernels = run(PruneOptions.of(0.5).withPattern(Patterns.parse("kernel")), network());
    assertThat(kernels.skipped()).extracting(Skip::name).containsExactly("shared", "last");
    assertThat(kernels.skipped().getFirst().reason()).contains("no kernels");
    Outcome scales =
        run(options(0.5, new Criteria.BatchNorm()).withPattern(Patterns.parse("row")), network());
    assertThat(scales.skipped()).extracting(Skip::name).contains("grouped", "shared");
    // The scales fall from 8 to 1: the last four filters go.
    Mask mask = scales.model().param("conv").mask();
    for (int i = 0; i < mask.shape().size(); i++) {
      assertThat(mask.keeps(i)).isEqualTo(i < 4 * 27);
    }
    PruneOptions whole = options(0.5, new Criteria.Obs()).withPattern(Patterns.parse("row"));
    assertThatThrownBy(() -> run(whole, network())).hasMessageContaining("could make up for it");
  }

  @Test
  void whatContradictsItselfIsSaidBeforeAnythingRuns() {
    Model bare = new Model(Optional.empty(), network().params(), Map.of(), Map.of(), new byte[0]);
    assertThat(new PruneStage(options(0.5, new Criteria.Wanda())).check(bare, CONTEXT))
        .anyMatch(p -> p.contains("take an ONNX file"));
    PruneOptions blind = PruneOptions.of(0.5).withCriterion(new Criteria.Obs());
    assertThat(new PruneStage(blind).check(network(), CONTEXT))
        .anyMatch(p -> p.contains("give samples"));
    PruneOptions global = options(0.5, new Criteria.Obs()).withAllocation(new Allocations.Global());
    assertThat(new PruneStage(global).check(network(), CONTEXT))
        .anyMatch(p -> p.contains("use uniform, erk"));
    PruneOptions scratch = PruneOptions.of(0.5).withControl(Control.FROM_SCRATCH);
    assertThat(new PruneStage(scratch).check(network(), CONTEXT))
        .anyMatch(p -> p.contains("epochs of fine-tuning"));
    PruneOptions rewind = PruneOptions.of(0.5).withSchedule(new Schedule.Rewind(2, 0));
    assertThat(new PruneStage(rewind).check(network(), CONTEXT))
        .anyMatch(p -> p.contains("prunes while training"));
    assertThat(new PruneStage(options(0.5, new Criteria.Taylor())).check(network(), CONTEXT))
        .anyMatch(p -> p.contains("needs labelled data"));
    assertThat(new PruneStage(options(0.5, new Criteria.Movement())).check(network(), CONTEXT))
        .anyMatch(p -> p.contains("use schedule gradual"));
  }

  @Test
  void theRandomControlIsAsSparseInTheSamePatternElsewhere() throws Exception {
    PruneOptions options =
        options(0.6, new Criteria.Magnitude())
            .withPattern(new Bank(8))
            .withAllocation(new Allocations.Global());
    Model pruned = run(options, network()).model();
    Model control = run(options.withControl(Control.RANDOM_MASK), network()).model();
    for (String name : List.of("conv", "grouped", "shared", "last")) {
      assertThat(control.param(name).mask().kept()).isEqualTo(pruned.param(name).mask().kept());
      assertThat(control.param(name).mask()).isNotEqualTo(pruned.param(name).mask());
      assertThat(new Bank(8).admits(outputsFirst(control, name))).isTrue();
    }
  }

  @Test
  void batchNormalizationsGetTheStatisticsOfThePrunedNetwork() throws Exception {
    Model measured = BatchNormStatistics.measured(network(), inputs(), 1, Progress.SILENT);
    // After that the normalized values have the mean of the shift and the scale as deviation.
    double[] sums = new double[16];
    long[] count = {0};
    compress.train.Activations.stream(
        measured,
        List.of("n"),
        inputs(),
        1,
        Progress.SILENT,
        (batch, values) -> {
          float[] n = Objects.requireNonNull(values.get("n")).toFloats();
          for (int i = 0; i < n.length; i++) {
            int channel = i / 36 % 8;
            sums[channel] += n[i];
            sums[8 + channel] += (double) n[i] * n[i];
          }
          count[0] += n.length / 8;
        });
    float[] shift = network().param("shift").values().toFloats();
    for (int c = 0; c < 8; c++) {
      double mean = sums[c] / count[0];
      assertThat(mean).isCloseTo(shift[c], within(1e-3));
      assertThat(Math.sqrt(sums[8 + c] / count[0] - mean * mean)).isCloseTo(8 - c, within(1e-3));
    }
    PruneOptions options = options(0.7, new Criteria.Magnitude());
    Model as = run(options, network()).model();
    Model reset = run(options.withResetBatchNorm(true), network()).model();
    assertThat(reset.param("conv").mask()).isEqualTo(as.param("conv").mask());
    assertThat(reset.param("mean").values().toFloats())
        .isNotEqualTo(as.param("mean").values().toFloats());
  }

  @Test
  void theBestOfSeveralSharesIsNoWorseThanTheFirst() throws Exception {
    PruneOptions options = options(0.6, new Criteria.Magnitude()).withSamples(10);
    PruneOptions sampled = options.withSchedule(new Schedule.Sampling(6, 0.3));
    Outcome outcome = run(sampled, network());
    Map<?, ?> candidates = (Map<?, ?>) Objects.requireNonNull(outcome.details().get("candidates"));
    List<?> losses = (List<?>) Objects.requireNonNull(candidates.get("losses"));
    assertThat(losses).hasSize(7);
    int chosen = (Integer) Objects.requireNonNull(candidates.get("chosen"));
    for (Object loss : losses) {
      assertThat((Double) losses.get(chosen)).isLessThanOrEqualTo((Double) loss);
    }
    // As sparse in all as without drawing, within a weight for each layer.
    Model plain = run(options, network()).model();
    long kept = 0;
    long drawn = 0;
    for (String name : List.of("conv", "grouped", "shared", "last")) {
      kept += plain.param(name).mask().kept();
      drawn += outcome.model().param(name).mask().kept();
    }
    assertThat(drawn).isCloseTo(kept, within(4L));
  }

  @Test
  void theScanIsMeasuredLayerByLayerAndSharesTheSparsity() throws Exception {
    PruneOptions options = options(0, new Criteria.Magnitude());
    List<Double> sparsities = List.of(0.25, 0.5, 0.75, 0.95);
    Sensitivity scan =
        Sensitivity.scan(network(), options, sparsities, Optional.of(Judge.Metric.MSE), CONTEXT);
    assertThat(scan.curves())
        .extracting(Sensitivity.Curve::name)
        .containsExactly("conv", "grouped", "shared", "last");
    for (Sensitivity.Curve curve : scan.curves()) {
      assertThat(curve.losses().getFirst()).isPositive().isLessThan(curve.losses().getLast());
      // The same as pruning that layer by hand.
      PruneOptions alone =
          options(0, new Criteria.Magnitude()).withAmount(ByName.of(0.0, one(curve.name(), 0.5)));
      assertThat(curve.losses().get(1)).isEqualTo(loss(run(alone, network()).model()));
    }
    PruneOptions shared = PruneOptions.of(0.6);
    Model byScan = run(shared.withAllocation(scan), network()).model();
    assertThat(
            Weights.of(byScan).stream()
                .filter(w -> w.role().isWeight())
                .mapToLong(w -> w.param().size() - w.param().mask().kept())
                .sum())
        .isCloseTo(Math.round(0.6 * (216 + 288 + 1024 + 128)), within(3L));
    // A layer that costs less at every sparsity becomes sparser.
    for (Sensitivity.Curve a : scan.curves()) {
      for (Sensitivity.Curve b : scan.curves()) {
        boolean cheaper = true;
        for (int i = 0; i < sparsities.size(); i++) {
          cheaper &= a.losses().get(i) <= b.losses().get(i);
        }
        assertThat(cheaper && sparsity(byScan, a) < sparsity(byScan, b) - 0.05).isFalse();
      }
    }
    assertThatThrownBy(() -> run(PruneOptions.of(0.99).withAllocation(scan), network()))
        .hasMessageContaining("measure higher ones");
  }

  private static double sparsity(Model model, Sensitivity.Curve curve) {
    return model.param(curve.name()).mask().sparsity();
  }

  private static <T> SequencedMap<String, T> one(String name, T value) {
    SequencedMap<String, T> map = new LinkedHashMap<>();
    map.put(name, value);
    return map;
  }
}
