package compress.cli.bench;

import compress.cli.Figures;
import compress.cli.Table;
import compress.kernels.measure.Result;
import compress.kernels.measure.Roof;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** A report as text, as Markdown, and as CSV. */
public final class KernelTable {
  /** A column of numbers starts with {@code >}. */
  private record Column(String name, Function<Result, String> cell) {
    boolean isRight() {
      return name.startsWith(">");
    }

    String title() {
      return isRight() ? name.substring(1) : name;
    }
  }

  /** Those that say what was measured: one that is the same in all rows is said once, above. */
  private static final List<Column> SUBJECT =
      List.of(
          new Column("pattern", Result::pattern),
          new Column(">sparsity", r -> percent(r.sparsity(), 1)),
          new Column("values", Result::values),
          new Column(">bits", r -> Integer.toString(r.bits())),
          new Column(">m", r -> Integer.toString(r.m())),
          new Column(">n", r -> Integer.toString(r.n())),
          new Column(">k", r -> Integer.toString(r.k())),
          new Column(">threads", r -> Integer.toString(r.threads())),
          new Column("weights", r -> r.cold() ? "cold" : "hot"));

  private static final List<Column> TIMES =
      List.of(
          new Column(">median ms", r -> Figures.number(r.medianMs())),
          new Column(">min", r -> Figures.number(r.minMs())),
          new Column(">max", r -> Figures.number(r.maxMs())));

  private static final Column SPREAD = new Column(">spread", r -> percent(r.spread(), 0));

  private static final List<Column> RATES =
      List.of(
          new Column(">GFLOP/s", r -> rate(r.gflops())),
          new Column(">effective", r -> rate(r.effectiveGflops())),
          new Column(">GB/s", r -> rate(r.readGbs())),
          new Column(">roof", r -> percent(r.roofShare(), 0)),
          new Column("baseline", Result::baseline),
          new Column(">its ms", r -> Figures.number(r.baselineMs())),
          new Column(">speed-up", r -> Figures.ratio(r.speedup())));

  /** In the order of the JSON document. */
  private static final List<Column> CSV =
      List.of(
          new Column("kernel", Result::kernel),
          new Column("layout", Result::layout),
          new Column("pattern", Result::pattern),
          new Column("sparsity", r -> exact(r.sparsity())),
          new Column("values", Result::values),
          new Column("bits", r -> Integer.toString(r.bits())),
          new Column("m", r -> Integer.toString(r.m())),
          new Column("n", r -> Integer.toString(r.n())),
          new Column("k", r -> Integer.toString(r.k())),
          new Column("threads", r -> Integer.toString(r.threads())),
          new Column("cold", r -> Boolean.toString(r.cold())),
          new Column("bytes", r -> Long.toString(r.bytes())),
          new Column("samples", r -> Integer.toString(r.samples())),
          new Column("median_ms", r -> exact(r.medianMs())),
          new Column("min_ms", r -> exact(r.minMs())),
          new Column("max_ms", r -> exact(r.maxMs())),
          new Column("spread", r -> exact(r.spread())),
          new Column("gflops", r -> exact(r.gflops())),
          new Column("effective_gflops", r -> exact(r.effectiveGflops())),
          new Column("read_gbs", r -> exact(r.readGbs())),
          new Column("baseline", Result::baseline),
          new Column("baseline_ms", r -> exact(r.baselineMs())),
          new Column("speedup", r -> exact(r.speedup())),
          new Column("roof_share", r -> exact(r.roofShare())));

  private final KernelReport report;

  public KernelTable(KernelReport report) {
    this.report = report;
  }

  private static String percent(double share, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f %%", 100 * share);
  }

  private static String rate(double rate) {
    return String.format(Locale.ROOT, rate < 9.95 ? "%.1f" : "%.0f", rate);
  }

  /** Nine digits: more than a clock has, and the same for the same number. */
  private static String exact(double value) {
    return String.format(Locale.ROOT, "%.9g", value);
  }

  /** The machine, then what all rows have in common, then the rows. */
  public String text() {
    StringBuilder text = new StringBuilder(machine()).append('\n');
    text.append(roofs()).append('\n');
    List<Column> columns = columns();
    Table table = new Table(columns.stream().map(Column::name).toArray(String[]::new));
    for (Result r : report.results()) {
      table.row(columns.stream().map(c -> c.cell.apply(r)).toArray());
    }
    return text.append(common()).append(table).toString();
  }

  private String machine() {
    String vectors =
        report.machine().simdBits() == 0
            ? "no Vector API"
            : "vectors of " + report.machine().simdBits() + " bits";
    return "%s, %s, %s, Java %s\n"
        .formatted(
            report.machine().cpu(),
            Figures.count(report.machine().cores(), "core"),
            vectors,
            report.machine().java());
  }

  private Table roofs() {
    List<String> names = new ArrayList<>(List.of(">threads", ">peak GFLOP/s"));
    report.roofs().getFirst().levels().forEach(l -> names.add(">" + l.name() + " GB/s"));
    Table table = new Table(names.toArray(String[]::new));
    for (Roof roof : report.roofs()) {
      List<String> cells = new ArrayList<>();
      cells.add(Integer.toString(roof.threads()));
      cells.add(rate(roof.peakGflops()));
      roof.levels().forEach(l -> cells.add(rate(l.readGbs())));
      table.row(cells.toArray());
    }
    return table;
  }

  private boolean isCommon(Column column) {
    return report.results().stream().map(column.cell).distinct().count() == 1;
  }

  private String common() {
    List<String> words = new ArrayList<>();
    Result any = report.results().getFirst();
    for (Column c : SUBJECT) {
      if (isCommon(c)) {
        words.add(c.title() + " " + c.cell.apply(any));
      }
    }
    words.add(Figures.count(report.forks(), "fork"));
    return String.join(", ", words) + "\n";
  }

  private List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("kernel", Result::kernel));
    SUBJECT.stream().filter(c -> !isCommon(c)).forEach(columns::add);
    columns.addAll(TIMES);
    if (report.forks() > 1) {
      columns.add(SPREAD);
    }
    columns.addAll(RATES);
    return columns;
  }

  /** Two tables for a document in Markdown, with all columns that the text has. */
  public String markdown() {
    List<Column> columns = columns();
    StringBuilder text = new StringBuilder(machine()).append('\n');
    List<String> names = new ArrayList<>(List.of("threads", "peak GFLOP/s"));
    report.roofs().getFirst().levels().forEach(l -> names.add(l.name() + " GB/s"));
    text.append(row(names)).append(row(names.stream().map(n -> "--:").toList()));
    for (Roof roof : report.roofs()) {
      List<String> cells = new ArrayList<>();
      cells.add(Integer.toString(roof.threads()));
      cells.add(rate(roof.peakGflops()));
      roof.levels().forEach(l -> cells.add(rate(l.readGbs())));
      text.append(row(cells));
    }
    text.append('\n').append(common()).append('\n');
    text.append(row(columns.stream().map(Column::title).toList()));
    text.append(row(columns.stream().map(c -> c.isRight() ? "--:" : "---").toList()));
    for (Result r : report.results()) {
      text.append(row(columns.stream().map(c -> c.cell.apply(r)).toList()));
    }
    return text.toString();
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  /** A heading and a line for each result; the machine is not in it. */
  public String csv() {
    StringBuilder text = new StringBuilder();
    text.append(String.join(",", CSV.stream().map(Column::name).toList())).append('\n');
    for (Result r : report.results()) {
      text.append(String.join(",", CSV.stream().map(c -> c.cell.apply(r)).toList())).append('\n');
    }
    return text.toString();
  }
}
