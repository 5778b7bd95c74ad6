package compress.model.onnx;

import compress.model.Affine;
import compress.model.Attribute;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Granularity;
import compress.model.Graph;
import compress.model.Hashed;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Patched;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.VectorCodebook;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Versions of ONNX's own operators: which one a way of storing weights needs, and the same network
 * in a later one.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">ONNX operators</a>, their change logs
 */
public final class Opsets {
  /** {@code DequantizeLinear} exists from this operator set on, for integers of 8 and 32 bits. */
  private static final long DEQUANTIZE = 10;

  /** It takes an axis. */
  private static final long DEQUANTIZE_AXIS = 13;

  /** It takes floats of 8 bits, and gives floats of 16. */
  private static final long DEQUANTIZE_FLOATS = 19;

  /** It takes blocks, and integers of 4 and 16 bits. */
  public static final long DEQUANTIZE_BLOCKS = 21;

  /** It takes integers of 2 bits. */
  private static final long DEQUANTIZE_TWO_BITS = 25;

  /** {@code Cast} takes floats of 8 bits. */
  private static final long CAST_SMALL_FLOATS = 19;

  /** {@code Cast} takes BF16. */
  private static final long CAST_BF16 = 13;

  /** {@code Reshape} takes its target as an input. */
  private static final long RESHAPE_BY_INPUT = 5;

  /** {@code ScatterElements} exists. */
  public static final long SCATTER_ELEMENTS = 11;

  /** {@code BitwiseXor} and its like exist. */
  private static final long BITWISE = 18;

  /** Graphs in older sets than this are left alone. */
  private static final long OLDEST = 7;

  private Opsets() {}

  /** The first operator set in which an ONNX file can hold {@code values}; 1 if any can. */
  public static long neededFor(Values values) {
    return switch (values) {
      case Dense(Tensor t) ->
          t.type() == DType.BF16
              ? CAST_BF16
              : t.type().isFloat() && t.type().bits() == Byte.SIZE ? CAST_SMALL_FLOATS : 1;
      case Affine a -> Math.max(byType(a), byGranularity(a));
      case Codebook _ -> 1;
      case VectorCodebook _ -> RESHAPE_BY_INPUT;
      case Hashed _ -> BITWISE;
      case Patched(Values base, Tensor _, Tensor _) -> Math.max(SCATTER_ELEMENTS, neededFor(base));
    };
  }

  private static long byType(Affine a) {
    DType type = a.integers().type();
    if (type == DType.I2 || type == DType.U2) {
      return DEQUANTIZE_TWO_BITS;
    }
    if (type.bits() == 4 || type.bits() == 16) {
      return DEQUANTIZE_BLOCKS;
    }
    return type.isFloat() || a.scale().type() != DType.F32 ? DEQUANTIZE_FLOATS : DEQUANTIZE;
  }

  private static long byGranularity(Affine a) {
    return switch (a.granularity()) {
      case Granularity.PerTensor() -> DEQUANTIZE;
      case Granularity.PerAxis _ -> DEQUANTIZE_AXIS;
      case Granularity.PerGroup _ -> DEQUANTIZE_BLOCKS;
    };
  }

  /** The first version of the file format that may import operator set {@code opset}. */
  static long irVersion(long opset) {
    return opset >= 25 ? 12 : opset >= 23 ? 11 : opset >= 21 ? 10 : opset >= 19 ? 9 : 1;
  }

  /**
   * Why {@link #raised} would refuse; empty if it would not. Names every node in the way.
   *
   * @param to the operator set that is wanted
   */
  public static List<String> obstacles(Model model, long to) {
    long from = model.opset();
    if (model.graph().isEmpty() || from >= to) {
      return List.of();
    }
    if (from < OLDEST) {
      return List.of(
          "the model is written in ONNX operator set %d, which is too old to be raised to %d"
              .formatted(from, to));
    }
    List<String> obstacles = new ArrayList<>();
    for (Node node : model.graph().get().nodes()) {
      obstacle(node, from, to)
          .ifPresent(why ->
              obstacles.add(
                  "%s: %s, so operator set %d cannot be raised to %d"
                      .formatted(node.label(), why, from, to)));
    }
    return obstacles;
  }

  private static Optional<String> obstacle(Node node, long from, long to) {
    if (node.attributes().values().stream().anyMatch(a -> a instanceof Attribute.Carried)) {
      return Optional.of("it has a sub-graph or something else that is not looked into");
    }
    if (!node.domain().isEmpty() && !node.domain().equals("ai.onnx")) {
      return Optional.empty();
    }
    for (OpsetChange change : OpsetChange.ALL) {
      if (change.appliesTo(node, from, to)) {
        Optional<String> objection = change.objection(node);
        if (objection.isPresent()) {
          return objection;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The same network, its nodes rewritten where operators changed what they take or mean.
   *
   * @return {@code model} itself if its operator set is {@code to} or later, or it has no graph
   * @throws IllegalArgumentException for what {@link #obstacles} lists
   */
  public static Model raised(Model model, long to) {
    List<String> obstacles = obstacles(model, to);
    if (!obstacles.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", obstacles));
    }
    long from = model.opset();
    if (model.graph().isEmpty() || from >= to) {
      return model;
    }
    Graph graph = model.graph().get();
    SequencedMap<String, Param> params = new LinkedHashMap<>(model.params());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      List<Node> now = List.of(node);
      for (OpsetChange change : OpsetChange.ALL) {
        List<Node> next = new ArrayList<>();
        for (Node n : now) {
          next.addAll(change.appliesTo(n, from, to) ? change.apply(n, params) : List.of(n));
        }
        now = next;
      }
      nodes.addAll(now);
    }
    Map<String, Long> opsets = new LinkedHashMap<>(model.opsets());
    opsets.put(opsets.containsKey("ai.onnx") ? "ai.onnx" : "", to);
    return new Model(
        Optional.of(
            new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
        params,
        opsets,
        model.metadata(),
        model.carried());
  }
}
