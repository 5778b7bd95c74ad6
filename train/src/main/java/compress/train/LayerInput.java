package compress.train;

import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.train.Unfolding.Features;
import compress.train.Unfolding.Windows;
import compress.train.Unfolding.Windows.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A place where a weight meets activations.
 *
 * @param weight the name of the param
 * @param node that multiplies it
 * @param tensor what it is multiplied with
 * @param outputsFirst whether the weight's first axis counts outputs: {@code [outputs, columns]},
 *     and not {@code [columns, outputs]}
 */
public record LayerInput(
    String weight, Node node, String tensor, Unfolding unfolding, boolean outputsFirst) {

  /**
   * All places where params are multiplied, by param, in the order of the graph. A param that some
   * node reads in a way not known here (an embedding, a recurrent layer, a transposed convolution),
   * or that two nodes read in different ways, is not among them: its inputs cannot be told.
   */
  public static SequencedMap<String, List<LayerInput>> of(Model model) {
    Graph graph =
        model
            .graph()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "the model has no graph, so its layers have no inputs; take an ONNX file"));
    SequencedMap<String, List<LayerInput>> found = new LinkedHashMap<>();
    Map<String, Boolean> unknown = new HashMap<>();
    // A weight under the name that a Transpose or Identity gives it.
    Map<String, Use> uses = new HashMap<>();
    model.params().values().forEach(p -> uses.put(p.name(), new Use(p, false)));
    for (Node node : graph.nodes()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        Use use = uses.get(node.input(i));
        if (use == null || !use.param.type().isFloat() || use.param.shape().rank() < 2) {
          continue;
        }
        String name = use.param.name();
        if (node.is("Identity") || node.is("Transpose") && use.param.shape().rank() == 2) {
          boolean swaps =
              node.is("Transpose") && !node.intsAttribute("perm").equals(List.of(0L, 1L));
          uses.put(node.outputs().getFirst(), new Use(use.param, use.swapped ^ swaps));
          continue;
        }
        List<LayerInput> places = at(node, i, use);
        if (places.isEmpty()) {
          unknown.put(name, true);
        } else {
          found.computeIfAbsent(name, n -> new ArrayList<>()).addAll(places);
        }
      }
    }
    found.keySet().removeAll(unknown.keySet());
    found.values().removeIf(places -> places.stream().anyMatch(p -> !p.isLike(places.getFirst())));
    return found;
  }

  /** Whether two places of one weight see the same rows and columns in it. */
  private boolean isLike(LayerInput other) {
    return outputsFirst == other.outputsFirst
        && unfolding.columns() == other.unfolding.columns()
        && unfolding.groups() == other.unfolding.groups();
  }

  private record Use(Param param, boolean swapped) {}

  /** One place, or none if the node does not multiply the param in a known way. */
  private static List<LayerInput> at(Node node, int input, Use use) {
    Shape shape = use.param.shape();
    if (node.is("Conv") && input == 1 && shape.rank() <= 4 && shape.rank() >= 3) {
      String name = use.param.name();
      return List.of(new LayerInput(name, node, node.input(0), windows(node, shape), true));
    }
    boolean gemm = node.is("Gemm");
    if (!gemm && !node.is("MatMul") || input > 1 || shape.rank() != 2) {
      return List.of();
    }
    boolean transposed = gemm && node.intAttribute(input == 1 ? "transB" : "transA", 0) != 0;
    // As a right factor [columns, outputs], as a left one [outputs, columns].
    boolean outputsFirst = (input == 0) ^ transposed ^ use.swapped;
    boolean otherTransposed = gemm && node.intAttribute(input == 1 ? "transA" : "transB", 0) != 0;
    boolean columnsFirst = (input == 0) ^ otherTransposed;
    int columns = (int) shape.dim(outputsFirst ? 1 : 0);
    return List.of(
        new LayerInput(
            use.param.name(),
            node,
            node.input(1 - input),
            new Features(columns, columnsFirst),
            outputsFirst));
  }

  private static Windows windows(Node conv, Shape weight) {
    int groups = (int) conv.intAttribute("group", 1);
    int axes = weight.rank() - 2;
    Window last = window(conv, weight, axes - 1, axes);
    Window first = axes == 2 ? window(conv, weight, 0, axes) : new Window(1, 1, 1, 0, 0, "NOTSET");
    return new Windows((int) weight.dim(1) * groups, groups, first, last);
  }

  private static Window window(Node conv, Shape weight, int axis, int axes) {
    List<Long> pads = conv.intsAttribute("pads");
    return new Window(
        (int) weight.dim(2 + axis),
        at(conv.intsAttribute("strides"), axis, 1),
        at(conv.intsAttribute("dilations"), axis, 1),
        at(pads, axis, 0),
        at(pads, axes + axis, 0),
        conv.textAttribute("auto_pad", "NOTSET"));
  }

  private static int at(List<Long> values, int i, int otherwise) {
    return i < values.size() ? Math.toIntExact(values.get(i)) : otherwise;
  }
}
