package compress.prune.structure;

import compress.model.Attribute;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.ValueInfo;
import compress.model.onnx.ValueInfos;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** A network without some of its units: smaller params, and nodes whose numbers fit them. */
final class Cutter {
  private final Structure structure;
  private final Cut cut;

  /**
   * @param units to cut, for each group of the structure
   */
  Cutter(Structure structure, List<BitSet> units) {
    this.structure = structure;
    this.cut = new Cut(structure.ties(), roots(structure, units));
  }

  private static BitSet roots(Structure structure, List<BitSet> units) {
    BitSet gone = new BitSet();
    for (int g = 0; g < units.size(); g++) {
      ChannelGroup group = structure.groups().get(g);
      if (!units.get(g).isEmpty() && group.barrier().isPresent()) {
        throw new IllegalArgumentException(group.name() + " stays: " + group.barrier().get());
      }
      int index = g;
      units.get(g).stream().forEach(u -> gone.set(structure.root(index, u)));
    }
    return gone;
  }

  /** The shape of each param and value afterwards, those that are no longer needed included. */
  SequencedMap<String, Shape> shapes() {
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    structure.ties().shapes().keySet().forEach(value -> shapes.put(value, cut.shape(value)));
    return shapes;
  }

  /** The network afterwards. Params and nodes that nothing reads any longer are gone. */
  Model model() {
    Model before = structure.model();
    Graph graph = before.graph().orElseThrow();
    List<Node> nodes = new ArrayList<>();
    for (Site site : structure.sites()) {
      // A node without a rule is next to nothing that is cut.
      Optional<Rule> rule = Rules.of(site.node());
      nodes.add(rule.isPresent() ? rule.get().rewrite(site, cut) : site.node());
    }
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    before.params().values().forEach(p -> params.put(p.name(), sliced(p)));
    params.putAll(cut.constants());
    Set<String> needed = needed(graph, nodes);
    Set<String> neededBefore = needed(graph, graph.nodes());
    nodes.removeIf(n -> isDead(n.outputs(), needed) && !isDead(n.outputs(), neededBefore));
    params.keySet().removeIf(name -> !needed.contains(name) && neededBefore.contains(name));
    SequencedMap<String, Shape> after = shapes();
    after.keySet().removeIf(v -> neededBefore.contains(v) && !needed.contains(v));
    Graph smaller =
        new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried());
    return new Model(
        Optional.of(ValueInfos.reshaped(smaller, structure.ties().shapes(), after)),
        params,
        before.opsets(),
        before.metadata(),
        before.carried());
  }

  private Param sliced(Param param) {
    Param sliced = param;
    for (int a = 0; a < param.shape().rank(); a++) {
      Axis axis = new Axis(param.name(), a);
      if (cut.changes(axis)) {
        sliced = sliced.with(Slices.of(sliced.values(), a, cut.kept(axis)));
      }
    }
    return sliced;
  }

  private static boolean isDead(List<String> outputs, Set<String> needed) {
    return outputs.stream().noneMatch(needed::contains);
  }

  /** All that the outputs depend on; everything if a sub-graph may read what is not listed. */
  private static Set<String> needed(Graph graph, List<Node> nodes) {
    Set<String> needed = new HashSet<>();
    graph.outputs().stream().map(ValueInfo::name).forEach(needed::add);
    for (Node node : nodes.reversed()) {
      boolean hasSubGraph =
          node.attributes().values().stream().anyMatch(Attribute.Carried.class::isInstance);
      if (hasSubGraph) {
        nodes.forEach(n -> {
          needed.addAll(n.inputs());
          needed.addAll(n.outputs());
        });
        return needed;
      }
      if (!isDead(node.outputs(), needed)) {
        needed.addAll(node.inputs());
      }
    }
    return needed;
  }
}
