package compress.prune;

import static compress.prune.structure.Nets.integer;
import static compress.prune.structure.Nets.ints;
import static org.assertj.core.api.Assertions.assertThat;

import compress.model.DType;
import compress.model.Model;
import compress.prune.structure.Nets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EndsTest {
  private final Nets n = new Nets(1, 13);

  private String image(String name) {
    return n.input(name, DType.F32, 3, 8, 8);
  }

  /** Names of layers and their weights follow from the order in which they were written. */
  private static List<String> weights(Model model) {
    return model.params().keySet().stream()
        .filter(name -> name.endsWith(".weight") && !name.startsWith("bn"))
        .toList();
  }

  private static void assertEnds(Model model, List<Integer> first, List<Integer> last) {
    List<String> weights = weights(model);
    Ends ends = Ends.of(model);
    assertThat(ends.first())
        .containsExactlyInAnyOrderElementsOf(first.stream().map(weights::get).toList());
    assertThat(ends.last())
        .containsExactlyInAnyOrderElementsOf(last.stream().map(weights::get).toList());
  }

  @Test
  void whatHasNoWeightsLiesBetweenALayerAndTheEnd() {
    String x = n.node("Mul", Map.of(), n.bn(image("x"), 3), n.scalar("half", 0.5f));
    x = n.node("MaxPool", Map.of("kernel_shape", ints(2, 2)), n.relu(x));
    x = n.relu(n.bn(n.conv(x, 3, 8), 8));
    x = n.relu(n.conv(x, 8, 8));
    x = n.gemm(n.flatten(n.pool(x)), 8, 6);
    x = n.node("Reshape", Map.of(), n.relu(x), n.longs("shape", -1, 2, 3));
    assertEnds(n.model(n.node("Softmax", Map.of(), x)), List.of(0), List.of(2));
  }

  @Test
  void aShortcutPastALayerMakesNoOtherOneTheFirstOrLast() {
    String x = n.conv("x", 8, 8);
    n.input("x", DType.F32, 8, 8, 8);
    String sum = n.node("Add", Map.of(), x, "x");
    String h = n.relu(n.conv(sum, 8, 8));
    String y = n.node("Add", Map.of(), h, n.conv(h, 8, 8));
    // The second reads the input through the sum, and the answer holds what it computes.
    assertEnds(n.model(y), List.of(0), List.of(2));
  }

  @Test
  void aMaskThatEveryLayerSeesMakesNoneTheFirst() {
    n.input("ids", DType.I64, 5);
    n.input("mask", DType.F32, 5);
    String x = n.node("Gather", Map.of(), n.param("words.weight", 50, 8), "ids");
    for (int layer = 0; layer < 2; layer++) {
      String scores = n.node("Add", Map.of(), n.linear(x, 8, 5), "mask");
      String mixed = n.node("MatMul", Map.of(), n.node("Softmax", Map.of(), scores), x);
      x = n.node("Add", Map.of(), x, n.linear(mixed, 8, 8));
    }
    // Each layer's products reach the answer through sums, but only the last nothing else.
    assertEnds(n.model(x), List.of(0), List.of(4));
  }

  @Test
  void everyInputAndOutputHasItsOwn() {
    String a = n.relu(n.conv(image("a"), 3, 4));
    String b = n.relu(n.conv(image("b"), 3, 4));
    String h = n.conv(n.node("Concat", Map.of("axis", integer(1)), a, b), 8, 4);
    String flat = n.flatten(n.pool(h));
    // What is also an answer on its way is no end.
    assertEnds(n.model(n.gemm(flat, 4, 2), n.gemm(flat, 4, 3), h), List.of(0, 1), List.of(3, 4));
  }

  @Test
  void oneLayerIsBoth() {
    assertEnds(n.model(n.relu(n.conv(image("x"), 3, 4))), List.of(0), List.of(0));
  }

  @Test
  void rearrangedAndSharedWeightsAreFoundWhereTheyAreRead() {
    n.input("ids", DType.I64, 5);
    String table = n.param("table.weight", 50, 8);
    String x = n.node("Gather", Map.of(), table, "ids");
    x = n.relu(n.linear(x, 8, 8));
    String turned = n.node("Transpose", Map.of("perm", ints(1, 0)), table);
    assertEnds(n.model(n.node("MatMul", Map.of(), x, turned)), List.of(0), List.of(0));
  }

  @Test
  void whatNothingFeedsOrReadsIsNoEnd() {
    String x = n.conv(image("x"), 3, 4);
    n.conv(x, 4, 4);
    String scale =
        n.node("MatMul", Map.of(), n.floats("ones", 1, 1), n.param("fixed.weight", 2, 4));
    String flat = n.flatten(n.pool(x));
    String y = n.gemm(n.node("Mul", Map.of(), flat, scale), 4, 3);
    assertEnds(n.model(y), List.of(0), List.of(3));
  }

  @Test
  void withoutAGraphThereAreNone() {
    Model model = n.model(n.conv(image("x"), 3, 4));
    Model bare = new Model(Optional.empty(), model.params(), Map.of(), Map.of(), new byte[0]);
    assertThat(Ends.of(bare).first()).isEmpty();
    assertThat(Ends.of(bare).last()).isEmpty();
  }
}
