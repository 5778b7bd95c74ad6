package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.ByName;
import compress.model.DType;
import compress.model.Model;
import compress.model.Selection;
import compress.prune.structure.CutOptions;
import compress.prune.structure.CutPattern;
import compress.prune.structure.CutStage;
import compress.prune.structure.Nets;
import compress.train.Change;
import compress.train.Context;
import compress.train.Outcome;
import compress.train.Skip;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class SparedTest {
  private static final Context CONTEXT = Context.of(7);

  /** Layers of 432, 9,216, 18,432 and 320 weights: 1.5, 32, 65 and 1.1 %. */
  private static Model network() {
    Nets n = new Nets(2, 13);
    n.input("x", DType.F32, 3, 8, 8);
    String x = n.relu(n.bn(n.conv("x", 3, 16), 16));
    x = n.relu(n.conv(n.relu(n.conv(x, 16, 64)), 64, 32));
    return n.model(n.gemm(n.flatten(n.pool(x)), 32, 10));
  }

  private static String weight(int index) {
    return network().params().keySet().stream()
        .filter(name -> name.endsWith(".weight") && !name.startsWith("bn"))
        .toList()
        .get(index);
  }

  private static Outcome run(PruneOptions options) throws Exception {
    return new PruneStage(options).run(network(), CONTEXT);
  }

  private static <T> ByName<T> rule(T otherwise, String name, T value) {
    SequencedMap<String, T> rules = new LinkedHashMap<>();
    rules.put(name, value);
    return ByName.of(otherwise, rules);
  }

  private static void assertPruned(Outcome outcome, int... layers) {
    assertThat(outcome.changed())
        .extracting(Change::name)
        .containsExactlyElementsOf(Arrays.stream(layers).mapToObj(SparedTest::weight).toList());
  }

  @Test
  void smallFirstAndLastLayersStayWholeAndAreReported() throws Exception {
    Outcome outcome = run(PruneOptions.of(0.5));
    assertPruned(outcome, 1, 2);
    assertThat(outcome.skipped())
        .containsExactly(
            new Skip(weight(0), "first layer, 1.5 % of the weights; --no-protect prunes it too"),
            new Skip(weight(3), "last layer, 1.1 % of the weights; --no-protect prunes it too"));
    assertThat(outcome.model().param(weight(0)).mask().sparsity()).isZero();
    assertThat(outcome.model().param(weight(1)).mask().sparsity()).isEqualTo(0.5);
    // The sparsity is that of the layers that were pruned.
    assertThat(outcome.details()).containsEntry("sparsity", 0.5);
    assertThat(outcome.details().get("protected"))
        .isEqualTo(
            List.of(
                Map.of(
                    "name",
                    weight(0),
                    "why",
                    "first layer",
                    "weights",
                    432L,
                    "share",
                    432 / 28400.0),
                Map.of(
                    "name",
                    weight(3),
                    "why",
                    "last layer",
                    "weights",
                    320L,
                    "share",
                    320 / 28400.0)));
    assertPruned(run(PruneOptions.of(0).withPattern(new NofM(2, 4))), 1, 2);
  }

  @Test
  void allOfThemOnRequest() throws Exception {
    Outcome outcome = run(PruneOptions.of(0.5).withProtect(false));
    assertPruned(outcome, 0, 1, 2, 3);
    assertThat(outcome.skipped()).isEmpty();
    assertThat(outcome.details()).containsEntry("protected", List.of());
  }

  @Test
  void namingALayerWins() throws Exception {
    PruneOptions options = PruneOptions.of(0.5);
    Selection target = Selection.parse(List.of(weight(0), weight(1)), List.of());
    assertPruned(run(options.withSelection(target)), 0, 1);
    Selection glob = Selection.parse(List.of("*.weight"), List.of());
    assertPruned(run(options.withSelection(glob)), 0, 1, 2, 3);
    assertPruned(run(options.withAmount(rule(0.5, weight(3), 0.25))), 1, 2, 3);
    ByName<SparsityPattern> patterns =
        rule(new Unstructured(), weight(0), Patterns.parse("kernel"));
    assertPruned(run(options.withPattern(patterns)), 0, 1, 2);
    // To ignore others names none.
    Selection ignore = Selection.parse(List.of(), List.of(weight(1)));
    assertPruned(run(options.withSelection(ignore)), 2);
  }

  @Test
  void withoutACommonSparsityThereIsNothingToProtectFrom() throws Exception {
    Outcome outcome = run(PruneOptions.of(0).withAmount(rule(0.0, weight(1), 0.25)));
    assertThat(outcome.skipped()).isEmpty();
    assertThat(outcome.model().param(weight(1)).mask().sparsity()).isEqualTo(0.25);
  }

  @Test
  void allocationsShareAmongTheOthers() throws Exception {
    for (Allocation allocation :
        List.of(new Allocations.Global(), new Allocations.Lamp(), new Allocations.ErdosRenyi())) {
      Outcome outcome = run(PruneOptions.of(0.8).withAllocation(allocation));
      assertPruned(outcome, 1, 2);
      long kept =
          outcome.model().param(weight(1)).mask().kept()
              + outcome.model().param(weight(2)).mask().kept();
      assertThat(kept).as(allocation.name()).isBetween(5529L, 5531L);
    }
  }

  private static List<String> chosen(Map<String, Long> sizes) {
    Model bare =
        new Model(Optional.empty(), new LinkedHashMap<>(), Map.of(), Map.of(), new byte[0]);
    return Spared.of(bare, new LinkedHashMap<>(sizes), name -> name.equals("named")).stream()
        .map(Spared::name)
        .toList();
  }

  @Test
  void tinyLayersAreThoseOfFewWeightsAndFewOfAll() {
    assertThat(chosen(Map.of("a", 255L, "b", 100_000L))).containsExactly("a");
    assertThat(chosen(Map.of("a", 256L, "b", 100_000L))).isEmpty();
    assertThat(chosen(Map.of("named", 10L, "b", 100_000L))).isEmpty();
    assertThat(chosen(Map.of("empty", 0L, "b", 100_000L))).isEmpty();
    // 5 % of 4,000 is no longer less than 5 %.
    assertThat(chosen(Map.of("a", 200L, "b", 3_800L))).isEmpty();
    assertThat(chosen(Map.of("a", 200L, "b", 3_801L))).containsExactly("a");
    assertThat(chosen(Map.of())).isEmpty();
  }

  @Test
  void aNetworkOfTinyLayersIsPruned() {
    SequencedMap<String, Long> sizes = new LinkedHashMap<>();
    for (int i = 0; i < 40; i++) {
      sizes.put("w" + i, 200L);
    }
    assertThat(chosen(sizes)).isEmpty();
  }

  @Test
  void aNetworkOfOneLayerIsPruned() throws Exception {
    Nets n = new Nets(3, 13);
    n.input("x", DType.F32, 3, 8, 8);
    Model model = n.model(n.conv("x", 3, 4));
    Outcome outcome = new PruneStage(PruneOptions.of(0.5)).run(model, CONTEXT);
    assertThat(outcome.changed()).hasSize(1);
    assertThat(outcome.skipped()).isEmpty();
  }

  @Test
  void cutsLeaveTheFirstLayersChannels() throws Exception {
    CutOptions half = CutOptions.of(CutPattern.CHANNEL, 0.5);
    Outcome outcome = new CutStage(half).run(network(), CONTEXT);
    assertThat(outputs(outcome)).containsExactly(16L, 32L, 16L);
    assertThat(outcome.skipped()).extracting(Skip::name).containsExactly(weight(0));
    assertThat(outcome.skipped().getFirst().reason())
        .isEqualTo("first layer, 1.5 % of the weights; --no-protect prunes it too");
    assertThat(String.valueOf(outcome.details().get("groups"))).contains("reason=first layer");
    assertThat(outputs(new CutStage(half.withProtect(false)).run(network(), CONTEXT)))
        .containsExactly(8L, 32L, 16L);
    Selection target = Selection.parse(List.of(weight(0)), List.of());
    assertThat(outputs(new CutStage(half.withSelection(target)).run(network(), CONTEXT)))
        .containsExactly(8L, 64L, 32L);
    CutOptions ruled = half.withAmount(rule(0.5, weight(0), 0.25));
    assertThat(outputs(new CutStage(ruled).run(network(), CONTEXT))).containsExactly(12L, 32L, 16L);
    CutOptions macs = CutOptions.of(CutPattern.CHANNEL, 0).withMacs(0.5);
    assertThat(outputs(new CutStage(macs).run(network(), CONTEXT)).getFirst()).isEqualTo(16L);
  }

  private static List<Long> outputs(Outcome outcome) {
    return List.of(
        outcome.model().param(weight(0)).shape().dim(0),
        outcome.model().param(weight(1)).shape().dim(0),
        outcome.model().param(weight(2)).shape().dim(0));
  }

  @Test
  void aGroupOfWhichAnotherLayerIsPartIsCut() throws Exception {
    Nets n = new Nets(4, 13);
    n.input("x", DType.F32, 3, 8, 8);
    String x = n.conv("x", 3, 16);
    String sum = n.node("Add", Map.of(), x, n.conv(n.relu(n.conv(x, 16, 64)), 64, 16));
    Model model = n.model(n.gemm(n.flatten(n.pool(sum)), 16, 10));
    Outcome outcome = new CutStage(CutOptions.of(CutPattern.CHANNEL, 0.5)).run(model, CONTEXT);
    assertThat(outcome.skipped()).isEmpty();
    assertThat(outcome.changed())
        .anyMatch(c -> c.what().equals("cut from [16, 3, 3, 3] to [8, 3, 3, 3]"));
  }
}
