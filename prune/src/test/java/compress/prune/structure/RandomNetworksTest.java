package compress.prune.structure;

import static compress.prune.structure.Nets.integer;
import static compress.prune.structure.Nets.ints;
import static org.assertj.core.api.Assertions.assertThat;

import compress.model.DType;
import compress.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks put together at random: whatever is cut, what is left computes the same as zeros. */
class RandomNetworksTest {
  private static final int NETWORKS = 40;

  @TempDir Path folder;

  /** A value and its channels. */
  private record Value(String name, int channels) {}

  @Test
  void cutIsZeroed() throws Exception {
    int cuts = 0;
    for (int seed = 0; seed < NETWORKS; seed++) {
      Structure structure = CutAndZeroed.structure(network(seed));
      boolean any = structure.groups().stream().anyMatch(g -> g.barrier().isEmpty());
      if (any) {
        double share = new SplittableRandom(seed).nextDouble(0.1, 0.9);
        Model cut = CutAndZeroed.check(folder, structure, share, seed, g -> true);
        assertThat(cut.parameters()).isLessThan(structure.model().parameters());
        cuts++;
      }
    }
    assertThat(cuts).as("networks with something to cut").isGreaterThan(NETWORKS / 2);
  }

  private static Model network(long seed) {
    Nets n = new Nets(seed, 13);
    n.input("x", DType.F32, 3, 4, 4);
    List<Value> values = new ArrayList<>();
    values.add(new Value(n.relu(n.conv("x", 3, 6)), 6));
    int nodes = n.random.nextInt(3, 12);
    for (int i = 0; i < nodes; i++) {
      values.add(grow(n, values));
    }
    // All that nothing reads so far is read by the end.
    String sum = "";
    for (Value value : values.subList(values.size() - Math.min(2, values.size()), values.size())) {
      String part = n.gemm(n.flatten(value.name), value.channels * 16, 5);
      sum = sum.isEmpty() ? part : n.node("Add", Map.of(), sum, part);
    }
    return n.model(sum);
  }

  private static Value grow(Nets n, List<Value> values) {
    Value a = values.get(n.random.nextInt(values.size()));
    Value b = values.get(n.random.nextInt(values.size()));
    String x = a.name;
    int c = a.channels;
    return switch (n.random.nextInt(14)) {
      case 0, 1, 2 -> {
        int to = 2 * n.random.nextInt(2, 6);
        yield new Value(n.relu(n.conv(x, c, to)), to);
      }
      case 3 -> new Value(n.bn(x, c), c);
      case 4 -> new Value(n.node("Sigmoid", Map.of(), x), c);
      case 5 -> new Value(n.conv(x, c, c, 3, c), c);
      case 6 -> {
        int groups = c % 3 == 0 ? 3 : c % 2 == 0 ? 2 : 1;
        yield new Value(n.conv(x, c, 2 * groups, 1, groups), 2 * groups);
      }
      case 7 -> new Value(n.node("Concat", Map.of("axis", integer(1)), x, b.name), c + b.channels);
      case 8 -> {
        if (c == 1) {
          yield new Value(n.relu(x), c);
        }
        int first = n.random.nextInt(1, c);
        List<String> parts =
            n.nodes(
                "Split",
                Map.of("axis", integer(1)),
                2,
                x,
                n.longs(n.fresh("sizes"), first, c - first));
        boolean front = n.random.nextBoolean();
        yield new Value(parts.get(front ? 0 : 1), front ? first : c - first);
      }
      case 9, 10 ->
          a.channels == b.channels
              ? new Value(n.node(n.random.nextBoolean() ? "Add" : "Mul", Map.of(), x, b.name), c)
              : new Value(n.relu(x), c);
      case 11 -> {
        int before = n.random.nextInt(3);
        int after = n.random.nextInt(3);
        yield new Value(
            n.node("Pad", Map.of(), x, n.longs(n.fresh("pads"), 0, before, 0, 0, 0, after, 0, 0)),
            c + before + after);
      }
      case 12 -> {
        long[] order = n.random.longs(c, 0, c).toArray();
        yield new Value(
            n.node("Gather", Map.of("axis", integer(1)), x, n.longs(n.fresh("order"), order)), c);
      }
      default -> {
        if (c % 2 != 0) {
          yield new Value(n.node("Softmax", Map.of("axis", integer(1)), x), c);
        }
        String apart = n.node("Reshape", Map.of(), x, n.longs(n.fresh("apart"), 0, 2, c / 2, 4, 4));
        String swapped = n.node("Transpose", Map.of("perm", ints(0, 2, 1, 3, 4)), apart);
        yield new Value(
            n.node("Reshape", Map.of(), swapped, n.longs(n.fresh("whole"), 0, c, 4, 4)), c);
      }
    };
  }
}
