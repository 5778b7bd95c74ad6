package compress.quantize;

import compress.model.Graph;
import compress.model.NamePattern;
import compress.model.Node;
import java.util.ArrayList;
import java.util.List;

/**
 * How activations are quantized. Start from {@link #defaults}.
 *
 * @param bits 4, 8 or 16
 * @param calibrator what the range of a tensor follows from
 * @param exclude nodes that stay as they are: their names, labels or operators
 */
public record ActivationOptions(int bits, Calibrator calibrator, List<NamePattern> exclude) {
  public ActivationOptions {
    if (bits != 4 && bits != 8 && bits != 16) {
      throw new IllegalArgumentException(
          "activations take 4, 8 or 16 bits, which QuantizeLinear has; not " + bits);
    }
    exclude = List.copyOf(exclude);
  }

  /** 8 bits from the least to the greatest value, no node left out. */
  public static ActivationOptions defaults() {
    return new ActivationOptions(8, new Calibrator.MinMax(), List.of());
  }

  public ActivationOptions withBits(int to) {
    return new ActivationOptions(to, calibrator, exclude);
  }

  public ActivationOptions withCalibrator(Calibrator to) {
    return new ActivationOptions(bits, to, exclude);
  }

  public ActivationOptions withExclude(List<NamePattern> to) {
    return new ActivationOptions(bits, calibrator, to);
  }

  boolean excludes(Node node) {
    return excludes(node.label());
  }

  /**
   * @param label of a node: its name, a slash, its operator
   */
  boolean excludes(String label) {
    int slash = label.lastIndexOf('/');
    String name = slash < 0 ? label : label.substring(0, slash);
    String op = label.substring(slash + 1);
    return exclude.stream().anyMatch(p -> p.matches(name) || p.matches(label) || p.matches(op));
  }

  /** A line for each name that no node has; empty if there is none. */
  List<String> problems(Graph graph) {
    List<String> names = new ArrayList<>();
    for (Node node : graph.nodes()) {
      names.add(node.label().substring(0, node.label().lastIndexOf('/')));
      names.add(node.op());
      names.add(node.label());
    }
    List<String> problems = new ArrayList<>();
    for (NamePattern pattern : exclude) {
      try {
        pattern.requireMatch(names);
      } catch (IllegalArgumentException e) {
        problems.add("exclude: " + e.getMessage());
      }
    }
    return problems;
  }
}
