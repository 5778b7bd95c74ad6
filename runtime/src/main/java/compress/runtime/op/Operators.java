package compress.runtime.op;

import compress.model.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The operators that the executor runs, by name; those of other domains than ONNX's own as {@code
 * domain.Name}. To add one: a function in the file of its family, and a line in the list there.
 */
public final class Operators {
  private static final Map<String, Operator> ALL =
      join(
          List.of(
              Arithmetic.ALL,
              Functions.ALL,
              Convolutions.ALL,
              MatMuls.ALL,
              Pools.ALL,
              Normalizations.ALL,
              Softmaxes.ALL,
              Reductions.ALL,
              Shapes.ALL,
              Slices.ALL,
              Casts.ALL,
              Indexing.ALL,
              Generators.ALL,
              Orders.ALL,
              Quantization.ALL,
              IntegerProducts.ALL,
              Control.ALL,
              Recurrent.ALL,
              ConvTransposes.ALL,
              Resizes.ALL,
              Einsums.ALL));

  private Operators() {}

  private static Map<String, Operator> join(List<Map<String, Operator>> families) {
    Map<String, Operator> all = new HashMap<>();
    families.forEach(f ->
        f.forEach((name, op) -> {
          if (all.put(name, op) != null) {
            throw new IllegalStateException("operator '" + name + "' stands in two lists");
          }
        }));
    return Map.copyOf(all);
  }

  /** What runs a node, or null if nothing does. */
  public static @Nullable Operator of(Node node) {
    boolean own = node.domain().isEmpty() || node.domain().equals("ai.onnx");
    return ALL.get(own ? node.op() : node.domain() + "." + node.op());
  }

  /** All names, sorted. */
  public static Set<String> names() {
    return new TreeSet<>(ALL.keySet());
  }
}
