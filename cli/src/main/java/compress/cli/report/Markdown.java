package compress.cli.report;

import compress.cli.Figures;
import compress.cli.compare.Comparison;
import compress.cli.compare.Configuration;
import compress.cli.compare.Metric;
import compress.cli.compare.Recommendation;
import compress.cli.compare.Sentences;
import compress.cli.compare.Trial;
import compress.cli.latency.Latency;
import java.util.ArrayList;
import java.util.List;

/** A comparison as GitHub's Markdown, for a comment on a pull request. */
public final class Markdown {
  private Markdown() {}

  public static String of(Comparison comparison) {
    Metric metric = comparison.metric();
    StringBuilder text = new StringBuilder();
    String file = String.valueOf(comparison.model().get("file"));
    text.append("### ").append(escape(file.substring(file.lastIndexOf('/') + 1))).append("\n\n");
    text.append(Sentences.original(comparison)).append(". ");
    text.append(Sentences.budget(comparison)).append(".\n\n");
    for (Recommendation r : comparison.recommendations()) {
      text.append("- **")
          .append(r.goal())
          .append("**: ")
          .append(escape(Sentences.of(comparison, r)))
          .append('\n');
    }
    text.append("\nBounds: ").append(Sentences.bounds(comparison)).append(".\n\n");
    table(text, comparison, metric);
    comparison
        .failures()
        .forEach(f ->
            text.append(
                "\n**failed**: %s seed %d: %s\n"
                    .formatted(
                        escape(f.trial().configuration()), f.trial().seed(), escape(f.reason()))));
    comparison.remarks().forEach(r -> text.append("\nNote: ").append(escape(r)).append(".\n"));
    return text.toString();
  }

  private static void table(StringBuilder text, Comparison comparison, Metric metric) {
    List<String> runtimes =
        comparison.original().latencies().stream().map(Latency::runtime).toList();
    List<String> heading =
        new ArrayList<>(
            List.of(
                "pattern",
                "sparsity",
                "weights",
                metric.toString(),
                "95 %",
                "drop",
                "bytes",
                "ratio",
                "left"));
    heading.addAll(runtimes);
    if (!runtimes.isEmpty()) {
      heading.add("speed-up");
    }
    heading.add("best");
    row(text, heading);
    List<String> rule = new ArrayList<>();
    for (String name : heading) {
      boolean isText = name.equals("pattern") || name.equals("weights") || name.equals("best");
      rule.add(isText ? "---" : "---:");
    }
    row(text, rule);
    for (Configuration c : comparison.configurations()) {
      List<String> cells = new ArrayList<>();
      cells.add(escape(c.pattern()));
      cells.add(Trial.decimal(c.sparsity()));
      cells.add(c.storage());
      cells.add(metric.text(c.value()));
      cells.add(Sentences.interval(metric, c));
      cells.add(metric.difference(c.drop()).replace("+", ""));
      cells.add(Figures.count(c.bytes()));
      cells.add(Figures.ratio(c.ratio()));
      cells.add("%.1f %%".formatted(100 * c.weightsLeft()));
      runtimes.forEach(r -> cells.add(Sentences.millis(c.latencies(), r)));
      if (!runtimes.isEmpty()) {
        Double speedup = c.speedup();
        cells.add(speedup == null ? "" : Figures.ratio(speedup));
      }
      cells.add(Sentences.pareto(c));
      row(text, cells);
    }
  }

  private static void row(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  /** What a cell or a line may hold without meaning something. */
  private static String escape(String text) {
    return text.replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("*", "\\*")
        .replace("_", "\\_")
        .replace("<", "&lt;");
  }
}
