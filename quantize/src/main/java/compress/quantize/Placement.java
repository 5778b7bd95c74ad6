package compress.quantize;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;

/**
 * Which activations are quantized, so that ONNX Runtime runs whole nodes on integers:
 *
 * <ul>
 *   <li>what goes into {@code Conv}, {@code Gemm} and {@code MatMul} whose weights are integers (or
 *       that multiply two activations), and what comes out of a {@code Conv}; the other two give
 *       floats where nothing wants integers;
 *   <li>what goes into and comes out of {@code Add} and {@code Mul} of two activations, {@code
 *       Concat} and averaging pools, if one of their inputs is there as integers anyway;
 *   <li>not what lies between one of these and a {@code Relu} or {@code Clip} that alone reads it:
 *       the range after it says the same;
 *   <li>the parts of a {@code Concat} have the range of the whole, so that they are rounded once;
 *   <li>nodes that only move values ({@code MaxPool}, {@code Reshape} and the like) hand the range
 *       of their input on;
 *   <li>not the network's answers, where rounding would make scores equal.
 * </ul>
 *
 * <p>A node is in only if all its activations are of type F32 and none of its inputs is a constant
 * that is not a weight.
 *
 * @see <a href="https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html">ONNX
 *     Runtime, Quantize ONNX models</a>, representation by QDQ
 */
final class Placement {
  private static final Set<String> PRODUCTS = Set.of("Conv", "Gemm", "MatMul");
  private static final Set<String> SUMS = Set.of("Add", "Mul", "Concat");
  private static final Set<String> POOLS = Set.of("AveragePool", "GlobalAveragePool");
  private static final Set<String> MOVING =
      Set.of(
          "MaxPool",
          "Reshape",
          "Flatten",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Slice",
          "Identity",
          "DepthToSpace",
          "SpaceToDepth");

  private final Model model;
  private final ActivationOptions options;
  private final Wiring wiring;
  private final Set<Node> inside = new HashSet<>();
  private final Map<String, String> sameRange = new HashMap<>();
  private final SequencedSet<String> tensors = new LinkedHashSet<>();

  Placement(Model model, ActivationOptions options) {
    this.model = model;
    this.options = options;
    this.wiring = new Wiring(model);
    for (Node node : model.graph().orElseThrow().nodes()) {
      if (takes(node)) {
        inside.add(node);
        activations(node).forEach(tensors::add);
        String out = ending(node);
        boolean floats = node.is("Gemm") || node.is("MatMul");
        if (!floats && !wiring.isOutput(out) && !wiring.readers(out).isEmpty()) {
          tensors.add(out);
          if (node.is("Concat")) {
            shareRange(node, out);
          }
        }
      } else if (isMoving(node) && tensors.contains(node.input(0))) {
        String out = node.outputs().getFirst();
        inside.add(node);
        if (!wiring.isOutput(out) && !wiring.readers(out).isEmpty()) {
          tensors.add(out);
          sameRange.put(out, rangeOf(node.input(0)));
        }
      }
    }
  }

  /** Parts of a concatenation that nothing else reads are rounded once, not twice. */
  private void shareRange(Node concat, String whole) {
    for (String part : activations(concat)) {
      boolean own = !sameRange.containsKey(part) && !sameRange.containsValue(part);
      if (own && wiring.onlyReader(part).isPresent()) {
        sameRange.put(part, whole);
      }
    }
  }

  /** What gets a range, in the order of the graph. */
  SequencedSet<String> tensors() {
    return tensors;
  }

  /** The tensor whose range {@code tensor} has: itself, or what it is moved from. */
  String rangeOf(String tensor) {
    return sameRange.getOrDefault(tensor, tensor);
  }

  /** Whether {@code node} reads its activations as integers stand for them. */
  boolean isInside(Node node) {
    return inside.contains(node);
  }

  /** Tensors by the one that each takes its range from. */
  SequencedMap<String, List<String>> byRange() {
    SequencedMap<String, List<String>> groups = new LinkedHashMap<>();
    for (String t : tensors) {
      groups.computeIfAbsent(rangeOf(t), n -> new ArrayList<>()).add(t);
    }
    return groups;
  }

  private boolean takes(Node node) {
    if (options.excludes(node)) {
      return false;
    }
    boolean known =
        PRODUCTS.stream().anyMatch(node::is)
            || SUMS.stream().anyMatch(node::is)
            || POOLS.stream().anyMatch(node::is);
    if (!known || node.outputs().size() != 1) {
      return false;
    }
    boolean product = PRODUCTS.stream().anyMatch(node::is);
    for (int i = 0; i < node.inputs().size(); i++) {
      Param param = model.params().get(node.input(i));
      boolean bias = product && i == 2;
      boolean weight = product && i < 2 && param != null && param.values() instanceof Affine;
      if (param != null && !bias && !weight) {
        return false;
      }
    }
    List<String> activations = activations(node);
    return isF32(node)
        && !activations.isEmpty()
        && (product || activations.stream().anyMatch(tensors::contains));
  }

  /** By the types that are declared; what nobody declares is taken for F32, as weights say. */
  private boolean isF32(Node node) {
    return node.inputs().stream()
        .map(i -> model.params().get(i))
        .allMatch(p -> p == null || p.type() == DType.F32);
  }

  private boolean isMoving(Node node) {
    return MOVING.stream().anyMatch(node::is)
        && node.outputs().size() == 1
        && !options.excludes(node)
        && !model.params().containsKey(node.input(0));
  }

  /** The inputs that are no params. */
  List<String> activations(Node node) {
    List<String> found = new ArrayList<>();
    int most = node.is("Conv") || node.is("Gemm") || node.is("MatMul") ? 2 : Integer.MAX_VALUE;
    for (int i = 0; i < Math.min(most, node.inputs().size()); i++) {
      String input = node.input(i);
      if (!input.isEmpty() && !model.params().containsKey(input)) {
        found.add(input);
      }
    }
    return found;
  }

  /** What the node makes, or what a rectifier makes of that if nothing else reads it. */
  private String ending(Node node) {
    String out = node.outputs().getFirst();
    Optional<Node> next =
        wiring.onlyReader(out).filter(n -> isRectifier(n) && !options.excludes(n));
    return next.map(n -> n.outputs().getFirst()).orElse(out);
  }

  private static boolean isRectifier(Node node) {
    return node.is("Relu") || node.is("Clip");
  }
}
