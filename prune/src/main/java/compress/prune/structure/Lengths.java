package compress.prune.structure;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the small integer vectors come from that tell {@code Reshape} and its like how long axes
 * are: exporters read lengths off with {@code Shape}, pick and join them.
 */
final class Lengths {
  /** Computed vectors of more entries hold something else. */
  private static final int MOST = 16;

  /** Vectors in the file may also say which channels a node picks. */
  private static final int MOST_CONSTANTS = 1 << 16;

  /** An entry of such a vector. */
  sealed interface Entry {}

  /** A number that the file holds. */
  record Constant(long value) implements Entry {}

  /** As long as an axis is. */
  record Of(Axis axis) implements Entry {}

  /** The result of arithmetic. */
  record Computed() implements Entry {}

  private final Map<String, List<Entry>> vectors = new HashMap<>();
  // Axes whose lengths are used for something that is not looked through.
  private final Map<Axis, String> spread = new LinkedHashMap<>();

  static Lengths of(Model model, Graph graph, Map<String, Shape> shapes) {
    Lengths lengths = new Lengths();
    for (Param p : model.params().values()) {
      if (isIndex(p) && p.shape().rank() <= 1 && p.size() <= MOST_CONSTANTS) {
        List<Entry> entries = new ArrayList<>();
        for (long v : ((Dense) p.values()).tensor().toLongs()) {
          entries.add(new Constant(v));
        }
        lengths.vectors.put(p.name(), entries);
      }
    }
    graph.nodes().forEach(node -> lengths.follow(node, shapes));
    graph.outputs().forEach(o -> lengths.spread(o.name(), "the network gives out its length"));
    return lengths;
  }

  private static boolean isIndex(Param p) {
    return (p.type() == DType.I64 || p.type() == DType.I32) && p.values() instanceof Dense;
  }

  /** The entries of a vector, empty if it is none or was made in a way not known here. */
  Optional<List<Entry>> entries(String value) {
    return Optional.ofNullable(vectors.get(value));
  }

  /** Numbers that the file holds, empty unless all entries are. */
  Optional<long[]> constants(String value) {
    List<Entry> entries = vectors.get(value);
    if (entries == null || !entries.stream().allMatch(Constant.class::isInstance)) {
      return Optional.empty();
    }
    return Optional.of(entries.stream().mapToLong(e -> ((Constant) e).value()).toArray());
  }

  /** Axes that must stay as long as they are, and why. */
  Map<Axis, String> spread() {
    return Collections.unmodifiableMap(spread);
  }

  private void follow(Node node, Map<String, Shape> shapes) {
    String output = node.outputs().isEmpty() ? "" : node.outputs().getFirst();
    Optional<List<Entry>> result =
        node.is("Shape") ? shape(node, shapes) : node.domain().isEmpty() ? through(node) : none();
    if (result.isPresent()) {
      vectors.put(output, result.get());
      return;
    }
    Shape shape = shapes.get(output);
    boolean any = false;
    for (int i = 0; i < node.inputs().size(); i++) {
      if (!takesLengths(node, i)) {
        any |= spread(node.input(i), node.label() + " computes with its length");
      }
    }
    if (any && shape != null && shape.rank() <= 1 && shape.size() <= MOST) {
      vectors.put(output, Collections.nCopies((int) shape.size(), new Computed()));
    }
  }

  private static Optional<List<Entry>> none() {
    return Optional.empty();
  }

  /** Inputs that say how long axes are to be; the rules for these nodes see to them. */
  private static boolean takesLengths(Node node, int input) {
    return (node.is("Reshape") || node.is("Expand")) && input == 1
        || node.is("ConstantOfShape") && input == 0;
  }

  private boolean spread(String value, String why) {
    boolean any = false;
    for (Entry e : vectors.getOrDefault(value, List.of())) {
      any |= !(e instanceof Constant);
      if (e instanceof Of(Axis axis)) {
        spread.putIfAbsent(axis, why);
      }
    }
    return any;
  }

  private static Optional<List<Entry>> shape(Node node, Map<String, Shape> shapes) {
    Shape shape = shapes.get(node.input(0));
    if (shape == null) {
      return Optional.empty();
    }
    int rank = shape.rank();
    int start = clamp(node.intAttribute("start", 0), rank);
    int end = clamp(node.intAttribute("end", rank), rank);
    List<Entry> entries = new ArrayList<>();
    for (int a = start; a < end; a++) {
      entries.add(new Of(new Axis(node.input(0), a)));
    }
    return Optional.of(entries);
  }

  private static int clamp(long axis, int rank) {
    return (int) Math.clamp(axis < 0 ? axis + rank : axis, 0L, rank);
  }

  /** What a node makes of lengths if it only picks, joins or renames them. */
  private Optional<List<Entry>> through(Node node) {
    List<Entry> data = vectors.get(node.input(0));
    if (data == null) {
      return Optional.empty();
    }
    return switch (node.op()) {
      case "Identity", "Unsqueeze", "Squeeze" -> Optional.of(data);
      case "Cast" -> {
        long to = node.attributes().get("to") instanceof Attribute.IntValue v ? v.value() : 0;
        boolean whole = to == DType.I64.onnxCode() || to == DType.I32.onnxCode();
        yield whole ? Optional.of(data) : Optional.empty();
      }
      case "Gather" -> {
        Optional<long[]> picks = constants(node.input(1));
        List<Entry> picked = new ArrayList<>();
        for (long pick : picks.orElse(new long[0])) {
          int i = (int) (pick < 0 ? pick + data.size() : pick);
          if (i >= 0 && i < data.size()) {
            picked.add(data.get(i));
          }
        }
        yield picks.isPresent() ? Optional.of(picked) : Optional.empty();
      }
      case "Slice" -> slice(node, data);
      case "Concat" -> {
        List<Entry> joined = new ArrayList<>();
        for (String input : node.inputs()) {
          joined.addAll(vectors.getOrDefault(input, List.of()));
        }
        boolean all = node.inputs().stream().allMatch(vectors::containsKey);
        yield all && joined.size() <= MOST ? Optional.of(joined) : Optional.empty();
      }
      default -> Optional.empty();
    };
  }

  private Optional<List<Entry>> slice(Node node, List<Entry> data) {
    Optional<long[]> starts = constants(node.input(1));
    Optional<long[]> ends = constants(node.input(2));
    boolean plain = node.input(4).isEmpty() || isOne(constants(node.input(4)));
    if (starts.isEmpty() || ends.isEmpty() || !plain) {
      return Optional.empty();
    }
    int from = clamp(starts.get()[0], data.size());
    int to = clamp(ends.get()[0], data.size());
    return Optional.of(List.copyOf(data.subList(from, Math.max(from, to))));
  }

  private static boolean isOne(Optional<long[]> steps) {
    return steps.isPresent() && steps.get().length == 1 && steps.get()[0] == 1;
  }
}
