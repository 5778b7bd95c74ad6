package compress.cli.pipeline;

import compress.cli.Figures;
import compress.cli.Table;
import compress.cli.recipe.PaperRow;
import compress.encode.Ledger;
import compress.train.Accuracy;
import compress.train.Change;
import compress.train.Skip;
import compress.train.Speed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@link RunReport} as people read it: a line for each stage, then tables. */
public final class RunText {
  private static final int MOST_ROWS = 40;

  private final RunReport report;
  private final StringBuilder text = new StringBuilder();

  private RunText(RunReport report) {
    this.report = report;
  }

  /**
   * @param all whether long tables are printed whole
   */
  public static String of(RunReport report, boolean all) {
    RunText told = new RunText(report);
    told.lines(all);
    told.tables(all);
    told.end();
    return told.text.toString();
  }

  private void line(String head, String rest) {
    text.append("%-12s %s".formatted(head, rest).stripTrailing()).append('\n');
  }

  private void lines(boolean all) {
    line(
        fileName(report.input().get("file")),
        "%s   %s in %s"
            .formatted(
                Figures.bytes(report.inputBytes()),
                Figures.count(report.parameters(), "weight"),
                Figures.count(report.tensors(), "tensor")));
    for (StageRecord stage : report.stages()) {
      line(stage.stage(), summary(stage));
      for (Skip skip : ProtectedLayers.others(stage.skipped(), stage.details())) {
        line("", "skipped " + skip.name() + ": " + skip.reason());
      }
      ProtectedLayers.line(stage.details(), all).ifPresent(layers -> line("", layers));
      reverted(stage).forEach(name -> line("", "put back " + name));
      GroupLines.of(stage.details(), all).forEach(group -> line("", group));
      ComparisonTable.losses(stage.details()).forEach(loss -> line("", loss));
    }
    String change =
        "%s → %s (%s)"
            .formatted(
                Figures.bytes(report.inputBytes()),
                Figures.bytes(report.outputBytes()),
                Figures.ratio(report.ratio()));
    if (report.isPredicted()) {
      line("predicted", change + ", nothing was written");
    } else if (report.recipe().encode().isPresent()) {
      line("encode", change + ", read back: identical");
    }
    if (report.before().isPresent() && report.after().isPresent()) {
      line("accuracy", accuracy(report.before().get(), report.after().get()));
    }
    report.speed().ifPresent(s -> line("speed", speed(s, report.recipe().run().threads())));
  }

  private static String speed(Speed speed, int threads) {
    String times =
        String.format(
            Locale.ROOT,
            "%.3g → %.3g ms for a sample in ONNX Runtime, %s: ",
            speed.firstMs(),
            speed.secondMs(),
            Figures.count(threads, "thread"));
    return times
        + (speed.speedup() >= 1
            ? String.format(Locale.ROOT, "%.2f times as fast", speed.speedup())
            : String.format(
                Locale.ROOT, "slower than before, %.2f times as fast", speed.speedup()));
  }

  private static String fileName(@Nullable Object file) {
    return String.valueOf(Path.of(String.valueOf(file)).getFileName());
  }

  private static String accuracy(Accuracy before, Accuracy after) {
    return "%s → %s on %s (95 %%: %.2f to %.2f %%)"
        .formatted(
            Figures.percent(before.value()),
            Figures.percent(after.value()),
            Figures.count(after.samples(), "test sample"),
            100 * after.low(),
            100 * after.high());
  }

  private static String summary(StageRecord stage) {
    List<Change> changed = stage.changed();
    long was = changed.stream().mapToLong(Change::nonzeroBefore).sum();
    long is = changed.stream().mapToLong(Change::nonzeroAfter).sum();
    String tensors = Figures.count(changed.size(), "tensor");
    String done =
        switch (stage.stage()) {
          case "prune" ->
              "%s → %s in %s".formatted(Figures.count(was), Figures.count(is, "weight"), tensors);
          case "quantize" -> "%s in %s".formatted(bits(changed), tensors);
          default -> tensors;
        };
    return done + GroupLines.macs(stage.details()) + training(stage) + took(stage);
  }

  /** Names of tensors whose quantization was taken back. */
  private static List<String> reverted(StageRecord stage) {
    List<String> names = new ArrayList<>();
    if (stage.details().get("reverted") instanceof Collection<?> lines) {
      for (Object line : lines) {
        if (line instanceof Map<?, ?> map) {
          names.add(String.valueOf(map.get("name")));
        }
      }
    }
    return names;
  }

  private static String bits(List<Change> changed) {
    IntSummaryStatistics bits = changed.stream().mapToInt(Change::bits).summaryStatistics();
    return bits.getCount() == 0
        ? "nothing"
        : bits.getMin() == bits.getMax()
            ? Figures.count(bits.getMin(), "bit") + " a weight"
            : "%d to %d bits a weight".formatted(bits.getMin(), bits.getMax());
  }

  private static String training(StageRecord stage) {
    if (!(stage.details().get("training") instanceof Collection<?> epochs)) {
      return "";
    }
    String validation =
        !(stage.details().get("validation") instanceof Number n)
            ? ""
            : n.doubleValue() < 0
                ? ", validation loss " + Figures.number(-n.doubleValue())
                : ", validation " + Figures.percent(n.doubleValue());
    return ", " + Figures.count(epochs.size(), "epoch") + validation;
  }

  private static String took(StageRecord stage) {
    return stage.seconds() < 1 ? "" : ", " + Figures.seconds(stage.seconds());
  }

  private void tables(boolean all) {
    for (StageRecord stage : report.stages()) {
      String compared = ComparisonTable.of(stage.details());
      text.append(compared.isEmpty() ? "" : "\n" + compared);
    }
    boolean compressed = !report.layers().isEmpty() && !report.stages().isEmpty();
    boolean shortened = report.layers().size() > MOST_ROWS && !all;
    if (compressed && !shortened) {
      text.append('\n').append(layers());
    }
    if (!report.ledger().isEmpty()) {
      boolean whole = all || report.ledger().size() <= MOST_ROWS;
      text.append('\n').append(whole ? ledger(report.ledger()) : ledger(byStream()));
    }
  }

  private Table layers() {
    Table table =
        new Table(
            "layer",
            ">weights",
            ">kept",
            ">weight bits",
            ">coded",
            ">index bits",
            ">coded",
            ">bytes",
            ">of fp32");
    for (LayerRow row : report.layers()) {
      table.row(
          row.layer(),
          Figures.count(row.weights()),
          row.weights() == 0 ? "" : percent((double) row.kept() / row.weights()),
          bits(row.weightBits()),
          bits(row.weightBitsCoded()),
          bits(row.indexBits()),
          bits(row.indexBitsCoded()),
          Figures.count(row.bytes()),
          row.weights() == 0 ? "" : percent(row.compressed()));
      for (PaperRow paper : report.recipe().paper()) {
        if (paper.layer().equals(row.layer())) {
          table.row(
              "  in the paper",
              paper.weights(),
              paper.kept(),
              paper.weightBits(),
              paper.weightBitsHuffman(),
              paper.indexBits(),
              paper.indexBitsHuffman(),
              "",
              paper.compressed());
        }
      }
    }
    return table;
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * fraction);
  }

  private static String bits(double bits) {
    return Double.isNaN(bits) ? "" : String.format(Locale.ROOT, "%.1f", bits);
  }

  private static Table ledger(Collection<Ledger> rows) {
    Table table = new Table("section", "coder", ">symbols", ">entropy bytes", ">bytes");
    for (Ledger row : rows) {
      table.row(
          row.section(),
          row.coder(),
          Figures.count(row.symbols()),
          Figures.count(Math.round(row.entropyBytes())),
          Figures.count(row.bytes()));
    }
    return table;
  }

  /** Sums over all tensors of the streams that are called alike. */
  private Collection<Ledger> byStream() {
    Map<String, Ledger> sums = new LinkedHashMap<>();
    for (Ledger row : report.ledger()) {
      int slash = row.section().lastIndexOf('/');
      String name = slash < 0 ? row.section() : "all " + row.section().substring(slash + 1);
      sums.merge(
          name + " " + row.coder(),
          new Ledger(name, row.coder(), row.symbols(), row.entropyBytes(), row.bytes()),
          (a, b) ->
              new Ledger(
                  a.section(),
                  a.coder(),
                  a.symbols() + b.symbols(),
                  a.entropyBytes() + b.entropyBytes(),
                  a.bytes() + b.bytes()));
    }
    return sums.values();
  }

  private void end() {
    if (report.isPredicted()) {
      return;
    }
    boolean compared =
        report.stages().stream().anyMatch(s -> s.details().containsKey("comparison"));
    text.append(report.ledger().isEmpty() && !compared ? "" : "\n");
    Path output = Path.of(String.valueOf(report.output().get("file")));
    String more =
        report.recipe().file().isPresent()
            ? ", %s, %s"
                .formatted(
                    Pipeline.beside(output, ".report.json"),
                    Pipeline.beside(output, ".recipe.yaml"))
            : "";
    text.append(
        "wrote %s%s, seed %d, %s\n"
            .formatted(
                output, more, report.recipe().run().seed(), Figures.seconds(report.seconds())));
  }
}
