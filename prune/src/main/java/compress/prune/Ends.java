package compress.prune;

import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Weight;
import compress.model.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights at both ends of a network. What lies between a layer and the end of the network may
 * be anything without weights: activations, pooling, normalizations, reshapes, sums.
 *
 * @param first those whose layers are fed by an input of the graph, and by no other weight before
 *     them
 * @param last those from whose layers an output of the graph is reached, and no other weight behind
 *     them
 */
record Ends(Set<String> first, Set<String> last) {
  /** A node that computes something from the network's inputs, and the weights that it reads. */
  private record Step(Node node, Set<String> weights) {}

  /** Both sets are empty without a graph, which alone says what comes first. */
  static Ends of(Model model) {
    if (model.graph().isEmpty()) {
      return new Ends(Set.of(), Set.of());
    }
    Graph graph = model.graph().get();
    List<Step> steps = steps(model, graph);
    return new Ends(first(graph, steps), last(graph, steps));
  }

  /** Nodes that only rearrange params are none: whoever reads what they make reads the weight. */
  private static List<Step> steps(Model model, Graph graph) {
    // What does not depend on the network's inputs, and the weights that are in it.
    Map<String, Set<String>> constants = new HashMap<>();
    for (Param param : model.params().values()) {
      constants.put(param.name(), Set.of());
    }
    for (Weight weight : Weights.of(model)) {
      if (weight.role().isWeight()) {
        constants.put(weight.name(), Set.of(weight.name()));
      }
    }
    List<Step> steps = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Set<String> weights = new LinkedHashSet<>();
      for (String input : node.inputs()) {
        weights.addAll(constants.getOrDefault(input, Set.of()));
      }
      if (named(node.inputs()).stream().allMatch(constants::containsKey)) {
        named(node.outputs()).forEach(output -> constants.put(output, weights));
      } else {
        steps.add(new Step(node, weights));
      }
    }
    return steps;
  }

  private static Set<String> first(Graph graph, List<Step> steps) {
    Set<String> first = new LinkedHashSet<>();
    Set<String> fed = new HashSet<>();
    Set<String> weighted = new HashSet<>();
    graph.inputs().forEach(input -> fed.add(input.name()));
    for (Step step : steps) {
      boolean isFed = step.node.inputs().stream().anyMatch(fed::contains);
      boolean isBehind = step.node.inputs().stream().anyMatch(weighted::contains);
      if (isFed && !isBehind) {
        first.addAll(step.weights);
      }
      List<String> outputs = named(step.node.outputs());
      if (isFed) {
        fed.addAll(outputs);
      }
      if (isBehind || !step.weights.isEmpty()) {
        weighted.addAll(outputs);
      }
    }
    return first;
  }

  private static Set<String> last(Graph graph, List<Step> steps) {
    Set<String> last = new LinkedHashSet<>();
    Set<String> wanted = new HashSet<>();
    Set<String> weighted = new HashSet<>();
    graph.outputs().forEach(output -> wanted.add(output.name()));
    for (Step step : steps.reversed()) {
      if (step.node.outputs().stream().noneMatch(wanted::contains)) {
        continue;
      }
      boolean isBefore = step.node.outputs().stream().anyMatch(weighted::contains);
      if (!isBefore) {
        last.addAll(step.weights);
      }
      List<String> inputs = named(step.node.inputs());
      wanted.addAll(inputs);
      if (isBefore || !step.weights.isEmpty()) {
        weighted.addAll(inputs);
      }
    }
    return last;
  }

  /** Without the empty names of what is left out. */
  private static List<String> named(List<String> values) {
    return values.stream().filter(value -> !value.isEmpty()).toList();
  }
}
