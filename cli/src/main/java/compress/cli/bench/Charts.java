package compress.cli.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeriesCollection;

/** How all pictures look. */
final class Charts {
  static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
  static final Color TEXT = new Color(0x222222);
  private static final Color GRID = new Color(0xdddddd);

  /** Told apart by people who see few colours too. */
  private static final List<Color> COLORS =
      List.of(
          new Color(0x0072b2),
          new Color(0xd55e00),
          new Color(0x009e73),
          new Color(0xcc79a7),
          new Color(0xe69f00),
          new Color(0x56b4e9),
          new Color(0x8c564b),
          new Color(0x555555));

  static final Stroke LINE = new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  static final Stroke DASHES =
      new BasicStroke(1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 4}, 0);

  static final Stroke DOTS =
      new BasicStroke(1.8f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {2, 3}, 0);

  private Charts() {}

  static Color color(int series) {
    return COLORS.get(series % COLORS.size());
  }

  /** Another shape once all colours are used. */
  static Shape shape(int series) {
    return switch (series / COLORS.size() % 3) {
      case 0 -> new Ellipse2D.Double(-4, -4, 8, 8);
      case 1 -> new Rectangle2D.Double(-3.5, -3.5, 7, 7);
      default -> {
        Path2D triangle = new Path2D.Double();
        triangle.moveTo(0, -5);
        triangle.lineTo(5, 4);
        triangle.lineTo(-5, 4);
        triangle.closePath();
        yield triangle;
      }
    };
  }

  /** An axis on which twice as much is as far everywhere. */
  static LogAxis logAxis(String label, double least, double most, double doublings) {
    LogAxis axis = new LogAxis(label);
    axis.setBase(2);
    axis.setTickUnit(new NumberTickUnit(doublings));
    axis.setMinorTickMarksVisible(false);
    DecimalFormat format =
        new DecimalFormat("0.###", DecimalFormatSymbols.getInstance(Locale.ROOT));
    axis.setNumberFormatOverride(format);
    axis.setRange(least, most);
    return axis;
  }

  /** The least power of two that is not below {@code v}. */
  static double powerAbove(double v) {
    return Math.pow(2, Math.ceil(Math.log(v) / Math.log(2) - 1e-9));
  }

  static double powerBelow(double v) {
    return Math.pow(2, Math.floor(Math.log(v) / Math.log(2) + 1e-9));
  }

  static JFreeChart chart(
      String title,
      XYSeriesCollection data,
      ValueAxis across,
      ValueAxis up,
      XYLineAndShapeRenderer renderer) {
    XYPlot plot = new XYPlot(data, across, up, renderer);
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    plot.setDomainGridlineStroke(new BasicStroke(1));
    plot.setRangeGridlineStroke(new BasicStroke(1));
    plot.setAxisOffset(new RectangleInsets(4, 4, 4, 4));
    for (ValueAxis axis : List.of(across, up)) {
      axis.setLabelFont(FONT);
      axis.setTickLabelFont(FONT.deriveFont(12f));
      axis.setLabelPaint(TEXT);
      axis.setTickLabelPaint(TEXT);
      axis.setAxisLinePaint(GRID);
      axis.setTickMarkPaint(GRID);
    }
    JFreeChart chart = new JFreeChart(title, FONT.deriveFont(Font.BOLD, 14f), plot, true);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(8, 8, 8, 16));
    TextTitle heading = chart.getTitle();
    heading.setPaint(TEXT);
    chart.getLegend().setPosition(RectangleEdge.RIGHT);
    chart.getLegend().setItemFont(FONT.deriveFont(11.5f));
    chart.getLegend().setFrame(org.jfree.chart.block.BlockBorder.NONE);
    return chart;
  }
}
