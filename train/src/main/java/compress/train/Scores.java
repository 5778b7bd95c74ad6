package compress.train;

import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import java.util.Optional;
import java.util.Set;

/** Where a network says what it makes of a sample, before it turns that into probabilities. */
public final class Scores {
  private static final Set<String> REARRANGING =
      Set.of("Reshape", "Flatten", "Squeeze", "Identity", "Unsqueeze");

  private Scores() {}

  /**
   * The value that a loss reads as unnormalized scores: the graph's first output, or what goes into
   * the softmax that makes it, which is the same to a reader and has the better gradient.
   *
   * @throws IllegalArgumentException if the model has no graph
   */
  public static String of(Model model) {
    Graph graph =
        model
            .graph()
            .orElseThrow(() -> new IllegalArgumentException("the model has no graph to run"));
    String output = graph.outputs().getFirst().name();
    String value = output;
    while (true) {
      String name = value;
      Optional<Node> maker =
          graph.nodes().stream().filter(n -> n.outputs().contains(name)).findFirst();
      if (maker.isEmpty()) {
        return output;
      }
      if (maker.get().is("Softmax")) {
        return maker.get().input(0);
      }
      if (!REARRANGING.contains(maker.get().op())) {
        return output;
      }
      value = maker.get().input(0);
    }
  }
}
