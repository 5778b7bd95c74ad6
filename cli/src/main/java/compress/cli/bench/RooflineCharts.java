package compress.cli.bench;

import compress.kernels.measure.Result;
import compress.kernels.measure.Roof;
import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * The machine's roof and the kernels below it, one picture for each number of threads: the rate of
 * products that were done against the operations for each byte that had to be read or written.
 * Kernels of integers do no floating-point work, so they are left out.
 */
final class RooflineCharts {
  private static final Color ROOF = new Color(0x999999);

  private RooflineCharts() {}

  static List<JFreeChart> of(KernelReport report) {
    List<JFreeChart> charts = new ArrayList<>();
    for (Roof roof : report.roofs()) {
      List<Result> results =
          report.results().stream()
              .filter(r -> r.threads() == roof.threads() && r.gflops() > 0)
              .filter(r -> !r.kernel().contains("_i8_") && !r.kernel().contains("_sign_"))
              .filter(r -> !r.layout().equals("rival") || r.bits() == Float.SIZE)
              .toList();
      charts.add(chart(roof, results));
    }
    return charts;
  }

  /** Multiplications and additions for each byte of weights and activations. */
  private static double intensity(Result r) {
    double moved = r.bytes() + 4.0 * r.n() * (r.k() + r.m());
    return r.gflops() * r.medianMs() * 1e6 / moved;
  }

  private static JFreeChart chart(Roof roof, List<Result> results) {
    SequencedMap<String, XYSeries> kernels = new LinkedHashMap<>();
    double left = 0.25;
    double right = roof.peakGflops() / roof.levels().getLast().readGbs() * 4;
    double low = roof.peakGflops() / 16;
    for (Result r : results) {
      kernels
          .computeIfAbsent(name(r), n -> new XYSeries(n, false, true))
          .add(intensity(r), r.gflops());
      left = Math.min(left, intensity(r));
      right = Math.max(right, intensity(r));
      low = Math.min(low, r.gflops());
    }
    left = Charts.powerBelow(left);
    right = Charts.powerAbove(right);
    XYSeriesCollection data = new XYSeriesCollection();
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
    for (Map.Entry<String, XYSeries> kernel : kernels.entrySet()) {
      int i = data.getSeriesCount();
      data.addSeries(kernel.getValue());
      renderer.setSeriesPaint(i, Charts.color(i));
      renderer.setSeriesShape(i, Charts.shape(i));
      renderer.setSeriesLinesVisible(i, false);
    }
    double bottom = Math.max(Charts.powerBelow(low), roof.peakGflops() / 4096);
    double top = Charts.powerAbove(roof.peakGflops() * 1.3);
    for (Roof.Level level : roof.levels()) {
      addLine(data, renderer, level.name(), left, right, roof.peakGflops(), level.readGbs());
    }
    JFreeChart chart =
        Charts.chart(
            "Roofline, %d %s".formatted(roof.threads(), roof.threads() == 1 ? "thread" : "threads"),
            data,
            Charts.logAxis("operations for each byte", left, right, 1),
            Charts.logAxis("GFLOP/s", bottom, top, 1),
            renderer);
    addText(chart.getXYPlot(), right, roof.peakGflops(), "peak %.0f GFLOP/s", roof.peakGflops());
    chart.addSubtitle(
        new TextTitle(
            roof.levels().stream()
                .map(l -> String.format(Locale.ROOT, "%s %.0f GB/s", l.name(), l.readGbs()))
                .collect(Collectors.joining(", ", "read from ", "")),
            Charts.FONT.deriveFont(11.5f)));
    return chart;
  }

  private static void addText(XYPlot plot, double x, double y, String format, double value) {
    XYTextAnnotation text =
        new XYTextAnnotation(String.format(Locale.ROOT, format, value), x, y * 1.05);
    text.setTextAnchor(TextAnchor.BOTTOM_RIGHT);
    text.setFont(Charts.FONT.deriveFont(11f));
    text.setPaint(new Color(0x666666));
    plot.addAnnotation(text);
  }

  private static void addLine(
      XYSeriesCollection data,
      XYLineAndShapeRenderer renderer,
      String name,
      double left,
      double right,
      double peak,
      double readGbs) {
    int i = data.getSeriesCount();
    XYSeries line = new XYSeries("roof " + name);
    double ridge = Math.clamp(peak / readGbs, left, right);
    line.add(left, Math.min(peak, left * readGbs));
    line.add(ridge, Math.min(peak, ridge * readGbs));
    line.add(right, Math.min(peak, right * readGbs));
    data.addSeries(line);
    renderer.setSeriesPaint(i, ROOF);
    renderer.setSeriesStroke(i, new BasicStroke(1.4f));
    renderer.setSeriesShapesVisible(i, false);
    renderer.setSeriesVisibleInLegend(i, false);
  }

  private static String name(Result r) {
    return r.kernel().replace("__panama", "");
  }
}
