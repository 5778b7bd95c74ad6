package compress.model.onnx;

import compress.model.Affine;
import compress.model.Attribute;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Granularity;
import compress.model.Hashed;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Patched;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.VectorCodebook;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Spreads params over initializers and the nodes that unfold them: the reverse of {@link Lifting}.
 * For a param {@code W}:
 *
 * <ul>
 *   <li>dense of the type that the nodes see: initializer {@code W};
 *   <li>dense of another type: {@code W.stored} and {@code Cast};
 *   <li>affine: {@code W.quantized}, {@code W.scale}, {@code W.zero_point} and {@code
 *       DequantizeLinear};
 *   <li>codebook: {@code W.codebook}, {@code W.indices}, {@code Cast} of the indices to I32 and
 *       {@code Gather};
 *   <li>codebook of vectors: the same with a matrix, and {@code Reshape};
 *   <li>hashed: {@code W.buckets} and the nodes of {@link HashNodes};
 *   <li>patched: the base as {@code W.base}, flattened, {@code ScatterElements} of {@code
 *       W.outliers} to {@code W.places}, and {@code Reshape}.
 * </ul>
 */
final class Lowering {
  /** {@code Cast} names its target by number instead of by string from here on. */
  private static final int CAST_BY_NUMBER = 6;

  private final Model model;
  private final Set<String> taken = new HashSet<>();
  private final SequencedMap<String, Tensor> initializers = new LinkedHashMap<>();
  private final List<Node> unfolding = new ArrayList<>();

  /**
   * @throws IllegalArgumentException if the model's operator set cannot say what a param holds
   */
  Lowering(Model model) {
    this.model = model;
    taken.addAll(model.params().keySet());
    model
        .graph()
        .orElseThrow()
        .nodes()
        .forEach(n -> {
          taken.addAll(n.inputs());
          taken.addAll(n.outputs());
        });
    model.params().values().forEach(this::lower);
  }

  SequencedMap<String, Tensor> initializers() {
    return initializers;
  }

  /** To be put before the graph's own nodes. */
  List<Node> unfolding() {
    return unfolding;
  }

  private void lower(Param p) {
    long needed = Opsets.neededFor(p.values());
    if (!(p.values() instanceof Dense) && model.opset() < needed) {
      throw new IllegalArgumentException(
          "'%s': %s needs ONNX operator set %d, and the model has %d; raise it, or store otherwise"
              .formatted(p.name(), what(p.values()), needed, model.opset()));
    }
    switch (p.values()) {
      case Dense(Tensor t) when t.type() == p.type() -> initializers.put(p.name(), t);
      case Dense(Tensor t) -> cast(store(p, "stored", t), p.name(), p.type());
      case Codebook(Tensor codebook, Tensor indices) -> gather(p, codebook, indices, p.name());
      case VectorCodebook(Tensor codebook, Tensor indices, Shape shape) -> {
        String vectors = unique(p.name() + ".vectors");
        gather(p, codebook, indices, vectors);
        reshape(p, vectors, "shape", shape, p.name());
      }
      case Hashed h -> {
        String buckets = typed(p, "buckets", h.buckets());
        String values = unique(p.name() + ".hashed");
        HashNodes.add(h, p.name(), buckets, values, this::unique, initializers, unfolding);
        reshape(p, values, "shape", h.shape(), p.name());
      }
      case Patched(Values base, Tensor places, Tensor outliers) -> {
        String below = unique(p.name() + ".base");
        lower(new Param(below, p.type(), base));
        String flat = unique(p.name() + ".flat");
        reshape(p, below, "flat.shape", Shape.of(base.shape().size()), flat);
        String patched = unique(p.name() + ".patched");
        unfolding.add(
            Node.of(
                "ScatterElements",
                List.of(flat, store(p, "places", places), typed(p, "outliers", outliers)),
                List.of(patched),
                Map.of("axis", new Attribute.IntValue(0))));
        reshape(p, patched, "shape", base.shape(), p.name());
      }
      case Affine a -> affine(p, a);
    }
  }

  private static String what(Values values) {
    return switch (values) {
      case Affine a -> a.integers().type() + " " + a.granularity();
      case Hashed _ -> "sharing by a hash";
      case Patched _ -> "outliers beside " + values.bits() + " bits";
      case Dense(Tensor t) -> t.type().toString();
      case Codebook _, VectorCodebook _ -> "a codebook";
    };
  }

  private void gather(Param p, Tensor codebook, Tensor indices, String to) {
    String book = typed(p, "codebook", codebook);
    String wide = cast(store(p, "indices", indices), unique(p.name() + ".indices.cast"), DType.I32);
    unfolding.add(
        Node.of(
            "Gather", List.of(book, wide), List.of(to), Map.of("axis", new Attribute.IntValue(0))));
  }

  /** The name of {@code tensor} in the type that the nodes see. */
  private String typed(Param p, String what, Tensor tensor) {
    String stored = store(p, what, tensor);
    return tensor.type() == p.type()
        ? stored
        : cast(stored, unique(p.name() + "." + what + ".cast"), p.type());
  }

  private void reshape(Param p, String from, String what, Shape shape, String to) {
    Tensor target = Tensor.ofLongs(Shape.of(shape.rank()), shape.toArray());
    unfolding.add(Node.of("Reshape", List.of(from, store(p, what, target)), List.of(to), Map.of()));
  }

  private void affine(Param p, Affine a) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    switch (a.granularity()) {
      case Granularity.PerTensor() -> {}
      case Granularity.PerAxis(int axis) -> attributes.put("axis", new Attribute.IntValue(axis));
      case Granularity.PerGroup(int axis, int size) -> {
        attributes.put("axis", new Attribute.IntValue(axis));
        attributes.put("block_size", new Attribute.IntValue(size));
      }
    }
    List<String> inputs = new ArrayList<>();
    inputs.add(store(p, "quantized", a.integers()));
    inputs.add(store(p, "scale", a.scale()));
    a.zeroPoint().ifPresent(z -> inputs.add(store(p, "zero_point", z)));
    unfolding.add(Node.of("DequantizeLinear", inputs, List.of(p.name()), attributes));
  }

  private String store(Param p, String what, Tensor tensor) {
    String name = unique(p.name() + "." + what);
    initializers.put(name, tensor);
    return name;
  }

  private String cast(String from, String to, DType type) {
    Attribute target =
        model.opset() >= CAST_BY_NUMBER
            ? new Attribute.IntValue(type.onnxCode())
            : new Attribute.Text(type == DType.I32 ? "INT32" : "FLOAT");
    unfolding.add(Node.of("Cast", List.of(from), List.of(to), Map.of("to", target)));
    return to;
  }

  private String unique(String wanted) {
    String name = wanted;
    for (int i = 2; !taken.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }
}
