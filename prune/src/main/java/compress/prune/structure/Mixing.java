package compress.prune.structure;

import compress.model.Node;
import java.util.Optional;

/** Operators that mix the entries along some axes, which therefore stay, and pass the others on. */
final class Mixing {
  private Mixing() {}

  /** The result has the shape of the input; {@code TopK} shortens an axis. */
  static void along(Site site) {
    int rank = site.shapeIn(0).rank();
    int first;
    int last;
    switch (site.node().op()) {
      case "Softmax", "LogSoftmax", "Hardmax" -> {
        first = Site.axis(site.node().intAttribute("axis", site.opset() < 13 ? 1 : -1), rank);
        // Before, all axes from there on were folded into one.
        last = site.opset() < 13 ? rank - 1 : first;
      }
      case "LpNormalization", "TopK" -> {
        first = Site.axis(site.node().intAttribute("axis", -1), rank);
        last = first;
      }
      case "LRN" -> {
        first = 1;
        last = 1;
      }
      default -> {
        // CumSum computes its axis; the others mix channels and places.
        first = site.node().is("CumSum") ? 0 : 1;
        last = rank - 1;
      }
    }
    String why = site.label() + " mixes its entries";
    for (int input = 1; input < site.node().inputs().size(); input++) {
      site.ties().pin(site.node().input(input), why);
    }
    for (int output : site.outputs()) {
      for (int a = 0; a < rank; a++) {
        if (a < first || a > last) {
          site.ties().tie(site.in(0, a), site.out(output, a));
        } else {
          site.ties().pin(site.in(0, a), why);
          site.ties().pin(site.out(output, a), why);
        }
      }
    }
  }

  /** Axes go, or become 1 long. */
  static void reduce(Site site) {
    Node node = site.node();
    int rank = site.shapeIn(0).rank();
    boolean[] reduced = new boolean[rank];
    if (node.op().startsWith("Arg")) {
      reduced[Site.axis(node.intAttribute("axis", 0), rank)] = true;
    } else {
      Optional<long[]> axes = site.numbers("axes", 1);
      if (axes.isEmpty()) {
        site.pinAll(site.label() + " computes which axes it reduces");
        return;
      }
      for (long a : axes.get()) {
        reduced[Site.axis(a, rank)] = true;
      }
      if (axes.get().length == 0 && node.intAttribute("noop_with_empty_axes", 0) == 0) {
        java.util.Arrays.fill(reduced, true);
      }
    }
    boolean keeps = node.intAttribute("keepdims", 1) != 0;
    int to = 0;
    for (int a = 0; a < rank; a++) {
      if (reduced[a]) {
        site.ties().pin(site.in(0, a), site.label() + " reduces it");
        to += keeps ? 1 : 0;
      } else {
        site.ties().tie(site.in(0, a), site.out(0, to++));
      }
    }
  }
}
