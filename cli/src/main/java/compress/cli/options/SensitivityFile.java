package compress.cli.options;

import compress.model.FormatException;
import compress.prune.Judge;
import compress.prune.Sensitivity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code prune --sensitivity} measured, as JSON. */
public final class SensitivityFile {
  private SensitivityFile() {}

  /** As JSON has it. */
  public static SequencedMap<String, Object> document(Sensitivity scan) {
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("metric", scan.metric().toString());
    document.put("baseline", scan.baseline());
    document.put("sparsities", scan.sparsities());
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Sensitivity.Curve curve : scan.curves()) {
      SequencedMap<String, Object> layer = new LinkedHashMap<>();
      layer.put("name", curve.name());
      layer.put("weights", curve.weights());
      layer.put("losses", curve.losses());
      layers.add(layer);
    }
    document.put("layers", layers);
    document.put("skipped", scan.skipped().stream().map(s -> s.toMap()).toList());
    return document;
  }

  /**
   * @throws FormatException if the file is something else
   */
  static Sensitivity read(Path file) throws IOException {
    try {
      JsonNode root = JsonMapper.shared().readTree(Files.readString(file));
      List<Sensitivity.Curve> curves = new ArrayList<>();
      for (JsonNode layer : root.required("layers")) {
        curves.add(
            new Sensitivity.Curve(
                layer.required("name").asString(),
                layer.required("weights").asLong(),
                numbers(layer.required("losses"))));
      }
      return new Sensitivity(
          Judge.Metric.valueOf(root.required("metric").asString().toUpperCase(Locale.ROOT)),
          root.required("baseline").asDouble(),
          numbers(root.required("sparsities")),
          curves,
          List.of());
    } catch (JacksonException | IllegalArgumentException e) {
      throw new FormatException(
          file,
          FormatException.NOWHERE,
          "is not what 'prune --sensitivity --output FILE' writes: " + e.getMessage(),
          e);
    }
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(n -> numbers.add(n.asDouble()));
    return numbers;
  }
}
