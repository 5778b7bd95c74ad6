package compress.model.onnx;

import compress.model.Affine;
import compress.model.Attribute;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.FormatException;
import compress.model.Granularity;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Recognises nodes that only unfold how a param is stored, and makes their results params:
 *
 * <ul>
 *   <li>{@code Cast} of floats to floats: dense values of the narrower type;
 *   <li>{@code DequantizeLinear} of integers or floats of 8 bits: affine values;
 *   <li>{@code Gather} from a vector of floats by constant indices: a codebook;
 *   <li>what ends in a {@code Reshape}: {@link ReshapedIdioms}.
 * </ul>
 *
 * <p>Only what nothing else reads is lifted; the rest stays as it is.
 */
final class Lifting {
  private final Path file;
  // What stands in the place of each param of the file, in its order.
  private final SequencedMap<String, Param> slots;
  // The slot of a param, by the name that nodes call it.
  private final Map<String, String> slotOf = new HashMap<>();
  private final Set<String> fixed;
  private final Map<String, Integer> readers = new HashMap<>();
  // Integer params that a Cast widened to what Gather takes: by the Cast's output.
  private final Map<String, String> widened = new HashMap<>();

  /**
   * @param fixed names that must stay as they are: read from outside the nodes, or overridable
   */
  Lifting(Path file, SequencedMap<String, Param> params, Set<String> fixed) {
    this.file = file;
    this.slots = new LinkedHashMap<>(params);
    params.keySet().forEach(name -> slotOf.put(name, name));
    this.fixed = fixed;
  }

  Model lift(Model model) throws FormatException {
    Graph graph = model.graph().orElseThrow();
    for (Node n : graph.nodes()) {
      n.inputs().forEach(i -> readers.merge(i, 1, Integer::sum));
    }
    List<Node> nodes = new ArrayList<>();
    List<Node> casts = new ArrayList<>();
    ReshapedIdioms reshaped = new ReshapedIdioms(this, graph.nodes());
    for (Node n : graph.nodes()) {
      if (isWideningCast(n)) {
        casts.add(n);
      } else if (!liftable(n) && !(isLastOf(n) && reshaped.lift(n, nodes).isPresent())) {
        nodes.add(n);
      }
    }
    // A widened integer that no codebook took stays a node; it reads a param, so it may come first.
    for (Node cast : casts) {
      if (widened.containsKey(cast.outputs().getFirst())) {
        nodes.addFirst(cast);
      }
    }
    SequencedMap<String, Param> ordered = new LinkedHashMap<>();
    slots.values().forEach(p -> ordered.put(p.name(), p));
    return new Model(
        Optional.of(
            new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
        ordered,
        model.opsets(),
        model.metadata(),
        model.carried());
  }

  private boolean liftable(Node n) throws FormatException {
    if (n.outputs().size() != 1 || fixed.contains(n.outputs().getFirst())) {
      return false;
    }
    Optional<Param> lifted =
        n.is("Cast")
            ? cast(n)
            : n.is("Gather")
                ? gather(n)
                : n.is("DequantizeLinear") ? dequantize(n) : Optional.empty();
    return lifted.isPresent();
  }

  private boolean isLastOf(Node n) {
    return n.is("Reshape") && n.outputs().size() == 1 && !fixed.contains(n.outputs().getFirst());
  }

  /** The param that nodes call {@code name}. */
  Optional<Param> param(String name) {
    return Optional.ofNullable(slotOf.get(name)).map(slots::get);
  }

  /** The param called {@code name}, if a single node reads it and nothing else does. */
  Optional<Param> own(String name) {
    return isReadOnce(name) ? param(name) : Optional.empty();
  }

  boolean isReadOnce(String name) {
    return isRead(name, 1);
  }

  /** Whether nodes read {@code name} so often, and nothing else does. */
  boolean isRead(String name, int times) {
    return readers.getOrDefault(name, 0) == times && !fixed.contains(name);
  }

  /** The param that a {@code Cast} widened to {@code indices}, or {@code indices} itself. */
  String narrow(String indices) {
    return widened.getOrDefault(indices, indices);
  }

  /** The {@code Cast} that made {@code indices} is part of a param now. */
  void taken(String indices) {
    widened.remove(indices);
  }

  /** The param is part of another now. */
  void drop(String name) {
    slots.remove(slotOf.getOrDefault(name, ""));
  }

  FormatException wrong(String reason) {
    return new FormatException(file, FormatException.NOWHERE, reason);
  }

  private static Optional<DType> castTo(Node n) {
    return n.attributes().get("to") instanceof Attribute.IntValue(long to)
        ? DType.ofOnnx((int) to)
        : Optional.empty();
  }

  private boolean isWideningCast(Node n) {
    if (!n.is("Cast") || n.outputs().size() != 1 || fixed.contains(n.outputs().getFirst())) {
      return false;
    }
    Optional<Param> p = own(n.input(0));
    Optional<DType> to = castTo(n);
    boolean widens =
        p.isPresent()
            && p.get().values() instanceof Dense(Tensor t)
            && (t.type() == DType.U8 || t.type() == DType.U16)
            && (to.equals(Optional.of(DType.I32)) || to.equals(Optional.of(DType.I64)))
            && readers.getOrDefault(n.outputs().getFirst(), 0) == 1;
    if (widens) {
      widened.put(n.outputs().getFirst(), n.input(0));
    }
    return widens;
  }

  private Optional<Param> cast(Node n) {
    Optional<Param> p = own(n.input(0));
    Optional<DType> to = castTo(n);
    if (p.isPresent()
        && to.isPresent()
        && to.get().isFloat()
        && p.get().values() instanceof Dense(Tensor t)
        && t.type().isFloat()
        && t.type().bits() < to.get().bits()) {
      return Optional.of(
          replace(n.input(0), new Param(n.outputs().getFirst(), to.get(), p.get().values())));
    }
    return Optional.empty();
  }

  private Optional<Param> gather(Node n) throws FormatException {
    Optional<Param> book = own(n.input(0));
    String indexName = narrow(n.input(1));
    Optional<Param> index = own(indexName);
    if (n.intAttribute("axis", 0) != 0
        || book.isEmpty()
        || index.isEmpty()
        || !(book.get().values() instanceof Dense(Tensor codebook))
        || !(index.get().values() instanceof Dense(Tensor indices))
        || codebook.shape().rank() != 1
        || !codebook.type().isFloat()
        || codebook.size() == 0
        || codebook.size() > 1 << 16
        || (indices.type() != DType.U8 && indices.type() != DType.U16)) {
      return Optional.empty();
    }
    Codebook values = new Codebook(codebook, indices);
    if (values.largestIndex() >= codebook.size()) {
      throw wrong(
          "%s: index %d into the %d values of '%s'"
              .formatted(n.label(), values.largestIndex(), codebook.size(), n.input(0)));
    }
    String name = n.outputs().getFirst();
    taken(n.input(1));
    drop(n.input(0));
    return Optional.of(replace(indexName, new Param(name, book.get().type(), values)));
  }

  private Optional<Param> dequantize(Node n) {
    Optional<Param> x = own(n.input(0));
    Optional<Param> scale = param(n.input(1));
    boolean hasZero = !n.input(2).isEmpty();
    Optional<Param> zero = param(n.input(2));
    if (x.isEmpty()
        || scale.isEmpty()
        || (hasZero && zero.isEmpty())
        || !(x.get().values() instanceof Dense(Tensor integers))
        || !(scale.get().values() instanceof Dense(Tensor scales))
        || !Affine.isStorage(integers.type())) {
      return Optional.empty();
    }
    if (zero.isPresent() && !(zero.get().values() instanceof Dense)) {
      return Optional.empty();
    }
    Optional<Tensor> zeros =
        zero.map(z -> ((Dense) z.values()).tensor()).filter(z -> !isNothing(z));
    int axis = (int) n.intAttribute("axis", 1);
    int block = (int) n.intAttribute("block_size", 0);
    Granularity granularity =
        block > 0
            ? new Granularity.PerGroup(axis, block)
            : scales.shape().rank() == 0 || scales.size() == 1
                ? new Granularity.PerTensor()
                : new Granularity.PerAxis(axis);
    Affine values;
    try {
      values = new Affine(integers, scales, zeros, granularity);
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Not a shape that the operator allows; whoever runs it will say so.
    }
    dropIfUnread(n.input(1));
    dropIfUnread(n.input(2));
    return Optional.of(
        replace(n.input(0), new Param(n.outputs().getFirst(), scale.get().type(), values)));
  }

  /** Floats of 8 bits have a zero point that says their type and nothing else. */
  private static boolean isNothing(Tensor zeros) {
    if (!zeros.type().isFloat()) {
      return false;
    }
    for (float z : zeros.toFloats()) {
      if (z != 0) {
        return false;
      }
    }
    return true;
  }

  /** Scales are often shared by several nodes: the last reader takes them away. */
  void dropIfUnread(String name) {
    if (readers.merge(name, -1, Integer::sum) == 0 && !fixed.contains(name)) {
      slots.remove(slotOf.getOrDefault(name, ""));
    }
  }

  Param replace(String old, Param lifted) {
    String slot = slotOf.getOrDefault(old, old);
    slots.put(slot, lifted);
    slotOf.put(lifted.name(), slot);
    return lifted;
  }
}
