package compress.train.torch;

import compress.model.FakeQuantization;
import compress.model.Graph;
import compress.model.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which inputs of which operators learning should change. */
final class Learnable {
  /** Operators whose params are weights, scales, slopes or biases. */
  private static final Set<String> READERS =
      Set.of(
          "Add",
          "BatchNormalization",
          "Conv",
          "ConvTranspose",
          "Div",
          "Einsum",
          FakeQuantization.OP,
          FakeQuantization.SIGNS,
          "GRU",
          "Gather",
          "Gemm",
          "GroupNormalization",
          "InstanceNormalization",
          "LSTM",
          "LayerNormalization",
          "MatMul",
          "Mul",
          "PRelu",
          "RMSNormalization",
          "RNN",
          "Sub");

  private static final Set<String> REARRANGING =
      Set.of(
          "Cast", "Expand", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze");

  private Learnable() {}

  /** The scales of rounding in training, which learn even where they are lone numbers. */
  static Set<String> scales(Graph graph) {
    Set<String> scales = new HashSet<>();
    graph.nodes().stream()
        .filter(n -> FakeQuantization.is(n) && n.op().equals(FakeQuantization.OP))
        .forEach(n -> scales.add(n.input(1)));
    return scales;
  }

  /** The values that one of the operators reads, directly or rearranged; params or not. */
  static Set<String> readAsLearnable(Graph graph) {
    // What a rearranging node makes, and what it makes it of.
    Map<String, String> origin = new HashMap<>();
    Set<String> read = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (REARRANGING.contains(node.op()) && !node.outputs().isEmpty()) {
        String from = node.input(0);
        origin.put(node.outputs().getFirst(), origin.getOrDefault(from, from));
      } else if (READERS.contains(node.op())) {
        node.inputs().forEach(input -> read.add(origin.getOrDefault(input, input)));
      }
    }
    return read;
  }
}
