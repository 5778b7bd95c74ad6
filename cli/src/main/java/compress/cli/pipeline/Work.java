package compress.cli.pipeline;

import compress.cli.Figures;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Shape;
import compress.train.Macs;
import compress.train.ValueShapes;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * The multiply-accumulates of a model, for one sample.
 *
 * @param inputs the shapes that they are counted for
 * @param missing why they could not be counted; empty if they could
 */
public record Work(Macs macs, SequencedMap<String, Shape> inputs, String missing) {
  /** Counts them; a model without a graph does no work. */
  public static Work of(Model model) {
    SequencedMap<String, Shape> inputs = new LinkedHashMap<>();
    Macs none = new Macs(List.of());
    if (model.graph().isEmpty()) {
      return new Work(none, inputs, "the file has no graph");
    }
    try {
      Graph graph = model.graph().get();
      Macs macs = Macs.of(model, ValueShapes.of(model, 1));
      inputs.putAll(ValueShapes.inputs(graph, 1));
      return new Work(macs, inputs, "");
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      return new Work(none, inputs, String.valueOf(e.getMessage()));
    }
  }

  /** Adds what is known to a document. */
  public void describe(Map<String, Object> document) {
    if (missing.isEmpty()) {
      document.put("macs", macs.total());
      SequencedMap<String, Object> shapes = new LinkedHashMap<>();
      inputs.forEach((name, shape) -> shapes.put(name, shape.toArray()));
      document.put("macs_inputs", shapes);
    } else {
      document.put("macs_missing", missing);
    }
  }

  /** {@code 2,293,000 multiply-accumulates for input [1, 1, 28, 28]}. */
  @Override
  public String toString() {
    if (!missing.isEmpty()) {
      return "multiply-accumulates not counted: " + missing;
    }
    return "%s for %s"
        .formatted(
            Figures.count(macs.total(), "multiply-accumulate"),
            inputs.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", ")));
  }
}
