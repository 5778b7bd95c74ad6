package compress.cli.bench;

import compress.cli.Figures;
import compress.cli.Table;
import compress.cli.bench.ModelRun.Layer;
import compress.kernels.measure.Timing;
import java.util.List;
import java.util.Locale;

/** A report on a network as text. */
public final class ModelTable {
  private final ModelReport report;

  public ModelTable(ModelReport report) {
    this.report = report;
  }

  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s%s on %s, Java %s, %s\n"
            .formatted(
                report.sweep().name(),
                report.sweep().againstName().map(n -> " against " + n).orElse(""),
                report.machine().cpu(),
                report.machine().java(),
                Figures.count(report.sweep().forks(), "fork")));
    for (ModelRun run : report.runs()) {
      text.append('\n');
      text.append(
          "%s at a time, %s\n\n"
              .formatted(
                  Figures.count(run.batch(), "sample"), Figures.count(run.threads(), "thread")));
      if (run.hasBundled()) {
        text.append(layers(run)).append('\n');
      }
      text.append(ends(run)).append('\n');
      if (run.hasBundled()) {
        text.append(words(run));
      }
    }
    return text.toString();
  }

  private static Table layers(ModelRun run) {
    Table table =
        new Table(
            "layer",
            "op",
            ">m",
            ">n",
            ">k",
            ">sparsity",
            "pattern",
            ">bits",
            "kernel",
            ">dense ms",
            ">ms",
            ">speed-up",
            ">roof");
    for (Layer l : run.layers()) {
      table.row(
          l.step().name(),
          l.step().op(),
          l.product().m(),
          l.product().n(),
          l.product().k(),
          Figures.percent(l.product().sparsity()),
          l.product().pattern(),
          l.product().bits(),
          l.product().kernel(),
          Figures.number(l.denseMillis()),
          Figures.number(l.millis()),
          Figures.ratio(l.speedup()),
          String.format(Locale.ROOT, "%.0f %%", 100 * l.roofShare()));
    }
    double layers = run.layers().stream().mapToDouble(Layer::millis).sum();
    double dense = run.layers().stream().mapToDouble(Layer::denseMillis).sum();
    double allDense = sum(run, ModelRun.DENSE);
    double all = sum(run, ModelRun.COMPRESSED);
    if (allDense > dense) {
      table.row(
          "all other steps",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          Figures.number(allDense - dense),
          Figures.number(all - layers),
          Figures.ratio((allDense - dense) / (all - layers)),
          "");
    }
    return table;
  }

  private static double sum(ModelRun run, String way) {
    return run.steps(way).values().stream().mapToDouble(ModelTimes.StepTime::millis).sum();
  }

  private static Table ends(ModelRun run) {
    Table table = new Table("the whole network", ">median ms", ">min", ">max", ">memory");
    for (String way :
        List.of(ModelRun.DENSE, ModelRun.COMPRESSED, ModelRun.RIVAL_DENSE, ModelRun.RIVAL)) {
      run.timing(way)
          .ifPresent((Timing t) ->
              table.row(
                  way,
                  Figures.number(t.median()),
                  Figures.number(t.min()),
                  Figures.number(t.max()),
                  Figures.bytes((long) run.bytes(way, ModelTimes::peakBytes))));
    }
    return table;
  }

  private static String words(ModelRun run) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s as fast as dense; %s predicted from its layers, which take %.0f %% of the dense run (%+.0f %%)\n"
            .formatted(
                Figures.ratio(run.speedup()),
                Figures.ratio(run.predictedSpeedup()),
                100 * run.layerShare(),
                100 * (run.predictedSpeedup() / run.speedup() - 1)));
    run.timing(run.timing(ModelRun.RIVAL_DENSE).isPresent() ? ModelRun.RIVAL_DENSE : ModelRun.RIVAL)
        .ifPresent((Timing t) ->
            text.append(
                "%s as fast as ONNX Runtime\n"
                    .formatted(Figures.ratio(t.median() / run.millis(ModelRun.COMPRESSED)))));
    text.append(
        "weights %s (dense %s), values between steps %s\n"
            .formatted(
                Figures.bytes((long) run.bytes(ModelRun.COMPRESSED, ModelTimes::weightBytes)),
                Figures.bytes((long) run.bytes(ModelRun.DENSE, ModelTimes::weightBytes)),
                Figures.bytes((long) run.bytes(ModelRun.COMPRESSED, ModelTimes::activationBytes))));
    List<String> slower =
        run.layers().stream()
            .filter(l -> l.isSlower(run.millis(ModelRun.DENSE)))
            .map(l -> l.step().name())
            .toList();
    if (!slower.isEmpty()) {
      text.append("slower than dense: ").append(String.join(", ", slower)).append('\n');
    }
    return text.toString();
  }
}
