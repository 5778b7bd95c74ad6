package compress.cli.bench;

import compress.kernels.measure.Result;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Speed-up over the fastest dense product in 32-bit floats against the share of weights that are
 * zero: a picture for each size and number of columns, a line for each pattern, with the fastest
 * kernel at each point. What has no sparsity is a line across: dashed for our few-bit weights,
 * dotted for rivals.
 */
final class SpeedupCharts {
  private SpeedupCharts() {}

  static List<JFreeChart> of(KernelReport report) {
    SequencedMap<String, List<Result>> groups = new LinkedHashMap<>();
    for (Result r : report.results()) {
      String title =
          "%d × %d weights, %d %s, %d %s%s"
              .formatted(
                  r.m(),
                  r.k(),
                  r.n(),
                  r.n() == 1 ? "column" : "columns",
                  r.threads(),
                  r.threads() == 1 ? "thread" : "threads",
                  r.cold() ? ", from memory" : "");
      groups.computeIfAbsent(title, t -> new ArrayList<>()).add(r);
    }
    List<JFreeChart> charts = new ArrayList<>();
    groups.forEach((title, results) -> charts.add(chart(title, results)));
    return charts;
  }

  /** The best speed-up at each sparsity, by what the line is called. */
  private static SequencedMap<String, NavigableMap<Double, Double>> lines(List<Result> results) {
    SequencedMap<String, NavigableMap<Double, Double>> lines = new LinkedHashMap<>();
    // Patterns first, so that they have the first colours.
    List<Result> ordered = new ArrayList<>(results);
    ordered.sort(Comparator.comparingInt(SpeedupCharts::rank));
    for (Result r : ordered) {
      lines
          .computeIfAbsent(name(r), n -> new TreeMap<>())
          .merge(r.sparsity(), r.speedup(), Math::max);
    }
    return lines;
  }

  private static int rank(Result r) {
    if (r.layout().equals("rival")) {
      return 2;
    }
    return r.pattern().equals("dense") ? 1 : 0;
  }

  private static String name(Result r) {
    if (r.layout().equals("rival")) {
      return r.kernel();
    }
    if (r.pattern().equals("dense") && r.values().equals("f32")) {
      return "our dense kernel";
    }
    if (r.pattern().equals("dense")) {
      return r.kernel().contains("_i8_") || r.kernel().contains("_sign_")
          ? r.values() + ", few-bit activations"
          : r.values();
    }
    return r.values().equals("f32") ? r.pattern() : r.pattern() + " " + r.values();
  }

  private static JFreeChart chart(String title, List<Result> results) {
    SequencedMap<String, NavigableMap<Double, Double>> lines = lines(results);
    double least =
        results.stream().mapToDouble(Result::sparsity).filter(s -> s > 0).min().orElse(0);
    double from = Math.min(40, Math.floor(least * 10) * 10);
    XYSeriesCollection data = new XYSeriesCollection();
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
    double lowest = 1;
    double highest = 1;
    for (Map.Entry<String, NavigableMap<Double, Double>> line : lines.entrySet()) {
      int i = data.getSeriesCount();
      XYSeries series = new XYSeries(line.getKey());
      boolean flat = line.getValue().size() == 1 && line.getValue().firstKey() == 0;
      for (Map.Entry<Double, Double> point : line.getValue().entrySet()) {
        series.add(flat ? from : 100 * point.getKey(), point.getValue());
        lowest = Math.min(lowest, point.getValue());
        highest = Math.max(highest, point.getValue());
      }
      if (flat) {
        series.add(100, line.getValue().firstEntry().getValue());
      }
      data.addSeries(series);
      renderer.setSeriesPaint(i, Charts.color(i));
      boolean ours = results.stream().anyMatch(r -> rank(r) < 2 && name(r).equals(line.getKey()));
      renderer.setSeriesStroke(i, !flat ? Charts.LINE : ours ? Charts.DASHES : Charts.DOTS);
      renderer.setSeriesShape(i, Charts.shape(i));
      renderer.setSeriesShapesVisible(i, !flat);
      renderer.setSeriesLinesVisible(i, flat || line.getValue().size() > 1);
    }
    NumberAxis across = new NumberAxis("weights that are zero, %");
    across.setRange(from, 100);
    across.setTickUnit(new NumberTickUnit(10));
    JFreeChart chart =
        Charts.chart(
            title,
            data,
            across,
            Charts.logAxis(
                "times as fast as dense fp32",
                // Much slower than dense is not worth the room.
                Math.max(0.125, Charts.powerBelow(lowest)),
                Math.max(2, Charts.powerAbove(highest * 1.02)),
                1),
            renderer);
    ValueMarker even = new ValueMarker(1, new Color(0x222222), Charts.LINE);
    chart.getXYPlot().addRangeMarker(even);
    return chart;
  }
}
