package compress.cli.pipeline;

import compress.cli.Figures;
import compress.cli.Table;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a distillation gave, as people read it: a row for each network that was asked. */
final class ComparisonTable {
  private ComparisonTable() {}

  /** What was compared inside, a line each; none for another stage. */
  static List<String> losses(Map<String, Object> details) {
    return details.get("losses") instanceof Collection<?> losses
        ? losses.stream().map(String::valueOf).toList()
        : List.of();
  }

  /** The table; empty for another stage. */
  static String of(Map<String, Object> details) {
    if (!(details.get("comparison") instanceof Collection<?> rows)) {
      return "";
    }
    Table table = new Table("network", ">weights", ">accuracy", ">95 %", ">as the teacher");
    for (Object row : rows) {
      if (row instanceof Map<?, ?> facts) {
        table.row(
            String.valueOf(facts.get("network")),
            facts.get("parameters") instanceof Number n ? Figures.count(n.longValue()) : "",
            percent(facts.get("accuracy")),
            interval(facts.get("ci95")),
            facts.get("cosine") instanceof Number n
                ? String.format(Locale.ROOT, "cosine %.4f", n.doubleValue())
                : percent(facts.get("agreement")));
      }
    }
    return table.toString();
  }

  private static String percent(@Nullable Object share) {
    return share instanceof Number n ? Figures.percent(n.doubleValue()) : "";
  }

  private static String interval(@Nullable Object ends) {
    return ends instanceof List<?> list
            && list.get(0) instanceof Number low
            && list.get(1) instanceof Number high
        ? String.format(
            Locale.ROOT, "%.2f to %.2f", 100 * low.doubleValue(), 100 * high.doubleValue())
        : "";
  }
}
