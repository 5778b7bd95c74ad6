package compress.model.onnx;

import compress.model.Affine;
import compress.model.Attribute;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Granularity;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Tensor;
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
 *       {@code Gather}.
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
    switch (p.values()) {
      case Dense(Tensor t) when t.type() == p.type() -> initializers.put(p.name(), t);
      case Dense(Tensor t) -> cast(store(p, "stored", t), p.name(), p.type());
      case Codebook(Tensor codebook, Tensor indices) -> {
        String book = store(p, "codebook", codebook);
        if (codebook.type() != p.type()) {
          book = cast(book, unique(p.name() + ".codebook.cast"), p.type());
        }
        String wide =
            cast(store(p, "indices", indices), unique(p.name() + ".indices.cast"), DType.I32);
        unfolding.add(
            Node.of(
                "Gather",
                List.of(book, wide),
                List.of(p.name()),
                Map.of("axis", new Attribute.IntValue(0))));
      }
      case Affine a -> affine(p, a);
    }
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
    long needed = Opsets.neededFor(a);
    if (model.opset() < needed) {
      throw new IllegalArgumentException(
          "'%s': %s %s needs ONNX operator set %d, and the model has %d; raise it, or store wider"
              .formatted(p.name(), a.integers().type(), a.granularity(), needed, model.opset()));
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
