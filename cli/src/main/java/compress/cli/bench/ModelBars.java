package compress.cli.bench;

import compress.cli.bench.ModelTimes.StepTime;
import compress.model.AtomicFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.StackedBarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.data.category.CategoryDataset;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.svg.SVGGraphics2D;

/**
 * Where the time goes: for each run a bar for the dense network and one for the compressed, made of
 * the steps in their order, a colour for each kind of step, and the names of the longest on them.
 */
public final class ModelBars {
  private static final int WIDTH = 1100;
  private static final int HEADING = 170;
  private static final int BAR = 62;

  /** Steps that take less of a bar have no room for a name. */
  private static final double NAMED = 0.07;

  /** One step in one bar. */
  private record Key(int number, String name, String op) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return Integer.compare(number, other.number);
    }
  }

  private ModelBars() {}

  /**
   * @throws IllegalArgumentException if the bundled runtime was not timed
   */
  public static void write(ModelReport report, Path file) throws IOException {
    if (!report.runs().getFirst().hasBundled()) {
      throw new IllegalArgumentException(
          "--plot draws the bundled runtime's steps; add it to --engine");
    }
    DefaultCategoryDataset data = new DefaultCategoryDataset();
    List<String> ops = new ArrayList<>();
    for (ModelRun run : report.runs()) {
      for (String way : List.of(ModelRun.DENSE, ModelRun.COMPRESSED)) {
        String bar = "%s: batch %d, threads %d".formatted(way, run.batch(), run.threads());
        for (Map.Entry<String, StepTime> step : run.steps(way).entrySet()) {
          String op = step.getValue().step().op();
          if (!ops.contains(op)) {
            ops.add(op);
          }
          Key key = new Key(step.getValue().step().number(), step.getKey(), op);
          data.addValue(step.getValue().millis(), key, bar);
        }
      }
    }
    int height = HEADING + BAR * data.getColumnCount();
    SVGGraphics2D g = new SVGGraphics2D(WIDTH, height);
    // Names in the file are else made of the time.
    g.setDefsKeyPrefix("bars");
    chart(report, data, ops).draw(g, new Rectangle2D.Double(0, 0, WIDTH, height));
    AtomicFile.write(file, g.getSVGDocument().getBytes(StandardCharsets.UTF_8));
  }

  private static JFreeChart chart(
      ModelReport report, DefaultCategoryDataset data, List<String> ops) {
    StackedBarRenderer renderer = new StackedBarRenderer();
    renderer.setBarPainter(new StandardBarPainter());
    renderer.setShadowVisible(false);
    renderer.setDrawBarOutline(true);
    renderer.setDefaultOutlinePaint(Color.WHITE);
    renderer.setMaximumBarWidth(0.3);
    renderer.setDefaultItemLabelGenerator(new Names());
    renderer.setDefaultItemLabelsVisible(true);
    renderer.setDefaultItemLabelFont(Charts.FONT.deriveFont(10f));
    renderer.setDefaultItemLabelPaint(Color.WHITE);
    for (int row = 0; row < data.getRowCount(); row++) {
      Key key = (Key) data.getRowKey(row);
      renderer.setSeriesPaint(row, Charts.color(ops.indexOf(key.op)));
      renderer.setSeriesOutlinePaint(row, Color.WHITE);
    }
    NumberAxis millis = new NumberAxis("milliseconds");
    CategoryPlot plot = new CategoryPlot(data, new CategoryAxis(), millis, renderer);
    plot.setOrientation(PlotOrientation.HORIZONTAL);
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlineVisible(false);
    plot.getDomainAxis().setTickLabelFont(Charts.FONT);
    millis.setLabelFont(Charts.FONT);
    millis.setTickLabelFont(Charts.FONT);
    LegendItemCollection legend = new LegendItemCollection();
    for (String op : ops) {
      legend.add(new LegendItem(op, Charts.color(ops.indexOf(op))));
    }
    plot.setFixedLegendItems(legend);
    String title = "Where the time goes in " + report.sweep().name();
    JFreeChart chart = new JFreeChart(title, Charts.FONT.deriveFont(Font.BOLD, 15f), plot, true);
    chart.setBackgroundPaint(Color.WHITE);
    chart.getLegend().setPosition(RectangleEdge.BOTTOM);
    chart.getLegend().setItemFont(Charts.FONT.deriveFont(11.5f));
    chart.getLegend().setFrame(org.jfree.chart.block.BlockBorder.NONE);
    return chart;
  }

  /** The names of long steps. */
  private static final class Names extends StandardCategoryItemLabelGenerator {
    private static final long serialVersionUID = 1;

    @Override
    public String generateLabel(CategoryDataset data, int row, int column) {
      double longest = 0;
      for (int c = 0; c < data.getColumnCount(); c++) {
        double bar = 0;
        for (int r = 0; r < data.getRowCount(); r++) {
          Number value = data.getValue(r, c);
          bar += value == null ? 0 : value.doubleValue();
        }
        longest = Math.max(longest, bar);
      }
      Number value = data.getValue(row, column);
      boolean fits = value != null && value.doubleValue() >= NAMED * longest;
      return fits ? ((Key) data.getRowKey(row)).name : "";
    }
  }
}
