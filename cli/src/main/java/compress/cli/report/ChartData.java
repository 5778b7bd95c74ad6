package compress.cli.report;

import compress.cli.Figures;
import compress.cli.compare.Comparison;
import compress.cli.compare.Configuration;
import compress.cli.compare.Portrait;
import compress.cli.compare.TrialResult;
import compress.cli.latency.Latency;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The numbers that the page's charts are drawn from. */
final class ChartData {
  /** Streams are told apart while they are few; smaller ones go together. */
  private static final int MOST_SECTIONS = 7;

  private final Comparison comparison;
  private final List<TrialResult> firsts;
  private final Optional<KernelCharts> kernels;
  private final List<String> sections;

  /**
   * @param firsts the first seed of each configuration
   */
  ChartData(Comparison comparison, List<TrialResult> firsts, Optional<KernelCharts> kernels) {
    this.comparison = comparison;
    this.firsts = firsts;
    this.kernels = kernels;
    SequencedMap<String, Long> sums = new LinkedHashMap<>();
    for (TrialResult t : ledgers()) {
      t.ledger().forEach(row -> sums.merge(row.section(), row.bytes(), Long::sum));
    }
    List<String> names = new ArrayList<>(sums.keySet());
    names.sort(Comparator.comparingLong(n -> -sums.getOrDefault(n, 0L)));
    sections =
        names.size() <= MOST_SECTIONS
            ? names
            : new ArrayList<>(names.subList(0, MOST_SECTIONS - 1));
    if (names.size() > MOST_SECTIONS) {
      sections.add("other");
    }
  }

  private List<TrialResult> ledgers() {
    List<TrialResult> all = new ArrayList<>(List.of(comparison.original()));
    all.addAll(firsts);
    return all;
  }

  List<String> ledgerSections() {
    return sections;
  }

  /** Rows of text: the bytes of each section, then the sum. */
  List<Map<String, Object>> ledgerTable() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (TrialResult t : ledgers()) {
      List<String> cells = new ArrayList<>();
      bytes(t).forEach(b -> cells.add(Figures.count(b)));
      cells.add(Figures.count(t.bytes()));
      rows.add(Map.of("name", t.trial().configuration(), "cells", cells));
    }
    return rows;
  }

  private List<Long> bytes(TrialResult t) {
    List<Long> bytes = new ArrayList<>();
    for (String section : sections) {
      bytes.add(
          t.ledger().stream()
              .filter(row ->
                  section.equals("other")
                      ? !sections.contains(row.section()) || row.section().equals("other")
                      : row.section().equals(section))
              .mapToLong(TrialResult.LedgerSum::bytes)
              .sum());
    }
    return bytes;
  }

  Map<String, @Nullable Object> document() {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("metric", comparison.metric().toString());
    document.put("original", original());
    document.put(
        "configurations", comparison.configurations().stream().map(ChartData::of).toList());
    List<Object> portraits = new ArrayList<>();
    for (TrialResult t : firsts) {
      Portrait p = t.portrait();
      if (p != null) {
        portraits.add(
            Map.of(
                "reach", p.reach(),
                "before", p.before(),
                "after", p.after(),
                "codebook", p.codebook()));
      }
    }
    document.put("portraits", portraits);
    document.put(
        "ledger",
        Map.of(
            "sections",
            sections,
            "rows",
            ledgers().stream()
                .map(t -> Map.of("name", t.trial().configuration(), "bytes", bytes(t)))
                .toList()));
    document.put("kernels", kernels.map(KernelCharts::document).orElse(null));
    return document;
  }

  private Map<String, @Nullable Object> original() {
    TrialResult t = comparison.original();
    double value = t.test().by(comparison.metric());
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("name", "original, encoded without loss");
    map.put("value", value);
    map.put("low", value);
    map.put("high", value);
    map.put("bytes", t.bytes());
    map.put("ratio", t.ratio());
    time(map, t.latencies(), 1.0);
    return map;
  }

  private static Map<String, @Nullable Object> of(Configuration c) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("name", c.name());
    map.put("family", family(c.pattern()));
    map.put("storage", c.storage());
    map.put("sparsity", c.sparsity());
    map.put("value", c.value());
    map.put("low", c.low());
    map.put("high", c.high());
    map.put("bytes", c.bytes());
    map.put("ratio", c.ratio());
    map.put("pareto_bytes", c.paretoBytes());
    map.put("pareto_time", c.paretoTime());
    time(map, c.latencies(), c.speedup());
    return map;
  }

  private static void time(
      Map<String, @Nullable Object> map, List<Latency> latencies, @Nullable Double speedup) {
    Optional<Latency> fastest = Latency.fastest(latencies);
    map.put("ms", fastest.map(Latency::medianMs).orElse(null));
    map.put("runtime", fastest.map(Latency::runtime).orElse(null));
    map.put("speedup", speedup);
  }

  /** Patterns that differ in how sparse they are only share a line: 2:4 and 1:4 are N:M. */
  private static String family(String pattern) {
    return pattern.matches("\\d+:\\d+") ? "N:M" : pattern;
  }
}
