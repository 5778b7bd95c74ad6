package compress.cli.report;

import com.samskivert.mustache.Mustache;
import compress.cli.Figures;
import compress.cli.compare.Comparison;
import compress.cli.compare.Configuration;
import compress.cli.compare.Metric;
import compress.cli.compare.PairedTest;
import compress.cli.compare.Portrait;
import compress.cli.compare.Recommendation;
import compress.cli.compare.Sentences;
import compress.cli.compare.Trial;
import compress.cli.compare.TrialResult;
import compress.cli.latency.Latency;
import compress.cli.pipeline.LayerRow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A comparison as one HTML page that needs nothing else: text and tables are in the page, charts
 * are drawn by Apache ECharts, which is in it too. The words are in {@code page.html}, the looks in
 * {@code page.css}, the charts in {@code page.js}; here are the values that they are filled with.
 */
public final class Page {
  private static final String ECHARTS = "/META-INF/resources/webjars/echarts/5.5.0/echarts.min.js";

  private final Comparison comparison;
  private final Metric metric;
  private final List<String> runtimes;
  private final List<TrialResult> firsts = new ArrayList<>();
  private final Map<String, Object> values = new LinkedHashMap<>();

  private Page(Comparison comparison) {
    this.comparison = comparison;
    this.metric = comparison.metric();
    this.runtimes = comparison.original().latencies().stream().map(Latency::runtime).toList();
    Set<String> seen = new HashSet<>();
    for (TrialResult t : comparison.trials()) {
      if (seen.add(t.trial().configuration())) {
        firsts.add(t);
      }
    }
  }

  /** The whole page. */
  public static String of(Comparison comparison) throws IOException {
    Page page = new Page(comparison);
    page.head();
    page.recommendations();
    page.cost();
    page.rows();
    page.tests();
    page.portraits();
    page.layers();
    Optional<KernelCharts> kernels =
        Optional.ofNullable(comparison.kernels()).map(KernelCharts::of);
    page.kernels(kernels);
    page.provenance();
    ChartData data = new ChartData(comparison, page.firsts, kernels);
    page.values.put("ledgerSections", data.ledgerSections());
    page.values.put("ledgerRows", data.ledgerTable());
    // Else a name with a tag in it would end the script.
    page.values.put(
        "data", JsonMapper.shared().writeValueAsString(data.document()).replace("<", "\\u003c"));
    page.values.put("css", resource("page.css"));
    page.values.put("js", resource("page.js"));
    page.values.put("echarts", resource(ECHARTS).replace("</script", "<\\/script"));
    return Mustache.compiler().compile(resource("page.html")).execute(page.values);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(name + " is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void head() {
    String file = String.valueOf(comparison.model().get("file"));
    values.put("file", file.substring(file.lastIndexOf('/') + 1));
    values.put("version", String.valueOf(comparison.versions().get("compress")));
    values.put("configurations", comparison.configurations().size());
    values.put("original", Sentences.original(comparison) + ".");
    values.put("budget", Sentences.budget(comparison) + ".");
    values.put("metric", metric.toString());
    values.put("Metric", capital(metric.toString()));
    values.put("hasFailures", !comparison.failures().isEmpty());
    values.put("failureCount", Figures.count(comparison.failures().size(), "trial"));
    values.put(
        "failures",
        comparison.failures().stream()
            .map(f ->
                Map.of(
                    "trial",
                    f.trial().configuration() + ", seed " + f.trial().seed(),
                    "reason",
                    f.reason()))
            .toList());
    values.put("remarks", comparison.remarks());
  }

  private static String capital(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  private void recommendations() {
    List<Map<String, Object>> cards = new ArrayList<>();
    for (Recommendation r : comparison.recommendations()) {
      Map<String, Object> card = new LinkedHashMap<>();
      card.put("goal", r.goal().equals("best") ? "Best " + metric : capital(r.goal()));
      String name = r.configuration();
      card.put("found", name != null);
      card.put("reason", String.valueOf(r.reason()));
      if (name != null) {
        Configuration c = comparison.configuration(name).orElseThrow();
        card.put("name", name);
        card.put("value", metric.text(c.value()));
        card.put("change", metric.difference(-c.drop()) + (isShare() ? " points" : ""));
        card.put("bytes", Figures.bytes(c.bytes()));
        card.put("ratio", Figures.ratio(c.ratio()) + " smaller");
        Double speedup = c.speedup();
        card.put("hasSpeedup", speedup != null);
        card.put("speedup", speedup == null ? "" : Figures.ratio(speedup));
        card.put("recipe", String.valueOf(r.recipe()));
      }
      cards.add(card);
    }
    values.put("recommendations", cards);
    values.put("bounds", Sentences.bounds(comparison));
  }

  private boolean isShare() {
    return metric != Metric.COSINE;
  }

  private void cost() {
    values.put("timed", !runtimes.isEmpty());
    values.put(
        "bytesFront",
        front(
            comparison.configurations().stream()
                .filter(Configuration::paretoBytes)
                .map(c ->
                    "%s: %s at %s"
                        .formatted(c.name(), metric.text(c.value()), Figures.bytes(c.bytes())))
                .toList()));
    values.put(
        "timeFront",
        front(
            comparison.configurations().stream()
                .filter(Configuration::paretoTime)
                .map(c ->
                    "%s: %s in %s"
                        .formatted(c.name(), metric.text(c.value()), fastest(c.latencies())))
                .toList()));
    comparison.original().latencies().stream()
        .findFirst()
        .ifPresent(l ->
            values.put(
                "timing",
                "batch of %d, %s, by the runtime that is fastest with it"
                    .formatted(l.batch(), Figures.count(l.threads(), "thread"))));
    boolean overSeeds =
        comparison.configurations().stream().anyMatch(c -> c.intervalOver().equals("seeds"));
    values.put("dashes", dashes());
    values.put(
        "curveText",
        overSeeds
            ? "Bars are 95 % intervals of the mean over seeds (Student's t)."
            : "Bars are 95 % intervals over test samples (Wilson's score).");
  }

  /** What the dashes of lines mean, if there is more than one kind. */
  private List<String> dashes() {
    List<String> storages =
        comparison.configurations().stream().map(Configuration::storage).distinct().toList();
    List<String> words = List.of("solid", "dashed", "dotted", "dash and dot");
    List<String> said = new ArrayList<>();
    for (int i = 0; i < storages.size(); i++) {
      said.add(words.get(i % words.size()) + ": " + storages.get(i));
    }
    return storages.size() < 2
        ? List.of()
        : List.of("Weights are stored as " + String.join(", ", said) + ".");
  }

  private static String front(List<String> best) {
    return "Not beaten by any other: " + String.join("; ", best) + ".";
  }

  private static String fastest(List<Latency> latencies) {
    return Latency.fastest(latencies).map(l -> Figures.number(l.medianMs()) + " ms").orElse("");
  }

  private void rows() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Configuration c : comparison.configurations()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("pattern", c.pattern());
      row.put("sparsity", Trial.decimal(c.sparsity()));
      row.put("storage", c.storage());
      row.put("value", metric.text(c.value()));
      row.put("interval", Sentences.interval(metric, c));
      row.put("drop", metric.difference(c.drop()).replace("+", ""));
      row.put("kl", Figures.number(c.kl()));
      row.put("bytes", Figures.count(c.bytes()));
      row.put("ratio", Figures.ratio(c.ratio()));
      row.put("left", "%.1f %%".formatted(100 * c.weightsLeft()));
      row.put("millis", runtimes.stream().map(r -> Sentences.millis(c.latencies(), r)).toList());
      Double speedup = c.speedup();
      row.put("speedup", speedup == null ? "" : Figures.ratio(speedup));
      row.put("best", Sentences.pareto(c));
      row.put("front", c.paretoBytes() || c.paretoTime());
      rows.add(row);
    }
    values.put("rows", rows);
    values.put("runtimes", runtimes);
    values.put("dropUnit", isShare() ? "points" : "cosine");
  }

  private void tests() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (PairedTest t : comparison.tests()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("sparsity", Trial.decimal(t.sparsity()));
      row.put("storage", t.storage());
      row.put("a", t.a());
      row.put("b", t.b());
      row.put("difference", metric.difference(t.difference()));
      row.put("p", Sentences.p(t.pAdjusted()));
      Double seeds = t.pSeeds();
      row.put("seeds", seeds == null ? "" : Sentences.p(seeds));
      String better = t.better();
      row.put("better", better == null ? "not shown" : better);
      rows.add(row);
    }
    values.put("hasTests", !rows.isEmpty());
    values.put("testCount", rows.size());
    values.put("tests", rows);
  }

  private void portraits() {
    List<Map<String, Object>> portraits = new ArrayList<>();
    String layer = "";
    for (TrialResult t : firsts) {
      Portrait p = t.portrait();
      if (p == null) {
        continue;
      }
      layer = p.layer();
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("index", portraits.size());
      one.put("name", t.trial().configuration());
      one.put("mask", t.trial().pattern() + " " + t.trial().sparsity());
      one.put("png", p.png());
      one.put("rows", p.rows());
      one.put("columns", p.columns());
      one.put("shownRows", p.shownRows());
      one.put("shownColumns", p.shownColumns());
      one.put(
          "shown",
          "%d of %d rows, %d of %d columns"
              .formatted(p.shownRows(), p.rows(), p.shownColumns(), p.columns()));
      long kept = p.after().stream().mapToLong(Long::longValue).sum();
      one.put("kept", Figures.percent((double) kept / Math.max(1, (long) p.rows() * p.columns())));
      boolean cut =
          p.before().stream().mapToLong(Long::longValue).sum() > (long) p.rows() * p.columns();
      one.put("cut", cut ? ", the rest cut out" : "");
      portraits.add(one);
    }
    // Storing weights otherwise leaves the mask as it is, but for weights that are rounded to zero.
    Set<String> seen = new HashSet<>();
    List<Map<String, Object>> masks =
        portraits.stream().filter(p -> seen.add(String.valueOf(p.get("mask")))).toList();
    values.put("masks", masks);
    values.put("hasPortraits", !portraits.isEmpty());
    values.put("portraits", portraits);
    values.put("layer", layer);
  }

  private void layers() {
    List<Map<String, Object>> tables = new ArrayList<>();
    for (TrialResult t : firsts) {
      List<Map<String, String>> rows = new ArrayList<>();
      for (LayerRow row : t.layers()) {
        Map<String, String> cells = new LinkedHashMap<>();
        cells.put("layer", row.layer());
        cells.put("weights", Figures.count(row.weights()));
        cells.put(
            "kept", row.weights() == 0 ? "" : Figures.percent((double) row.kept() / row.weights()));
        cells.put("weightBits", bits(row.weightBits()));
        cells.put("weightBitsCoded", bits(row.weightBitsCoded()));
        cells.put("indexBits", bits(row.indexBits()));
        cells.put("indexBitsCoded", bits(row.indexBitsCoded()));
        cells.put("bytes", Figures.count(row.bytes()));
        cells.put("compressed", row.weights() == 0 ? "" : Figures.percent(row.compressed()));
        rows.add(cells);
      }
      Map<String, Object> table = new LinkedHashMap<>();
      table.put("name", t.trial().configuration());
      table.put("bytes", Figures.bytes(t.bytes()));
      table.put("layers", rows);
      table.put("hasSkipped", !t.skipped().isEmpty());
      table.put(
          "skipped",
          t.skipped().stream().map(s -> Map.of("name", s.name(), "reason", s.reason())).toList());
      tables.add(table);
    }
    values.put("layerTables", tables);
  }

  private static String bits(double bits) {
    return Double.isNaN(bits) ? "" : String.format(Locale.ROOT, "%.1f", bits);
  }

  private void kernels(Optional<KernelCharts> kernels) {
    values.put("hasKernels", kernels.isPresent());
    kernels.ifPresent(k -> {
      values.put("kernelRows", k.table());
      values.put("kernelShape", k.shape());
    });
  }

  private void provenance() {
    List<Map<String, String>> facts = new ArrayList<>();
    add(facts, "model", comparison.model());
    add(facts, "data", comparison.data());
    add(facts, "budget", comparison.budget());
    add(facts, "versions", comparison.versions());
    add(facts, "machine", comparison.machine());
    values.put("provenance", facts);
  }

  private static void add(List<Map<String, String>> facts, String name, Map<?, ?> map) {
    map.forEach((key, value) -> {
      String label = name + ", " + String.valueOf(key).replace('_', ' ');
      if (value instanceof Map<?, ?> inner) {
        add(facts, label, inner);
      } else {
        facts.add(Map.of("name", label, "value", text(value)));
      }
    });
  }

  private static String text(@Nullable Object value) {
    return value instanceof Long || value instanceof Integer
        ? Figures.count(((Number) value).longValue())
        : String.valueOf(value);
  }
}
