package compress.cli.report;

import compress.cli.Figures;
import compress.cli.Table;
import compress.cli.compare.Comparison;
import compress.cli.compare.Configuration;
import compress.cli.latency.Latency;
import compress.cli.options.GateOptions;
import compress.cli.pipeline.Gates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What changed between two reports of one kind: what they started from, and what they reached.
 *
 * @param circumstances that differ: options, files, versions, machine
 * @param figures of what both have
 * @param onlyA configurations that the first alone has
 * @param onlyB configurations that the second alone has
 */
public record ReportDifference(
    List<Circumstance> circumstances,
    List<Figure> figures,
    List<String> onlyA,
    List<String> onlyB) {
  /** What a run starts from and is made by; the rest of its report is what it reached. */
  private static final List<String> OF_RUN =
      List.of("input", "recipe", "seed", "versions", "machine");

  private static final List<String> OF_COMPARISON =
      List.of("metric", "model", "data", "budget", "bounds", "versions", "machine");

  /**
   * @param a null if the first has none
   * @param b null if the second has none
   */
  public record Circumstance(String name, @Nullable String a, @Nullable String b) {}

  /**
   * @param subject a configuration, or {@code result} of a run
   * @param clear whether the change of the value is more than both intervals allow; false for a run
   */
  public record Figure(
      String subject,
      @Nullable Double valueA,
      @Nullable Double valueB,
      boolean clear,
      @Nullable Long bytesA,
      @Nullable Long bytesB,
      @Nullable Double millisA,
      @Nullable Double millisB) {
    /** The second judged as if the first was the original. */
    Gates.Measured measured() {
      return new Gates.Measured(
          valueA == null || valueB == null ? null : valueA - valueB,
          bytesA == null || bytesB == null ? null : (double) bytesA / bytesB,
          bytesB,
          millisA == null || millisB == null ? null : millisA / millisB);
    }
  }

  /**
   * @throws IllegalArgumentException if they are not of one kind
   */
  public static ReportDifference of(ReportFile a, ReportFile b) {
    if (a.comparison().isPresent() != b.comparison().isPresent()) {
      throw new IllegalArgumentException(
          "%s and %s are of two kinds: one is a comparison, the other is not"
              .formatted(a.path(), b.path()));
    }
    List<Circumstance> circumstances =
        circumstances(a.json(), b.json(), a.comparison().isPresent() ? OF_COMPARISON : OF_RUN);
    if (a.comparison().isEmpty()) {
      return new ReportDifference(circumstances, List.of(figure(a, b)), List.of(), List.of());
    }
    Comparison first = a.comparison().get();
    Comparison second = b.comparison().orElseThrow();
    List<Figure> figures = new ArrayList<>();
    List<String> onlyA = new ArrayList<>();
    List<String> onlyB = new ArrayList<>();
    for (Configuration c : first.configurations()) {
      Optional<Configuration> other = second.configuration(c.name());
      if (other.isPresent()) {
        figures.add(figure(c, other.get()));
      } else {
        onlyA.add(c.name());
      }
    }
    for (Configuration c : second.configurations()) {
      if (first.configuration(c.name()).isEmpty()) {
        onlyB.add(c.name());
      }
    }
    return new ReportDifference(circumstances, figures, onlyA, onlyB);
  }

  private static Figure figure(Configuration a, Configuration b) {
    return new Figure(
        a.name(),
        a.value(),
        b.value(),
        a.high() < b.low() || b.high() < a.low(),
        a.bytes(),
        b.bytes(),
        millis(a.latencies()),
        millis(b.latencies()));
  }

  private static @Nullable Double millis(List<Latency> latencies) {
    return Latency.fastest(latencies).map(Latency::medianMs).orElse(null);
  }

  private static Figure figure(ReportFile a, ReportFile b) {
    return new Figure(
        "result",
        number(a.json().path("metric_after")),
        number(b.json().path("metric_after")),
        false,
        a.measured().bytes(),
        b.measured().bytes(),
        number(a.json().path("runs").path(0).path("end_to_end").path("ms")),
        number(b.json().path("runs").path(0).path("end_to_end").path("ms")));
  }

  private static @Nullable Double number(JsonNode node) {
    return node.isNumber() ? node.asDouble() : null;
  }

  private static List<Circumstance> circumstances(JsonNode a, JsonNode b, List<String> keys) {
    SequencedMap<String, String> first = new LinkedHashMap<>();
    SequencedMap<String, String> second = new LinkedHashMap<>();
    for (String key : keys) {
      flatten(key, a.path(key), first);
      flatten(key, b.path(key), second);
    }
    SequencedSet<String> names = new LinkedHashSet<>(first.keySet());
    names.addAll(second.keySet());
    List<Circumstance> changed = new ArrayList<>();
    for (String name : names) {
      String was = first.get(name);
      String is = second.get(name);
      if (was == null || !was.equals(is)) {
        changed.add(new Circumstance(name, was, is));
      }
    }
    return changed;
  }

  private static void flatten(String name, JsonNode node, Map<String, String> into) {
    if (node.isObject()) {
      node.properties().forEach(p -> flatten(name + "." + p.getKey(), p.getValue(), into));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        flatten(name + "." + (i + 1), node.get(i), into);
      }
    } else if (!node.isMissingNode()) {
      into.put(name, node.asString());
    }
  }

  /**
   * Judges the second as if the first was the original: each figure by its own.
   *
   * @return lines for those that miss a bound
   */
  public List<String> missed(GateOptions bounds) {
    List<String> lines = new ArrayList<>();
    for (Figure f : figures) {
      for (String line : Gates.missed(Gates.of(bounds, f.measured()))) {
        lines.add(f.subject + ": " + line);
      }
    }
    return lines;
  }

  /** As people read it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (circumstances.isEmpty()) {
      text.append("same model, data, options, versions and machine\n");
    } else {
      Table table = new Table("changed", "a", "b");
      circumstances.forEach(c -> table.row(c.name, orNone(c.a), orNone(c.b)));
      text.append(table);
    }
    if (!figures.isEmpty()) {
      Table table =
          new Table(
              "",
              ">value a",
              ">b",
              ">change",
              ">bytes a",
              ">b",
              ">change",
              ">ms a",
              ">b",
              ">change");
      figures.forEach(f ->
          table.row(
              f.subject,
              share(f.valueA),
              share(f.valueB),
              points(f),
              count(f.bytesA),
              count(f.bytesB),
              change(f.bytesA, f.bytesB),
              millis(f.millisA),
              millis(f.millisB),
              change(f.millisA, f.millisB)));
      text.append('\n').append(table);
    }
    onlyA.forEach(name -> text.append("only in a: ").append(name).append('\n'));
    onlyB.forEach(name -> text.append("only in b: ").append(name).append('\n'));
    if (figures.stream().anyMatch(Figure::clear)) {
      text.append("*: by more than both 95 % intervals allow\n");
    }
    return text.toString();
  }

  private static String orNone(@Nullable String value) {
    return value == null ? "none" : value;
  }

  private static String share(@Nullable Double value) {
    return value == null ? "" : Figures.percent(value);
  }

  private static String points(Figure f) {
    return f.valueA == null || f.valueB == null
        ? ""
        : String.format(Locale.ROOT, "%+.2f%s", 100 * (f.valueB - f.valueA), f.clear ? " *" : "");
  }

  private static String count(@Nullable Long bytes) {
    return bytes == null ? "" : Figures.count(bytes);
  }

  private static String millis(@Nullable Double millis) {
    return millis == null ? "" : Figures.number(millis);
  }

  private static String change(@Nullable Number a, @Nullable Number b) {
    return a == null || b == null || a.doubleValue() == 0
        ? ""
        : String.format(Locale.ROOT, "%+.1f %%", 100 * (b.doubleValue() / a.doubleValue() - 1));
  }
}
