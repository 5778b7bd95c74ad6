package compress.model.onnx;

import compress.model.DType;
import compress.model.Dense;
import compress.model.FormatException;
import compress.model.Hashed;
import compress.model.Node;
import compress.model.Param;
import compress.model.Patched;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.VectorCodebook;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The ways of storing a param that end in a {@code Reshape} to its shape: a codebook of vectors,
 * sharing by a hash, and outliers beside fewer bits. {@link Lowering} says what each looks like.
 */
final class ReshapedIdioms {
  private final Lifting lifting;
  private final Map<String, Node> makers = new HashMap<>();

  ReshapedIdioms(Lifting lifting, List<Node> nodes) {
    this.lifting = lifting;
    nodes.forEach(n -> n.outputs().forEach(o -> makers.put(o, n)));
  }

  /**
   * The param that {@code n} makes, if it is the end of such an idiom; what led there is then taken
   * out of {@code before}.
   */
  Optional<Param> lift(Node n, List<Node> before) throws FormatException {
    Node from = makers.get(n.input(0));
    Optional<Shape> shape = target(n);
    if (shape.isEmpty()
        || from == null
        || from.outputs().size() != 1
        || !lifting.isReadOnce(n.input(0))) {
      return Optional.empty();
    }
    Optional<Param> lifted = Optional.empty();
    if (from.is("Gather")) {
      lifted = vectors(n, from, shape.get(), before);
      if (lifted.isEmpty()) {
        lifted = hashed(n, from, shape.get(), before);
      }
    } else if (from.is("ScatterElements")) {
      lifted = patched(n, from, shape.get(), before);
    }
    if (lifted.isPresent()) {
      lifting.dropIfUnread(n.input(1));
    }
    return lifted;
  }

  /** The shape that a {@code Reshape} gives, if it is written out as numbers above 0. */
  private Optional<Shape> target(Node reshape) {
    Tensor target = dense(reshape.input(1), t -> t.type() == DType.I64 && t.shape().rank() == 1);
    if (target == null || !reshape.attributes().isEmpty()) {
      return Optional.empty();
    }
    long[] dims = target.toLongs();
    for (long dim : dims) {
      if (dim < 1) {
        return Optional.empty();
      }
    }
    return Optional.of(Shape.of(dims));
  }

  /** The tensor of a dense param that is {@code fit}; null if there is none. */
  private @Nullable Tensor dense(String name, Predicate<Tensor> fit) {
    return lifting
            .param(name)
            .filter(p -> p.values() instanceof Dense(Tensor t) && fit.test(t))
            .isPresent()
        ? ((Dense) lifting.param(name).orElseThrow().values()).tensor()
        : null;
  }

  private Optional<Param> vectors(Node n, Node gather, Shape shape, List<Node> before)
      throws FormatException {
    String indexName = lifting.narrow(gather.input(1));
    Optional<Param> book = lifting.own(gather.input(0));
    Tensor codebook =
        dense(gather.input(0), t -> t.shape().rank() == 2 && t.type().isFloat() && t.size() > 0);
    Tensor indices =
        dense(
            indexName,
            t -> t.shape().rank() == 1 && (t.type() == DType.U8 || t.type() == DType.U16));
    if (book.isEmpty()
        || codebook == null
        || indices == null
        || lifting.own(indexName).isEmpty()
        || gather.intAttribute("axis", 0) != 0
        || indices.size() * codebook.shape().dim(1) != shape.size()) {
      return Optional.empty();
    }
    VectorCodebook values = new VectorCodebook(codebook, indices, shape);
    if (values.largestIndex() >= values.vectors()) {
      throw lifting.wrong(
          "%s: index %d into the %d vectors of '%s'"
              .formatted(gather.label(), values.largestIndex(), values.vectors(), gather.input(0)));
    }
    before.remove(gather);
    lifting.taken(gather.input(1));
    lifting.drop(gather.input(0));
    return Optional.of(
        lifting.replace(indexName, new Param(n.outputs().getFirst(), book.get().type(), values)));
  }

  private Optional<Param> hashed(Node n, Node gather, Shape shape, List<Node> before) {
    Optional<HashNodes.Found> found =
        new HashNodes.Matcher(name -> Optional.ofNullable(makers.get(name)), this::integer)
            .match(gather);
    if (found.isEmpty() || !closed(found.get().unfolding(), gather)) {
      return Optional.empty();
    }
    HashNodes.Found f = found.get();
    Tensor buckets =
        dense(f.buckets(), t -> t.shape().rank() == 1 && t.type().isFloat() && t.size() > 0);
    // Neg and Concat read the buckets.
    if (buckets == null
        || !lifting.isRead(f.buckets(), 2)
        || f.values() != 2 * buckets.size()
        || f.size() != shape.size()) {
      return Optional.empty();
    }
    DType type = lifting.param(f.buckets()).orElseThrow().type();
    before.removeAll(f.unfolding());
    f.numbers().forEach(lifting::dropIfUnread);
    return Optional.of(
        lifting.replace(
            f.buckets(),
            new Param(n.outputs().getFirst(), type, new Hashed(buckets, f.seed(), shape))));
  }

  private OptionalLong integer(String name) {
    Tensor t = dense(name, i -> i.type() == DType.I64 && i.shape().rank() == 0);
    return t == null ? OptionalLong.empty() : OptionalLong.of(t.longAt(0));
  }

  /** Whether nothing but {@code nodes} themselves reads what they make, the last one's aside. */
  private boolean closed(List<Node> nodes, Node last) {
    Map<String, Integer> inside = new HashMap<>();
    nodes.forEach(n -> n.inputs().forEach(i -> inside.merge(i, 1, Integer::sum)));
    Set<Node> others = new HashSet<>(nodes);
    others.remove(last);
    return others.stream()
        .flatMap(n -> n.outputs().stream())
        .allMatch(o -> lifting.isRead(o, inside.getOrDefault(o, 0)));
  }

  private Optional<Param> patched(Node n, Node scatter, Shape shape, List<Node> before) {
    Node flat = makers.get(scatter.input(0));
    if (flat == null
        || !flat.is("Reshape")
        || !lifting.isReadOnce(scatter.input(0))
        || scatter.intAttribute("axis", 0) != 0
        || !scatter.textAttribute("reduction", "none").equals("none")) {
      return Optional.empty();
    }
    Optional<Param> base = lifting.own(flat.input(0));
    Tensor places = dense(scatter.input(1), t -> t.type() == DType.I32);
    Tensor outliers = dense(scatter.input(2), t -> t.type().isFloat());
    if (base.isEmpty()
        || places == null
        || outliers == null
        || lifting.own(scatter.input(1)).isEmpty()
        || lifting.own(scatter.input(2)).isEmpty()
        || !base.get().shape().equals(shape)
        || !base.get().type().isFloat()
        || !target(flat).equals(Optional.of(Shape.of(shape.size())))) {
      return Optional.empty();
    }
    Patched values;
    try {
      values = new Patched(base.get().values(), places, outliers);
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // A scatter that is no list of outliers; it runs as it is.
    }
    before.removeAll(List.of(flat, scatter));
    lifting.drop(scatter.input(1));
    lifting.drop(scatter.input(2));
    lifting.dropIfUnread(flat.input(1));
    return Optional.of(
        lifting.replace(
            flat.input(0), new Param(n.outputs().getFirst(), base.get().type(), values)));
  }
}
