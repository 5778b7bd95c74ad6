package compress.train;

import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Multiply-accumulates of one forward pass: those of convolutions, matrix products and recurrent
 * layers, which is where the time goes. Zeros count as much as other weights; additions of biases,
 * activations and normalizations do not count.
 *
 * @param rows of the nodes that count, in the order of the graph
 */
public record Macs(List<Row> rows) {
  /**
   * Those of one node.
   *
   * @param node its label
   * @param weight the param that it multiplies with, empty if both factors are computed
   */
  public record Row(String node, String weight, long macs) {}

  /** The sum over the nodes that multiply with a param. */
  public long of(String param) {
    return rows.stream().filter(r -> r.weight.equals(param)).mapToLong(Row::macs).sum();
  }

  /** The sum over all nodes. */
  public long total() {
    return rows.stream().mapToLong(Row::macs).sum();
  }

  /**
   * Counts those of the graph that {@code model} has.
   *
   * @param shapes by value, as {@link ValueShapes} has them; a node whose shapes are not among them
   *     does not count
   */
  public static Macs of(Model model, Map<String, Shape> shapes) {
    List<Row> rows = new ArrayList<>();
    for (Node node : model.graph().map(Graph::nodes).orElse(List.of())) {
      long macs = of(node, shapes);
      if (macs > 0) {
        rows.add(new Row(node.label(), weight(node, model), macs));
      }
    }
    return new Macs(rows);
  }

  private static String weight(Node node, Model model) {
    for (int input = 1; input >= 0; input--) {
      if (model.params().containsKey(node.input(input))) {
        return node.input(input);
      }
    }
    return "";
  }

  private static long of(Node node, Map<String, Shape> shapes) {
    Shape x = shapes.get(node.input(0));
    Shape w = shapes.get(node.input(1));
    Shape y = node.outputs().isEmpty() ? null : shapes.get(node.outputs().getFirst());
    if (x == null || w == null) {
      return 0;
    }
    // An LSTM may leave its first output out; every other counts by it.
    if (node.is("LSTM") || node.is("GRU") || node.is("RNN")) {
      Shape recurrence = shapes.get(node.input(2));
      long steps = x.dim(0) * x.dim(1);
      return recurrence == null ? 0 : steps * (w.size() + recurrence.size());
    }
    if (y == null) {
      return 0;
    }
    if (node.is("Conv")) {
      return w.dim(0) == 0 ? 0 : y.size() * (w.size() / w.dim(0));
    }
    if (node.is("ConvTranspose")) {
      return w.dim(0) == 0 ? 0 : x.size() * (w.size() / w.dim(0));
    }
    if (node.is("Gemm")) {
      return y.size() * x.dim(node.intAttribute("transA", 0) == 0 ? 1 : 0);
    }
    return node.is("MatMul") ? y.size() * x.dim(-1) : 0;
  }
}
