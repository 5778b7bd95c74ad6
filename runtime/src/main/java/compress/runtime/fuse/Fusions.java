package compress.runtime.fuse;

import compress.model.Attribute;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** All fusions. To add one: a method that is a {@link Fusion}, and a line here. */
public final class Fusions {
  /** In the order in which they are applied: an activation follows bias and residual. */
  private static final List<Fusion> ALL =
      List.of(
          BatchNorms::intoConvolution,
          Blocks::layerNorm,
          Blocks::gelu,
          Blocks::softmax,
          Endings::bias,
          Endings::activation,
          Endings::residual,
          Endings::activation);

  private Fusions() {}

  /** The same network with fewer nodes. */
  public static Model apply(Model model) {
    if (model.graph().isEmpty() || hasSubgraphs(model.graph().get())) {
      return model;
    }
    Model fused = model;
    for (Fusion fusion : ALL) {
      fused = apply(fused, fusion);
    }
    return fused;
  }

  /** A sub-graph may read any name, so nothing can be said to have one reader. */
  private static boolean hasSubgraphs(Graph graph) {
    return graph.nodes().stream()
        .flatMap(n -> n.attributes().values().stream())
        .anyMatch(Attribute.Carried.class::isInstance);
  }

  private static Model apply(Model model, Fusion fusion) {
    Graph graph = model.graph().orElseThrow();
    SequencedMap<String, Param> params = new LinkedHashMap<>(model.params());
    Set<String> fixed = new HashSet<>();
    graph.outputs().forEach(o -> fixed.add(o.name()));
    View view = new View(graph.nodes(), params, fixed);
    Set<Node> gone = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Optional<Fusion.Rewrite> rewrite = fusion.at(node, view);
      boolean intact =
          rewrite.isPresent() && rewrite.get().replaced().stream().noneMatch(gone::contains);
      if (!intact) {
        nodes.add(node);
        continue;
      }
      gone.addAll(rewrite.get().replaced());
      nodes.add(rewrite.get().node());
      rewrite.get().added().forEach(p -> params.put(p.name(), p));
    }
    nodes.removeIf(gone::contains);
    return new Model(
        Optional.of(
            new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
        params,
        model.opsets(),
        model.metadata(),
        model.carried());
  }
}
