package compress.prune.structure;

import compress.model.Attribute;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Shape;
import compress.model.ValueInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Which dimensions of a network hang together, found by walking its graph: each node's {@link Rule}
 * ties indices of its inputs to indices of its outputs, and pins what must stay. What the graph
 * takes and gives stays; so does whatever touches an operator without a rule.
 */
public final class Structure {
  private final Model model;
  private final Graph graph;
  private final Couplings ties;
  private final List<Site> sites = new ArrayList<>();
  // Reasons that are gaps of ours, not in the nature of a network.
  private final Set<String> gaps = new HashSet<>();
  private final List<ChannelGroup> groups;
  // By group, the root of each unit.
  private final List<int[]> roots = new ArrayList<>();

  private Structure(Model model, SequencedMap<String, Shape> shapes) {
    this.model = model;
    this.graph = model.graph().orElseThrow();
    this.ties = new Couplings(shapes);
    link();
    this.groups = new Grouping(model, ties).groups(roots);
  }

  /**
   * Walks the graph.
   *
   * @param shapes of all params and values, as {@link compress.train.ValueShapes} finds them with a
   *     batch of more than 1, so that no axis is mistaken for another of length 1
   * @throws IllegalArgumentException if the model has no graph
   */
  public static Structure of(Model model, SequencedMap<String, Shape> shapes) {
    if (model.graph().isEmpty()) {
      throw new IllegalArgumentException(
          "the model has no graph, so nothing says which dimensions hang together");
    }
    return new Structure(model, shapes);
  }

  /** All groups that compute something by weights, in the order of the model, barriers included. */
  public List<ChannelGroup> groups() {
    return groups;
  }

  /** Whether a barrier is there because an operator has no rule, or shapes are not known. */
  public boolean isGap(String barrier) {
    return gaps.contains(barrier);
  }

  Model model() {
    return model;
  }

  Couplings ties() {
    return ties;
  }

  List<Site> sites() {
    return sites;
  }

  /** The root of unit {@code unit} of group {@code group}. */
  int root(int group, int unit) {
    return roots.get(group)[unit];
  }

  private void link() {
    Lengths lengths = Lengths.of(model, graph, ties.shapes());
    Set<String> constants = constants();
    graph.inputs().forEach(i -> ties.pin(i.name(), "an input of the network"));
    List<Site> reshapes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Site site = new Site(node, ties, lengths, constants, model.opset());
      sites.add(site);
      Optional<Rule> rule = rule(site);
      if (rule.isPresent() && rule.get() instanceof Reshaping && Reshaping.mayFold(node)) {
        reshapes.add(site);
      } else {
        rule.ifPresent(r -> r.link(site));
      }
      capture(node);
    }
    lengths
        .spread()
        .forEach((axis, why) -> {
          if (ties.knows(axis.value())) {
            ties.pin(axis, why);
          }
        });
    // Reshapes choose by what stays, so they come last; those of params fit what activations chose.
    reshapes.stream().filter(s -> !s.isConstant(0)).forEach(s -> new Reshaping().link(s));
    reshapes.stream().filter(s -> s.isConstant(0)).forEach(s -> new Reshaping().link(s));
    sites.forEach(site -> rule(site).ifPresent(r -> r.settle(site)));
    for (ValueInfo output : graph.outputs()) {
      ties.pin(output.name(), "an output of the network");
    }
  }

  /** The rule to follow; a node that has none is pinned with all that it touches. */
  private Optional<Rule> rule(Site site) {
    Node node = site.node();
    boolean known =
        node.inputs().stream().allMatch(v -> v.isEmpty() || ties.knows(v))
            && node.outputs().stream().allMatch(v -> v.isEmpty() || ties.knows(v));
    Optional<Rule> rule = Rules.of(node);
    if (rule.isEmpty()) {
      String why =
          "%s: no channel rule for operator '%s'; the layers next to it keep all channels"
              .formatted(site.label(), node.op());
      gaps.add(why);
      site.pinAll(why);
    } else if (!known || node.outputs().isEmpty() || node.outputs().getFirst().isEmpty()) {
      String why = site.label() + ": not all of its shapes are known";
      gaps.add(why);
      site.pinAll(why);
    } else {
      return rule;
    }
    return Optional.empty();
  }

  /** What does not depend on the inputs. */
  private Set<String> constants() {
    Set<String> constants = new HashSet<>(model.params().keySet());
    for (Node node : graph.nodes()) {
      boolean fromParams =
          !node.inputs().isEmpty()
              && node.inputs().stream().allMatch(v -> v.isEmpty() || constants.contains(v));
      if (fromParams && !node.op().startsWith("Random")) {
        constants.addAll(node.outputs());
      }
    }
    return constants;
  }

  /** Pins what a sub-graph may read from outside: each value whose name is in its bytes. */
  private void capture(Node node) {
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.Carried(byte[] message)) {
        String text = new String(message, StandardCharsets.ISO_8859_1);
        for (String value : ties.shapes().keySet()) {
          byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
          if (text.contains(new String(utf8, StandardCharsets.ISO_8859_1))) {
            ties.pin(value, node.label() + ": a sub-graph may read it");
          }
        }
      }
    }
  }
}
