package compress.cli.report;

import compress.cli.Figures;
import compress.kernels.measure.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code bench kernels --json} printed, as the page shows it: speed-up against sparsity for
 * each size, and a roofline for each number of threads.
 */
final class KernelCharts {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final JsonNode document;
  private final List<Result> results;

  private KernelCharts(JsonNode document, List<Result> results) {
    this.document = document;
    this.results = results;
  }

  /**
   * @throws IllegalArgumentException if this is no such document
   */
  static KernelCharts of(Map<String, Object> printed) {
    JsonNode document = JSON.valueToTree(printed);
    if (!document.path("results").isArray() || !document.path("machine").has("roofs")) {
      throw new IllegalArgumentException(
          "kernels.json of the comparison is not what 'bench kernels --json' prints; delete it");
    }
    return new KernelCharts(
        document, JSON.convertValue(document.get("results"), new TypeReference<List<Result>>() {}));
  }

  /** {@code 512 × 800}, or several. */
  String shape() {
    SequencedSet<String> shapes = new LinkedHashSet<>();
    results.forEach(r -> shapes.add(r.m() + " × " + r.k()));
    return String.join(", ", shapes);
  }

  List<Map<String, Object>> table() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Result r : results) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("kernel", name(r));
      row.put("pattern", r.pattern());
      row.put("sparsity", Figures.number(r.sparsity()));
      row.put("n", r.n());
      row.put("threads", r.threads());
      row.put("ms", Figures.number(r.medianMs()));
      row.put("gflops", r.gflops() > 0 ? "%.1f".formatted(r.gflops()) : "");
      row.put("speedup", Figures.ratio(r.speedup()));
      row.put("roof", "%.0f %%".formatted(100 * r.roofShare()));
      rows.add(row);
    }
    return rows;
  }

  Map<String, Object> document() {
    SequencedMap<String, List<Object>> groups = new LinkedHashMap<>();
    for (Result r : results) {
      groups
          .computeIfAbsent(
              "%d × %d weights, %s, %s"
                  .formatted(
                      r.m(),
                      r.k(),
                      Figures.count(r.n(), "column"),
                      Figures.count(r.threads(), "thread")),
              g -> new ArrayList<>())
          .add(point(r));
    }
    List<Object> titled = new ArrayList<>();
    groups.forEach((title, rows) -> titled.add(Map.of("title", title, "rows", rows)));
    List<Object> roofs = new ArrayList<>();
    for (JsonNode roof : document.get("machine").get("roofs")) {
      int threads = roof.get("threads").asInt();
      List<Object> levels = new ArrayList<>();
      roof.get("read_gbs")
          .properties()
          .forEach(l -> levels.add(Map.of("name", l.getKey(), "gbs", l.getValue().asDouble())));
      roofs.add(
          Map.of(
              "title", Figures.count(threads, "thread"),
              "peak", roof.get("peak_gflops").asDouble(),
              "levels", levels,
              "rows",
                  results.stream()
                      .filter(r -> r.threads() == threads && r.gflops() > 0)
                      .map(KernelCharts::point)
                      .toList()));
    }
    return Map.of("groups", titled, "roofs", roofs);
  }

  private static Map<String, Object> point(Result r) {
    double moved = r.bytes() + 4.0 * r.n() * (r.k() + r.m());
    Map<String, Object> point = new LinkedHashMap<>();
    point.put("line", line(r));
    point.put("kernel", name(r));
    point.put("sparsity", r.sparsity());
    point.put("speedup", r.speedup());
    point.put("ms", r.medianMs());
    point.put("gflops", r.gflops());
    point.put("roof", r.roofShare());
    point.put("intensity", r.gflops() * r.medianMs() * 1e6 / moved);
    return point;
  }

  private static String line(Result r) {
    if (r.layout().equals("rival")) {
      return r.kernel();
    }
    return r.pattern().equals("dense") ? "our dense kernel" : r.pattern();
  }

  private static String name(Result r) {
    return r.kernel().replace("__panama", "");
  }
}
