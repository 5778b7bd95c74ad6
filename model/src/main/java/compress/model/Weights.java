package compress.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what each float param of a model does, by the nodes that read it. Looks through nodes that
 * only rearrange ({@code Transpose}, {@code Reshape} and the like), so the {@code MatMul} weight
 * that an exporter stores transposed is found.
 *
 * <p>Without a graph the shape decides: rank 2 or more is a weight, as {@link Role#CONV} from rank
 * 3 on and {@link Role#GEMM} below, stored output axis first as PyTorch does; rank 1 is {@link
 * Role#BIAS}.
 */
public final class Weights {
  private static final Set<String> REARRANGING =
      Set.of("Transpose", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten", "Cast");

  private Weights() {}

  /** All float params, in the order of the model. */
  public static List<Weight> of(Model model) {
    Map<String, Weight> found = model.graph().map(g -> byUse(model, g)).orElseGet(HashMap::new);
    List<Weight> weights = new ArrayList<>();
    for (Param p : model.params().values()) {
      if (p.type().isFloat()) {
        weights.add(found.getOrDefault(p.name(), unread(model, p)));
      }
    }
    return weights;
  }

  private static Weight unread(Model model, Param p) {
    if (model.graph().isPresent() || p.shape().rank() == 0) {
      return new Weight(p, Role.OTHER, -1, "");
    }
    return switch (p.shape().rank()) {
      case 1 -> new Weight(p, Role.BIAS, 0, "");
      case 2 -> new Weight(p, Role.GEMM, 0, "");
      default -> new Weight(p, Role.CONV, 0, "");
    };
  }

  private static Map<String, Weight> byUse(Model model, Graph graph) {
    Map<String, Weight> found = new LinkedHashMap<>();
    // The value that a rearranging node makes of a param, and the param it is.
    Map<String, Use> through = new HashMap<>();
    // Products of weights: what is added to one of these is a bias.
    Set<String> products = new HashSet<>();
    for (Node node : graph.nodes()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        String input = node.input(i);
        Use use = through.get(input);
        if (use == null) {
          Param param = model.params().get(input);
          if (param == null || !param.type().isFloat()) {
            continue;
          }
          use = new Use(param, false);
        }
        if (i == 0 && isRearranging(node)) {
          boolean swaps =
              node.is("Transpose")
                  && use.param.shape().rank() == 2
                  && !node.intsAttribute("perm").equals(List.of(0L, 1L));
          through.put(node.outputs().getFirst(), new Use(use.param, use.swapped ^ swaps));
        }
        Weight weight = use(node, i, use, products);
        found.merge(weight.name(), weight, (old, now) -> old.role() == Role.OTHER ? now : old);
        if (weight.role().isWeight() && !node.outputs().isEmpty()) {
          products.add(node.outputs().getFirst());
        }
      }
    }
    return found;
  }

  private static boolean isRearranging(Node node) {
    return FakeQuantization.is(node)
        || node.domain().isEmpty() && REARRANGING.contains(node.op()) && !node.outputs().isEmpty();
  }

  private static Weight use(Node node, int input, Use use, Set<String> products) {
    Param p = use.param;
    int rank = p.shape().rank();
    if (node.is("Conv") || node.is("ConvTranspose")) {
      boolean transposed = node.is("ConvTranspose");
      return switch (input) {
        case 1 -> weight(p, transposed ? Role.CONV_TRANSPOSE : Role.CONV, transposed ? 1 : 0, node);
        case 2 -> weight(p, Role.BIAS, 0, node);
        default -> weight(p, Role.OTHER, -1, node);
      };
    }
    if (node.is("Gemm") && input < 2) {
      boolean outputsFirst =
          input == 1 == (node.intAttribute(input == 1 ? "transB" : "transA", 0) != 0);
      return weight(p, Role.GEMM, outputsFirst ^ use.swapped ? 0 : 1, node);
    }
    if (node.is("Gemm")) {
      return weight(p, Role.BIAS, rank - 1, node);
    }
    if (node.is("MatMul") && rank >= 2) {
      boolean last = input == 1 ^ use.swapped;
      return weight(p, Role.MATMUL, last ? rank - 1 : rank - 2, node);
    }
    if (node.is("Gather") && input == 0 && rank >= 2 && node.intAttribute("axis", 0) == 0) {
      return weight(p, Role.EMBEDDING, 0, node);
    }
    if (node.is("LSTM") || node.is("GRU") || node.is("RNN")) {
      return input == 1 || input == 2
          ? weight(p, Role.RECURRENT, 1, node)
          : weight(p, input == 3 ? Role.BIAS : Role.OTHER, input == 3 ? 1 : -1, node);
    }
    if (node.is("Add") && products.contains(node.input(1 - Math.min(input, 1)))) {
      return weight(p, Role.BIAS, rank - 1, node);
    }
    return weight(p, Role.OTHER, -1, node);
  }

  private static Weight weight(Param p, Role role, int outputAxis, Node node) {
    return new Weight(p, role, outputAxis, node.label());
  }

  private record Use(Param param, boolean swapped) {}
}
