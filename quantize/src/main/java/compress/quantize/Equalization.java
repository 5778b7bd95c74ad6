package compress.quantize;

import compress.model.Dense;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Scales the channels between two convolutions so that both have weights of equal reach in them:
 * with {@code r1} and {@code r2} the largest magnitudes of a channel's weights in the first and the
 * second, the first is divided and the second multiplied by {@code s = sqrt(r1 r2) / r2}. A {@code
 * Relu} between them lets a positive factor pass, so the network computes the same, and one scale a
 * tensor does to it what a scale for each channel would have done. Repeated over all pairs until
 * nothing changes.
 *
 * <p>Batch normalizations must have been folded. A {@code Clip} from 0 to a bound, ReLU6 say, that
 * stands between two such convolutions becomes a {@code Relu}, as in the paper: the one step that
 * changes answers, where a value exceeded the bound. The paper's absorbing of high biases is not
 * done.
 *
 * @see <a href="https://arxiv.org/abs/1906.04721">Nagel et al. 2019</a>, section 4.1
 */
final class Equalization {
  private static final int MOST_ROUNDS = 50;

  private static final double SETTLED = 1e-4;

  /** Channels that are zero on one side have no reach to share. */
  private static final float LEAST = 1e-8f;

  private final Model model;
  private final Wiring wiring;
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final Map<Node, Node> rectifiers = new LinkedHashMap<>();
  private final List<Pair> pairs = new ArrayList<>();

  /**
   * Two convolutions, by their weights.
   *
   * @param depthwise whether the second has a kernel of its own for each channel
   * @param kernel places of the second's kernel
   */
  record Pair(
      String first,
      Optional<String> bias,
      String second,
      boolean depthwise,
      int channels,
      int kernel) {
    /** Which channel between the two the weight {@code i} of the second belongs to. */
    private int channelOfSecond(int i) {
      return depthwise ? i / kernel : i / kernel % channels;
    }
  }

  private Equalization(Model model) {
    this.model = model;
    this.wiring = new Wiring(model);
    for (Node node : model.graph().orElseThrow().nodes()) {
      pair(node).ifPresent(pairs::add);
    }
    for (Pair p : pairs) {
      values.computeIfAbsent(p.first, n -> model.param(n).values().toFloats());
      values.computeIfAbsent(p.second, n -> model.param(n).values().toFloats());
      p.bias.ifPresent(b -> values.computeIfAbsent(b, n -> model.param(n).values().toFloats()));
    }
  }

  /**
   * @param pairs for the report: the weights of each pair
   * @param unclipped the labels of the nodes that lost their upper bound
   */
  record Equalized(Model model, List<Pair> pairs, List<String> unclipped) {}

  /** A model with a graph; itself if it has no two such convolutions. */
  static Equalized of(Model model) {
    Equalization e = new Equalization(model);
    for (int round = 0; round < MOST_ROUNDS && e.round() > SETTLED; round++) {}
    List<Param> changed = new ArrayList<>();
    e.values.forEach((name, v) -> {
      Param p = model.param(name);
      changed.add(p.with(new Dense(Tensor.ofFloats(p.type(), p.shape(), v))));
    });
    Graph graph = model.graph().orElseThrow();
    List<Node> nodes = graph.nodes().stream().map(n -> e.rectifiers.getOrDefault(n, n)).toList();
    Model result =
        new Model(
            Optional.of(
                new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
            model.params(),
            model.opsets(),
            model.metadata(),
            model.carried());
    return new Equalized(
        result.with(changed),
        List.copyOf(e.pairs),
        e.rectifiers.keySet().stream().map(Node::label).toList());
  }

  /** Whether {@code node} cuts off below 0, and maybe above some bound. */
  private boolean isClipAtZero(Node node) {
    Optional<float[]> least = Wiring.floats(model, node.input(1));
    return node.is("Clip")
        && (node.attributes().isEmpty()
            ? least.isPresent() && least.get().length == 1 && least.get()[0] == 0
            : node.floatAttribute("min", -1) == 0);
  }

  private Optional<Pair> pair(Node first) {
    if (!isConv(first)) {
      return Optional.empty();
    }
    Optional<Node> next = wiring.onlyReader(first.outputs().getFirst());
    Optional<Node> clip = next.filter(this::isClipAtZero);
    if (next.isPresent() && (next.get().is("Relu") || clip.isPresent())) {
      next = wiring.onlyReader(next.get().outputs().getFirst());
    }
    if (next.isEmpty() || !isConv(next.get()) || model.params().containsKey(next.get().input(0))) {
      return Optional.empty();
    }
    Node second = next.get();
    Shape from = model.param(first.input(1)).shape();
    Shape to = model.param(second.input(1)).shape();
    int channels = (int) from.dim(0);
    long groups = second.intAttribute("group", 1);
    boolean depthwise = groups == channels && to.dim(0) == channels && to.dim(1) == 1;
    if (!depthwise && (groups != 1 || to.dim(1) != channels)) {
      return Optional.empty();
    }
    Optional<String> bias =
        first.input(2).isEmpty() ? Optional.empty() : Optional.of(first.input(2));
    int kernel = (int) (to.size() / (to.dim(0) * to.dim(1)));
    clip.ifPresent(c ->
        rectifiers.put(
            c,
            new Node(
                c.name(), "Relu", "", List.of(c.input(0)), c.outputs(), Map.of(), c.carried())));
    return Optional.of(
        new Pair(first.input(1), bias, second.input(1), depthwise, channels, kernel));
  }

  private boolean isConv(Node node) {
    if (!node.is("Conv") || Wiring.floats(model, node.input(1)).isEmpty()) {
      return false;
    }
    boolean ownBias =
        node.input(2).isEmpty()
            || wiring.readers(node.input(2)).size() == 1
                && Wiring.floats(model, node.input(2)).isPresent();
    return wiring.readers(node.input(1)).size() == 1 && ownBias;
  }

  /** Equalizes each pair once; how far the factor furthest from 1 was from it. */
  private double round() {
    double furthest = 0;
    for (Pair p : pairs) {
      float[] w1 = values.getOrDefault(p.first, new float[0]);
      float[] w2 = values.getOrDefault(p.second, new float[0]);
      float[] reach1 = new float[p.channels];
      float[] reach2 = new float[p.channels];
      int per1 = w1.length / p.channels;
      for (int i = 0; i < w1.length; i++) {
        reach1[i / per1] = Math.max(reach1[i / per1], Math.abs(w1[i]));
      }
      for (int i = 0; i < w2.length; i++) {
        int c = p.channelOfSecond(i);
        reach2[c] = Math.max(reach2[c], Math.abs(w2[i]));
      }
      double[] factor = new double[p.channels];
      Arrays.fill(factor, 1);
      for (int c = 0; c < p.channels; c++) {
        if (reach1[c] > LEAST && reach2[c] > LEAST) {
          factor[c] = Math.sqrt((double) reach1[c] / reach2[c]);
        }
        furthest = Math.max(furthest, Math.abs(factor[c] - 1));
      }
      for (int i = 0; i < w1.length; i++) {
        w1[i] = (float) (w1[i] / factor[i / per1]);
      }
      for (int i = 0; i < w2.length; i++) {
        w2[i] = (float) (w2[i] * factor[p.channelOfSecond(i)]);
      }
      if (p.bias.isPresent()) {
        float[] b = values.getOrDefault(p.bias.get(), new float[0]);
        for (int c = 0; c < p.channels; c++) {
          b[c] = (float) (b[c] / factor[c]);
        }
      }
    }
    return furthest;
  }
}
