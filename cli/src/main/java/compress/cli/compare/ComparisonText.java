package compress.cli.compare;

import compress.cli.Figures;
import compress.cli.Table;
import compress.cli.latency.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A {@link Comparison} as people read it in a terminal. */
public final class ComparisonText {
  private final Comparison comparison;
  private final Metric metric;
  private final StringBuilder text = new StringBuilder();

  private ComparisonText(Comparison comparison) {
    this.comparison = comparison;
    this.metric = comparison.metric();
  }

  /**
   * @param folder that the comparison is in, as it was named
   */
  public static String of(Comparison comparison, String folder) {
    ComparisonText told = new ComparisonText(comparison);
    told.head();
    told.table();
    told.tests();
    told.recommendations(folder);
    comparison.remarks().forEach(r -> told.text.append("note: ").append(r).append('\n'));
    return told.text.toString();
  }

  private void head() {
    text.append(fileName()).append(' ').append(Sentences.original(comparison)).append('\n');
    text.append(Sentences.budget(comparison)).append('\n');
    for (Comparison.Failure failure : comparison.failures()) {
      text.append(
          "failed: %s seed %d: %s\n"
              .formatted(
                  failure.trial().configuration(), failure.trial().seed(), failure.reason()));
    }
  }

  private String fileName() {
    String file = String.valueOf(comparison.model().get("file"));
    return file.substring(file.lastIndexOf('/') + 1);
  }

  private void table() {
    List<String> runtimes =
        comparison.original().latencies().stream().map(Latency::runtime).toList();
    List<String> names =
        new ArrayList<>(
            List.of(
                "pattern",
                ">sparsity",
                "weights",
                ">" + metric,
                "95 %",
                ">drop",
                ">bytes",
                ">ratio",
                ">left"));
    runtimes.forEach(r -> names.add(">" + r));
    if (!runtimes.isEmpty()) {
      names.add(">speed-up");
    }
    names.add("best");
    Table table = new Table(names.toArray(String[]::new));
    for (Configuration c : comparison.configurations()) {
      List<Object> cells = new ArrayList<>();
      cells.add(c.pattern());
      cells.add(Trial.decimal(c.sparsity()));
      cells.add(c.storage());
      cells.add(metric.text(c.value()));
      cells.add(Sentences.interval(metric, c));
      cells.add(metric.difference(c.drop()).replace("+", ""));
      cells.add(Figures.count(c.bytes()));
      cells.add(Figures.ratio(c.ratio()));
      cells.add("%.1f %%".formatted(100 * c.weightsLeft()));
      for (String runtime : runtimes) {
        cells.add(Sentences.millis(c.latencies(), runtime));
      }
      if (!runtimes.isEmpty()) {
        Double speedup = c.speedup();
        cells.add(speedup == null ? "" : Figures.ratio(speedup));
      }
      cells.add(Sentences.pareto(c));
      table.row(cells.toArray());
    }
    text.append('\n').append(table);
  }

  private void tests() {
    if (comparison.tests().isEmpty()) {
      return;
    }
    Table table =
        new Table(">sparsity", "weights", "a", "b", ">a - b", ">p", ">p of seeds", "better");
    for (PairedTest t : comparison.tests()) {
      Double seeds = t.pSeeds();
      String better = t.better();
      table.row(
          Trial.decimal(t.sparsity()),
          t.storage(),
          t.a(),
          t.b(),
          metric.difference(t.difference()),
          Sentences.p(t.pAdjusted()),
          seeds == null ? "" : Sentences.p(seeds),
          better == null ? "not shown" : better);
    }
    text.append('\n').append(table).append('\n');
  }

  private void recommendations(String folder) {
    for (Recommendation r : comparison.recommendations()) {
      text.append(
          "%-9s %s\n".formatted(r.goal().toLowerCase(Locale.ROOT), Sentences.of(comparison, r)));
      Optional.ofNullable(r.recipe())
          .ifPresent(
              recipe -> text.append("          compress run %s/%s\n".formatted(folder, recipe)));
    }
    text.append("bounds: ").append(Sentences.bounds(comparison)).append('\n');
  }
}
