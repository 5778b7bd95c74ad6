package compress.runtime.fuse;

import compress.model.Attribute;
import compress.model.Node;
import compress.model.Param;
import compress.runtime.fuse.Fusion.Rewrite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Functions that exporters write out in small steps. */
final class Blocks {
  private Blocks() {}

  /** {@code (x - mean) / sqrt(variance + epsilon) * scale + bias} over the last axis. */
  static Optional<Rewrite> layerNorm(Node last, View graph) {
    if (!last.is("Add")) {
      return Optional.empty();
    }
    for (String product : last.inputs()) {
      String bias = View.other(last, product);
      Optional<Node> mul = graph.only("Mul", product);
      if (mul.isEmpty() || !isVector(graph, bias)) {
        continue;
      }
      for (String quotient : mul.get().inputs()) {
        String scale = View.other(mul.get(), quotient);
        Optional<Node> div = graph.only("Div", quotient);
        if (div.isPresent() && isVector(graph, scale)) {
          Optional<Rewrite> found = normalized(div.get(), mul.get(), last, scale, bias, graph);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isVector(View graph, String name) {
    Param param = graph.param(name);
    return param != null && param.shape().rank() == 1;
  }

  private static Optional<Rewrite> normalized(
      Node div, Node mul, Node last, String scale, String bias, View graph) {
    String difference = div.input(0);
    Node sub = graph.maker(difference, 2).filter(n -> n.is("Sub")).orElse(null);
    Node sqrt = graph.only("Sqrt", div.input(1)).orElse(null);
    if (sub == null || sqrt == null) {
      return Optional.empty();
    }
    Node add = graph.only("Add", sqrt.input(0)).orElse(null);
    if (add == null) {
      return Optional.empty();
    }
    String variance = graph.isParam(add.input(0)) ? add.input(1) : add.input(0);
    Optional<Float> epsilon = graph.scalar(View.other(add, variance));
    Node meanOfSquares = graph.only("ReduceMean", variance).orElse(null);
    Node mean = graph.only("ReduceMean", sub.input(1)).orElse(null);
    if (epsilon.isEmpty()
        || meanOfSquares == null
        || mean == null
        || !isOverLastAxis(meanOfSquares, graph)
        || !isOverLastAxis(mean, graph)
        || !mean.input(0).equals(sub.input(0))) {
      return Optional.empty();
    }
    Node pow = graph.maker(meanOfSquares.input(0), 1).orElse(null);
    if (pow == null
        || !pow.is("Pow")
        || !pow.input(0).equals(difference)
        || !graph.isScalar(pow.input(1), 2, 0)) {
      return Optional.empty();
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("axis", new Attribute.IntValue(-1));
    attributes.put("epsilon", new Attribute.FloatValue(epsilon.get()));
    Node node =
        new Node(
            last.name(),
            "LayerNormalization",
            "",
            List.of(sub.input(0), scale, bias),
            last.outputs(),
            attributes,
            new byte[0]);
    return Rewrite.of(node, mean, sub, pow, meanOfSquares, add, sqrt, div, mul);
  }

  private static boolean isOverLastAxis(Node mean, View graph) {
    List<Long> axes = mean.intsAttribute("axes");
    if (axes.isEmpty() && mean.inputs().size() > 1) {
      Param param = graph.param(mean.input(1));
      axes =
          param != null && param.size() == 1
              ? List.of((long) param.values().toFloats()[0])
              : List.of();
    }
    return axes.equals(List.of(-1L)) && mean.intAttribute("keepdims", 1) == 1;
  }

  /** {@code x (1 + erf(x / sqrt(2))) / 2}, whichever way it is bracketed. */
  static Optional<Rewrite> gelu(Node last, View graph) {
    if (!last.is("Mul")) {
      return Optional.empty();
    }
    for (String a : last.inputs()) {
      String b = View.other(last, a);
      Optional<Node> inner = graph.only("Mul", a);
      if (inner.isEmpty()) {
        continue;
      }
      for (String c : inner.get().inputs()) {
        // Three factors: x, a half, and one with the error function.
        String d = View.other(inner.get(), c);
        for (List<String> factors : List.of(List.of(b, c, d), List.of(c, b, d), List.of(d, b, c))) {
          Optional<Rewrite> found = gelu(factors, inner.get(), last, graph);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Rewrite> gelu(List<String> factors, Node inner, Node last, View graph) {
    String x = factors.get(0);
    Node add = graph.only("Add", factors.get(2)).orElse(null);
    if (!graph.isScalar(factors.get(1), 0.5, 0) || add == null) {
      return Optional.empty();
    }
    String error = graph.isParam(add.input(0)) ? add.input(1) : add.input(0);
    Node erf = graph.only("Erf", error).orElse(null);
    if (erf == null || !graph.isScalar(View.other(add, error), 1, 0)) {
      return Optional.empty();
    }
    Node scaled = graph.maker(erf.input(0), 1).orElse(null);
    if (scaled == null) {
      return Optional.empty();
    }
    boolean fits =
        scaled.is("Div")
                && scaled.input(0).equals(x)
                && graph.isScalar(scaled.input(1), Math.sqrt(2), 1e-4)
            || scaled.is("Mul")
                && scaled.inputs().contains(x)
                && graph.isScalar(View.other(scaled, x), Math.sqrt(0.5), 1e-4);
    if (!fits) {
      return Optional.empty();
    }
    Node node =
        new Node(last.name(), "Gelu", "", List.of(x), last.outputs(), Map.of(), new byte[0]);
    return Rewrite.of(node, scaled, erf, add, inner);
  }

  /** {@code Softmax} of what attention scales, and masks, before. */
  static Optional<Rewrite> softmax(Node last, View graph) {
    if (!last.is("Softmax")
        || last.intAttribute("axis", -1) < 2 && last.intAttribute("axis", -1) != -1) {
      return Optional.empty();
    }
    Node add = graph.only("Add", last.input(0)).orElse(null);
    for (String value : add == null ? last.inputs() : add.inputs()) {
      String mask = add == null ? "" : View.other(add, value);
      Optional<Node> scaled = graph.maker(value, 1).filter(n -> n.is("Div") || n.is("Mul"));
      if (scaled.isEmpty() || graph.isParam(mask)) {
        continue;
      }
      Optional<Float> by = graph.scalar(scaled.get().input(1));
      if (by.isEmpty()) {
        continue;
      }
      float scale = scaled.get().is("Div") ? 1 / by.get() : by.get();
      Map<String, Attribute> attributes = new LinkedHashMap<>(last.attributes());
      attributes.put("scale", new Attribute.FloatValue(scale));
      Node node =
          new Node(
              last.name(),
              "Softmax",
              "compress.fused",
              mask.isEmpty()
                  ? List.of(scaled.get().input(0))
                  : List.of(scaled.get().input(0), mask),
              last.outputs(),
              attributes,
              new byte[0]);
      List<Node> replaced = new ArrayList<>(List.of(scaled.get()));
      if (add != null) {
        replaced.add(add);
      }
      return Optional.of(new Rewrite(node, replaced, List.of()));
    }
    return Optional.empty();
  }
}
