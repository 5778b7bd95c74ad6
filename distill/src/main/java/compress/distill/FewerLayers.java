package compress.distill;

import compress.distill.Landmarks.Stretch;
import compress.model.Attribute;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.ValueInfo;
import compress.model.Weight;
import compress.model.Weights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Keeps a share of the layers that a network repeats: blocks of one stage of a ResNet, layers of a
 * transformer. Of {@code n} that follow each other, each with the operators and the shapes of the
 * others, {@code ceil(share n)} stay, evenly, the first among them; what went into a layer that
 * goes is then what comes out of it.
 *
 * @param share above 0, at most 1
 * @see <a href="https://arxiv.org/abs/1910.01108">Sanh et al. 2019</a>, section 3: one layer out of
 *     two, with its weights
 */
public record FewerLayers(double share) implements Shrinking {
  public FewerLayers {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "the share of layers must be above 0 and at most 1, not " + share);
    }
  }

  /** Layers that follow each other and are alike, each some stretches long. */
  private record Run(List<List<Stretch>> layers) {
    List<List<Stretch>> leaving(double share) {
      int kept = (int) Math.ceil(share * layers.size() - 1e-9);
      Set<Integer> stay = new HashSet<>();
      for (int i = 0; i < kept; i++) {
        stay.add(i * layers.size() / kept);
      }
      List<List<Stretch>> leaving = new ArrayList<>();
      for (int i = 0; i < layers.size(); i++) {
        if (!stay.contains(i)) {
          leaving.add(layers.get(i));
        }
      }
      return leaving;
    }
  }

  @Override
  public Model of(Model teacher) throws IOException {
    Landmarks landmarks = Landmarks.of(teacher);
    Map<String, String> replaced = new HashMap<>();
    for (Run run : runs(teacher, landmarks)) {
      for (List<Stretch> layer : run.leaving(share)) {
        replaced.put(layer.getLast().to(), layer.getFirst().from());
      }
    }
    if (replaced.isEmpty() && share < 1) {
      throw new IllegalArgumentException(
          "the network repeats no layer, so there is none to leave out; width=SHARE makes it"
              + " narrower");
    }
    return rewired(teacher, replaced);
  }

  /** From the input on, at each place the longest. */
  private static List<Run> runs(Model model, Landmarks landmarks) {
    List<Stretch> stretches = landmarks.stretches();
    List<String> kinds = stretches.stream().map(s -> kind(model, landmarks, s)).toList();
    List<Run> runs = new ArrayList<>();
    int at = 0;
    while (at < stretches.size()) {
      Run best = new Run(List.of());
      int length = 0;
      // A layer of at most 8 stretches: a transformer's has 2, with attention across 3.
      for (int period = 1; period <= 8; period++) {
        int times = times(landmarks, stretches, kinds, at, period);
        if (times > 1 && times * period > length) {
          length = times * period;
          List<List<Stretch>> layers = new ArrayList<>();
          for (int i = 0; i < times; i++) {
            layers.add(stretches.subList(at + i * period, at + (i + 1) * period));
          }
          best = new Run(layers);
        }
      }
      if (length > 0) {
        runs.add(best);
      }
      at += Math.max(1, length);
    }
    return runs;
  }

  /**
   * How often the {@code period} stretches from {@code at} on follow each other, if what they make
   * has the shape of what they take.
   */
  private static int times(
      Landmarks landmarks, List<Stretch> stretches, List<String> kinds, int at, int period) {
    if (at + period > stretches.size()
        || !landmarks.sameShape(stretches.get(at).from(), stretches.get(at + period - 1).to())) {
      return 0;
    }
    int next = at + period;
    while (next + period <= stretches.size()
        && kinds.subList(next, next + period).equals(kinds.subList(at, at + period))) {
      next += period;
    }
    return (next - at) / period;
  }

  /** Equal for stretches that compute alike, with weights of equal shapes. */
  private static String kind(Model model, Landmarks landmarks, Stretch stretch) {
    Set<String> learns = new HashSet<>();
    Weights.of(model).stream().map(Weight::name).forEach(learns::add);
    StringBuilder kind = new StringBuilder(landmarks.shape(stretch.to()).toString());
    for (Node node : stretch.nodes()) {
      boolean computes = node.outputs().stream().anyMatch(landmarks::isKnown);
      if (computes) {
        kind.append(' ').append(node.op());
        for (String input : node.inputs()) {
          Param param = model.params().get(input);
          if (param != null && learns.contains(input)) {
            kind.append(param.shape());
          }
        }
      }
    }
    return kind.toString();
  }

  /**
   * @param replaced by a value that goes: what is read instead
   */
  private static Model rewired(Model model, Map<String, String> replaced) {
    Graph graph = model.graph().orElseThrow();
    // What a caller asks for keeps its name, whichever value it is now.
    Map<String, String> names = new HashMap<>();
    for (ValueInfo output : graph.outputs()) {
      String now = last(replaced, output.name());
      if (!now.equals(output.name())) {
        names.put(now, output.name());
      }
    }
    Map<String, Node> makers = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.outputs().stream().anyMatch(names::containsValue)) {
        continue;
      }
      List<String> inputs =
          node.inputs().stream()
              .map(i -> last(replaced, i))
              .map(i -> names.getOrDefault(i, i))
              .toList();
      List<String> outputs = node.outputs().stream().map(o -> names.getOrDefault(o, o)).toList();
      Node changed =
          inputs.equals(node.inputs()) && outputs.equals(node.outputs())
              ? node
              : new Node(
                  node.name(),
                  node.op(),
                  node.domain(),
                  inputs,
                  outputs,
                  node.attributes(),
                  node.carried());
      nodes.add(changed);
      outputs.forEach(o -> makers.put(o, changed));
    }
    Set<Node> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<String> read = new HashSet<>();
    List<String> wanted = new ArrayList<>();
    graph.outputs().forEach(o -> wanted.add(o.name()));
    while (!wanted.isEmpty()) {
      String value = wanted.removeLast();
      read.add(value);
      Node maker = makers.get(value);
      if (maker != null && needed.add(maker)) {
        wanted.addAll(maker.inputs());
      }
    }
    SequencedMap<String, Param> params = new LinkedHashMap<>(model.params());
    // A sub-graph may read any value from outside without saying so here.
    boolean closed =
        graph.nodes().stream()
            .flatMap(n -> n.attributes().values().stream())
            .noneMatch(a -> a instanceof Attribute.Carried);
    if (closed) {
      params.keySet().retainAll(read);
    }
    Graph changed =
        new Graph(
            graph.name(),
            nodes.stream().filter(needed::contains).toList(),
            graph.inputs(),
            graph.outputs(),
            graph.carried());
    return new Model(
        Optional.of(changed), params, model.opsets(), model.metadata(), model.carried());
  }

  private static String last(Map<String, String> replaced, String value) {
    String now = value;
    while (replaced.containsKey(now)) {
      now = replaced.get(now);
    }
    return now;
  }
}
