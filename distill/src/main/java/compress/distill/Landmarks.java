package compress.distill;

import compress.model.FakeQuantization;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Role;
import compress.model.Shape;
import compress.model.ValueInfo;
import compress.model.Weight;
import compress.model.Weights;
import compress.train.Scores;
import compress.train.ValueShapes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The places of a network through which all that it knows of a sample passes: behind each block of
 * a ResNet, each half of a transformer's layer, each layer of a perceptron. Of several in a row
 * with no weights between, a convolution and its normalization and activation say, the last counts.
 */
final class Landmarks {
  private static final Set<String> ASKS_FOR_SHAPE = Set.of("Shape", "Size");

  private final Model model;
  private final SequencedMap<String, Shape> shapes;
  private final Optional<String> mask;
  private final List<Stretch> stretches;
  private final Set<String> known;

  /**
   * What lies between two landmarks.
   *
   * @param to the value at its end
   * @param nodes from the one to the other, in the order of the graph
   * @param weighs whether it has weights
   */
  record Stretch(String from, String to, List<Node> nodes, boolean weighs) {}

  private Landmarks(
      Model model,
      SequencedMap<String, Shape> shapes,
      Optional<String> mask,
      List<Stretch> stretches,
      Set<String> known) {
    this.model = model;
    this.shapes = shapes;
    this.mask = mask;
    this.stretches = stretches;
    this.known = known;
  }

  /**
   * Finds them by one pass through the graph, and the shapes of all values by one run.
   *
   * @throws IllegalArgumentException if the model has no graph
   */
  static Landmarks of(Model model) throws IOException {
    SequencedMap<String, Shape> shapes = ValueShapes.of(withoutRounding(model), 2);
    Graph graph = model.graph().orElseThrow();
    Optional<String> mask =
        graph.inputs().stream().map(ValueInfo::name).filter(Landmarks::isMask).findFirst();
    Set<String> known = new HashSet<>();
    return new Landmarks(model, shapes, mask, stretches(model, graph, shapes, known), known);
  }

  /** Rounding in training changes no shape, and no other engine knows it. */
  private static Model withoutRounding(Model model) {
    Graph graph = model.graph().orElseThrow();
    List<Node> nodes =
        graph.nodes().stream()
            .map(n ->
                FakeQuantization.is(n)
                    ? Node.of("Identity", List.of(n.input(0)), n.outputs(), Map.of())
                    : n)
            .toList();
    return new Model(
        Optional.of(
            new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
        model.params(),
        model.opsets(),
        model.metadata(),
        model.carried());
  }

  private static boolean isMask(String input) {
    return input.toLowerCase(Locale.ROOT).contains("mask");
  }

  /** Whether an input only accompanies another: a mask, types of tokens, places. */
  private static boolean accompanies(String input) {
    String name = input.toLowerCase(Locale.ROOT);
    return isMask(name) || name.contains("type") || name.contains("position");
  }

  /**
   * @param known receives the values that depend on the sample
   */
  private static List<Stretch> stretches(
      Model model, Graph graph, SequencedMap<String, Shape> shapes, Set<String> known) {
    Map<String, Integer> readers = new HashMap<>();
    graph.nodes().forEach(n -> n.inputs().forEach(i -> readers.merge(i, 1, Integer::sum)));
    graph.outputs().forEach(o -> readers.merge(o.name(), 1, Integer::sum));
    Set<String> live = new HashSet<>();
    for (ValueInfo input : graph.inputs()) {
      if (graph.inputs().size() == 1 || !accompanies(input.name())) {
        known.add(input.name());
        live.add(input.name());
      }
    }
    Set<String> weights = new HashSet<>();
    Weights.of(model).stream()
        .filter(w -> w.role().isWeight() && w.role() != Role.EMBEDDING)
        .map(Weight::name)
        .forEach(weights::add);
    List<Stretch> found = new ArrayList<>();
    List<Node> since = new ArrayList<>();
    boolean weighs = false;
    String from = live.isEmpty() ? "" : live.iterator().next();
    for (Node node : graph.nodes()) {
      since.add(node);
      boolean knows =
          !ASKS_FOR_SHAPE.contains(node.op()) && node.inputs().stream().anyMatch(known::contains);
      // A weight goes on under another name behind a node that turns or rounds it.
      if (!knows && node.inputs().stream().anyMatch(weights::contains)) {
        weights.addAll(node.outputs());
      }
      weighs |= knows && node.inputs().stream().anyMatch(weights::contains);
      for (String input : node.inputs()) {
        if (readers.merge(input, -1, Integer::sum) == 0) {
          live.remove(input);
        }
      }
      if (knows) {
        for (String output : node.outputs()) {
          known.add(output);
          if (readers.getOrDefault(output, 0) > 0) {
            live.add(output);
          }
        }
      }
      if (knows && live.size() == 1 && shapes.containsKey(live.iterator().next())) {
        String to = live.iterator().next();
        if (found.isEmpty() && !weighs) {
          // Before the first layer: an input made flat, embeddings.
          from = to;
          since.clear();
          continue;
        }
        boolean goesOn = !weighs && samePlaces(shapes, from, to);
        if (goesOn) {
          Stretch before = found.removeLast();
          List<Node> nodes = new ArrayList<>(before.nodes());
          nodes.addAll(since);
          found.add(new Stretch(before.from(), to, List.copyOf(nodes), before.weighs()));
        } else {
          found.add(new Stretch(from, to, List.copyOf(since), weighs));
        }
        from = to;
        since.clear();
        weighs = false;
      }
    }
    return found;
  }

  private static boolean samePlaces(Map<String, Shape> shapes, String a, String b) {
    return shapes.containsKey(a) && Objects.equals(shapes.get(a), shapes.get(b));
  }

  /** From the input to the output, one behind the other. */
  List<Stretch> stretches() {
    return stretches;
  }

  boolean sameShape(String a, String b) {
    return samePlaces(shapes, a, b);
  }

  /** The shape of a value for 2 samples. */
  Shape shape(String value) {
    Shape shape = shapes.get(value);
    if (shape == null) {
      throw new IllegalArgumentException("the shape of '" + value + "' is not known");
    }
    return shape;
  }

  /** Whether a value depends on the sample, other than by its length. */
  boolean isKnown(String value) {
    return known.contains(value);
  }

  /** The landmarks before the scores, in the order of the graph. */
  List<Loss.Value> inside() {
    return values(beforeScores());
  }

  /**
   * Those of them that have weights before them, pools and the like left out; of an encoder of
   * tokens also what it makes in the end.
   */
  List<Loss.Value> layers() {
    List<Stretch> all = isEncoder() ? stretches : beforeScores();
    return values(all.stream().filter(Stretch::weighs).toList());
  }

  /** Whether what the network makes is a row for each token. */
  private boolean isEncoder() {
    return scores().isTokens();
  }

  private List<Stretch> beforeScores() {
    String scores = Scores.of(model);
    return stretches.stream()
        .takeWhile(s -> s.nodes().stream().noneMatch(n -> n.outputs().contains(scores)))
        .toList();
  }

  private List<Loss.Value> values(List<Stretch> of) {
    return of.stream().map(s -> value(s.to()).orElseThrow()).toList();
  }

  /** The value of a sample as a whole: the last landmark that is one row, or the output. */
  Loss.Value embedding() {
    List<Loss.Value> inside = inside();
    return isEncoder() || inside.isEmpty() ? scores() : inside.getLast();
  }

  /**
   * The scores of a network.
   *
   * @throws IllegalArgumentException if an operator that nothing here knows makes them
   */
  Loss.Value scores() {
    String scores = Scores.of(model);
    return value(scores)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "the shape of the scores '%s' cannot be found by a run".formatted(scores)));
  }

  /** The value called so; empty if there is none whose shape is known. */
  Optional<Loss.Value> value(String name) {
    Shape shape = model.params().containsKey(name) ? null : shapes.get(name);
    if (shape == null || shape.rank() == 0) {
      return Optional.empty();
    }
    long[] dims = shape.toArray();
    return Optional.of(
        new Loss.Value(name, Shape.of(Arrays.copyOfRange(dims, 1, dims.length)), mask));
  }

  /** What values there are to be named, the landmarks first. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    inside().forEach(v -> names.add(v.name()));
    shapes.keySet().stream()
        .filter(n -> !model.params().containsKey(n) && !names.contains(n))
        .forEach(names::add);
    return names;
  }
}
