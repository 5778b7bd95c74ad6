package compress.prune.structure;

import static compress.prune.structure.Nets.integer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.ByName;
import compress.model.DType;
import compress.model.Model;
import compress.model.Param;
import compress.model.Selection;
import compress.model.Shape;
import compress.model.Tensor;
import compress.prune.Allocations;
import compress.train.Change;
import compress.train.Context;
import compress.train.Macs;
import compress.train.Outcome;
import compress.train.ValueShapes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CutStageTest {
  private static final Context CONTEXT = Context.of(7);

  /** Convolutions of 16 and 24 channels, a hidden layer of 20 neurons. */
  private static Nets net() {
    Nets n = new Nets(1, 13);
    n.input("x", DType.F32, 3, 8, 8);
    return n;
  }

  private static Model network() {
    Nets n = net();
    String x = n.relu(n.bn(n.conv("x", 3, 16), 16));
    x = n.relu(n.bn(n.conv(x, 16, 24), 24));
    return n.model(n.gemm(n.relu(n.gemm(n.flatten(n.pool(x)), 24, 20)), 20, 5));
  }

  private static Outcome run(CutOptions options, Model model) throws Exception {
    return new CutStage(options).run(model, CONTEXT);
  }

  private static CutOptions half(CutPattern pattern) {
    return CutOptions.of(pattern, 0.5);
  }

  private static String weight(Model model, int index) {
    return model.params().keySet().stream()
        .filter(n -> n.endsWith(".weight") && !n.startsWith("bn"))
        .toList()
        .get(index);
  }

  private static List<Long> sizes(Model model) {
    return List.of(
        model.param(weight(model, 0)).shape().dim(0),
        model.param(weight(model, 1)).shape().dim(0),
        model.param(weight(model, 2)).shape().dim(0),
        model.param(weight(model, 3)).shape().dim(0));
  }

  @Test
  void aPatternTakesItsKind() throws Exception {
    Model before = network();
    assertThat(sizes(run(half(CutPattern.CHANNEL), before).model()))
        .containsExactly(8L, 12L, 20L, 5L);
    assertThat(sizes(run(half(CutPattern.FILTER), before).model()))
        .containsExactly(8L, 12L, 20L, 5L);
    assertThat(sizes(run(half(CutPattern.NEURON), before).model()))
        .containsExactly(16L, 24L, 10L, 5L);
    assertThat(sizes(run(half(CutPattern.STRUCTURED), before).model()))
        .containsExactly(8L, 12L, 10L, 5L);
    assertThat(new CutStage(half(CutPattern.HEAD)).check(before, CONTEXT))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("nothing to cut: " + weight(before, 0) + ": the pattern takes no channels");
  }

  @Test
  void whatStaysIsBitForBitAsItWas() throws Exception {
    Model before = network();
    Outcome outcome = run(half(CutPattern.CHANNEL), before);
    List<Object> gone = cut(outcome);
    Tensor was = ((compress.model.Dense) before.param(weight(before, 0)).values()).tensor();
    Tensor is = ((compress.model.Dense) outcome.model().param(weight(before, 0)).values()).tensor();
    int row = 0;
    for (int r = 0; r < 16; r++) {
      if (!gone.contains(r)) {
        for (int i = 0; i < 27; i++) {
          assertThat(is.floatAt(row * 27 + i)).isEqualTo(was.floatAt(r * 27 + i));
        }
        row++;
      }
    }
    assertThat(row).isEqualTo(8);
  }

  @Test
  void nothingAndEverything() throws Exception {
    Model before = network();
    Outcome nothing = run(CutOptions.of(CutPattern.STRUCTURED, 0), before);
    assertThat(nothing.changed()).isEmpty();
    assertThat(sizes(nothing.model())).isEqualTo(sizes(before));
    // One unit of each group stays, or nothing would come through.
    assertThat(sizes(run(CutOptions.of(CutPattern.STRUCTURED, 1), before).model()))
        .containsExactly(1L, 1L, 1L, 5L);
  }

  @Test
  void roundsUpToMultiples() throws Exception {
    Model before = network();
    CutOptions options = CutOptions.of(CutPattern.STRUCTURED, 0.6).withRoundTo(8);
    Outcome outcome = run(options, before);
    assertThat(sizes(outcome.model())).containsExactly(8L, 16L, 8L, 5L);
    CutOptions coarse = CutOptions.of(CutPattern.STRUCTURED, 0.6).withRoundTo(20);
    Outcome left = run(coarse, before);
    assertThat(sizes(left.model())).containsExactly(16L, 20L, 20L, 5L);
    assertThat(String.valueOf(left.details().get("groups")))
        .contains("it has 16 channels, and rounding to 20 keeps all of them");
  }

  @Test
  void halfOfTheMultiplyAccumulates() throws Exception {
    Model before = network();
    for (var allocation : List.of(new Allocations.Uniform(), new Allocations.Global())) {
      CutOptions options =
          CutOptions.of(CutPattern.CHANNEL, 0).withAllocation(allocation).withMacs(0.5);
      Outcome outcome = run(options, before);
      long was = Macs.of(before, ValueShapes.of(before, 1)).total();
      long is = Macs.of(outcome.model(), ValueShapes.of(outcome.model(), 1)).total();
      assertThat((double) is / was).as(allocation.name()).isBetween(0.42, 0.5);
      assertThat(outcome.details())
          .containsEntry("macs_before", was)
          .containsEntry("macs_after", is);
    }
    assertThat(
            new CutStage(CutOptions.of(CutPattern.NEURON, 0).withMacs(0.5)).check(before, CONTEXT))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("of the multiply-accumulates 0.9");
  }

  @ParameterizedTest
  @MethodSource("criteria")
  void everyCriterionCutsAsManyAndTheSameAgain(GroupCriterion criterion) throws Exception {
    Model before = network();
    CutOptions options = half(CutPattern.CHANNEL).withCriterion(criterion);
    Outcome once = run(options, before);
    assertThat(sizes(once.model())).containsExactly(8L, 12L, 20L, 5L);
    assertThat(run(options, before).details().get("groups"))
        .isEqualTo(once.details().get("groups"));
  }

  static List<GroupCriterion> criteria() {
    return GroupCriteria.ALL;
  }

  @Test
  void criteriaSpareWhatTheyValue() throws Exception {
    Model before = network();
    String name = weight(before, 0);
    String scale =
        before.params().keySet().stream().filter(n -> n.matches("bn\\d+.weight")).findFirst().get();
    // The last four channels are large, and their scales small; the first two are alike.
    float[] weights = before.param(name).values().toFloats();
    float[] scales = new float[16];
    for (int i = 0; i < weights.length; i++) {
      int row = i / 27;
      weights[i] = row >= 12 ? weights[i] * 100 : row < 2 ? 1e-3f * (i % 27) : weights[i];
    }
    for (int r = 0; r < 16; r++) {
      scales[r] = r >= 12 ? 0.01f : 1 + r;
    }
    Model model =
        before.with(
            List.of(
                Param.of(name, Tensor.of(before.param(name).shape(), weights)),
                Param.of(scale, Tensor.of(Shape.of(16), scales))));
    CutOptions quarter = CutOptions.of(CutPattern.CHANNEL, 0.25);
    assertThat(cut(run(quarter, model))).doesNotContain(12, 13, 14, 15);
    assertThat(cut(run(quarter.withCriterion(new GroupCriteria.AbsoluteSum()), model)))
        .doesNotContain(12, 13, 14, 15)
        .contains(0, 1);
    assertThat(cut(run(quarter.withCriterion(new GroupCriteria.BatchNormScale()), model)))
        .containsExactly(12, 13, 14, 15);
    assertThat(cut(run(quarter.withCriterion(new GroupCriteria.GeometricMedian()), model)))
        .doesNotContain(12, 13, 14, 15);
  }

  private static List<Object> cut(Outcome outcome) {
    return outcome.details().get("groups") instanceof List<?> groups
            && groups.getFirst() instanceof Map<?, ?> group
            && group.get("cut") instanceof List<?> units
        ? List.copyOf(units)
        : List.of();
  }

  @Test
  void batchNormScalesAreAskedForWhereThereAreNone() {
    Model before = network();
    CutOptions options = half(CutPattern.NEURON).withCriterion(new GroupCriteria.BatchNormScale());
    assertThat(new CutStage(options).check(before, CONTEXT).getFirst())
        .contains("no batch normalization scales its channels; use magnitude");
  }

  @Test
  void namesChooseGroupsAndAmounts() throws Exception {
    Model before = network();
    String first = weight(before, 0);
    String second = weight(before, 1);
    CutOptions all = half(CutPattern.STRUCTURED);
    assertThat(
            sizes(
                run(all.withSelection(Selection.parse(List.of(first), List.of())), before).model()))
        .containsExactly(8L, 24L, 20L, 5L);
    assertThat(
            sizes(
                run(all.withSelection(Selection.parse(List.of(), List.of(first))), before).model()))
        .containsExactly(16L, 12L, 10L, 5L);
    SequencedMap<String, Double> rules = new LinkedHashMap<>();
    rules.put(second, 0.25);
    assertThat(sizes(run(all.withAmount(ByName.of(0.5, rules)), before).model()))
        .containsExactly(8L, 18L, 10L, 5L);
    assertThat(
            new CutStage(all.withSelection(Selection.parse(List.of("conv9"), List.of())))
                .check(before, CONTEXT))
        .first()
        .asString()
        .startsWith("no tensor's name matches 'conv9'");
  }

  @Test
  void tinyGroupsStayUnlessNamed() throws Exception {
    Nets n = net();
    String x = n.relu(n.conv("x", 3, 3));
    Model before = n.model(n.gemm(n.flatten(n.pool(n.relu(n.conv(x, 3, 8)))), 8, 5));
    String tiny = weight(before, 0);
    Outcome outcome = run(half(CutPattern.CHANNEL), before);
    assertThat(outcome.model().param(tiny).shape().dim(0)).isEqualTo(3);
    assertThat(String.valueOf(outcome.details().get("groups")))
        .contains("it has 3 channels only; to cut it, give the full name of its weight");
    CutOptions named =
        half(CutPattern.CHANNEL).withSelection(Selection.parse(List.of(tiny), List.of()));
    assertThat(run(named, before).model().param(tiny).shape().dim(0)).isEqualTo(1);
  }

  @Test
  void changesAreToldByTensor() throws Exception {
    Model before = network();
    Outcome outcome = run(half(CutPattern.CHANNEL), before);
    Change change = outcome.changed().getFirst();
    assertThat(change.name()).isEqualTo(weight(before, 0));
    assertThat(change.what()).isEqualTo("cut from [16, 3, 3, 3] to [8, 3, 3, 3]");
    assertThat(change.weights()).isEqualTo(8 * 27);
    assertThat(change.nonzeroBefore()).isEqualTo(16 * 27);
    assertThat(outcome.changed()).extracting(Change::name).doesNotContain(weight(before, 3));
  }

  @Test
  void gapsAreSkippedWithTheirReason() throws Exception {
    Nets n = net();
    String x = n.relu(n.conv("x", 3, 8));
    x = n.node("DepthToSpace", Map.of("blocksize", integer(2)), n.conv(x, 8, 8));
    Model before = n.model(n.gemm(n.flatten(n.pool(n.relu(n.conv(x, 2, 8)))), 8, 5));
    Outcome outcome = run(half(CutPattern.CHANNEL), before);
    assertThat(outcome.skipped()).hasSize(1);
    assertThat(outcome.skipped().getFirst().name()).isEqualTo(weight(before, 1));
    assertThat(outcome.skipped().getFirst().reason())
        .contains("no channel rule for operator 'DepthToSpace'");
  }

  @Test
  void whatCannotWorkIsToldBefore() throws Exception {
    Model before = network();
    Model noGraph = new Model(Optional.empty(), before.params(), Map.of(), Map.of(), new byte[0]);
    assertThat(new CutStage(half(CutPattern.CHANNEL)).check(noGraph, CONTEXT))
        .containsExactly(
            "pattern 'channel' needs a graph, which says what hangs together; bare safetensors have"
                + " none");
    assertThat(
            new CutStage(half(CutPattern.CHANNEL).withAllocation(new Allocations.Deviation()))
                .check(before, CONTEXT))
        .containsExactly(
            "allocation 'deviation' is none for pattern 'channel'; there are: uniform, global,"
                + " lamp");
    assertThat(new CutStage(CutOptions.of(CutPattern.CHANNEL, 1.5)).check(before, CONTEXT))
        .containsExactly("sparsity must be from 0 to 1, not 1.5");
    String name = weight(before, 0);
    float[] weights = before.param(name).values().toFloats();
    weights[5] = Float.NaN;
    Model damaged =
        before.with(List.of(Param.of(name, Tensor.of(before.param(name).shape(), weights))));
    assertThat(new CutStage(half(CutPattern.CHANNEL)).check(damaged, CONTEXT))
        .containsExactly(
            name + ": weight 5 is NaN; list the tensor under ignore, or repair the network");
    assertThatThrownBy(() -> CutOptions.of(CutPattern.CHANNEL, 0).withMacs(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CutOptions.of(CutPattern.CHANNEL, 0).withRoundTo(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> GroupCriteria.parse("geometric-mean"))
        .hasMessageContaining("did you mean 'geometric-median'");
  }
}
