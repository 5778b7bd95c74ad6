package compress.cli;

import compress.prune.Judge;
import compress.prune.Sensitivity;
import java.util.Locale;

/** What each layer costs over its sparsity, as lines in an SVG. */
final class SensitivityPlot {
  private static final int LEFT = 70;
  private static final int TOP = 20;
  private static final int WIDTH = 520;
  private static final int HEIGHT = 340;
  private static final int LINE = 16;

  private final Sensitivity scan;
  private final StringBuilder svg = new StringBuilder();
  private final double highest;

  private SensitivityPlot(Sensitivity scan) {
    this.scan = scan;
    this.highest =
        scan.curves().stream()
            .flatMap(c -> c.losses().stream())
            .mapToDouble(l -> l)
            .filter(Double::isFinite)
            .max()
            .orElse(1);
  }

  /** The whole file. */
  static String of(Sensitivity scan) {
    return new SensitivityPlot(scan).draw();
  }

  private String draw() {
    int height = Math.max(HEIGHT + TOP + 50, TOP + 20 + LINE * scan.curves().size());
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\"",
            LEFT + WIDTH + 280,
            height));
    svg.append(String.format(Locale.ROOT, " font-family=\"sans-serif\" font-size=\"12\">\n"));
    svg.append(
        String.format(Locale.ROOT, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"));
    for (int i = 0; i <= 5; i++) {
      double x = x(i / 5.0);
      double y = y(highest * i / 5);
      svg.append(
          String.format(
              Locale.ROOT, "<path d=\"M%.1f %d V%d\" stroke=\"#ddd\"/>\n", x, TOP, TOP + HEIGHT));
      svg.append(
          String.format(
              Locale.ROOT, "<path d=\"M%d %.1f H%d\" stroke=\"#ddd\"/>\n", LEFT, y, LEFT + WIDTH));
      text(x, TOP + HEIGHT + 18, "middle", Figures.number(i / 5.0));
      text(LEFT - 6, y + 4, "end", Figures.number(highest * i / 5));
    }
    text(LEFT + WIDTH / 2.0, TOP + HEIGHT + 38, "middle", "sparsity of one layer alone");
    text(LEFT, TOP - 6, "start", title());
    for (int i = 0; i < scan.curves().size(); i++) {
      line(i, scan.curves().get(i));
    }
    return svg.append("</svg>\n").toString();
  }

  private String title() {
    return scan.metric() == Judge.Metric.ACCURACY
        ? "accuracy lost, of 1"
        : scan.metric().toString();
  }

  private void line(int number, Sensitivity.Curve curve) {
    String color = "hsl(%d, 70%%, 42%%)".formatted(number * 137 % 360);
    svg.append(
        String.format(
            Locale.ROOT,
            "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" points=\"%.1f,%.1f",
            color,
            x(0),
            y(0)));
    for (int i = 0; i < curve.losses().size(); i++) {
      svg.append(
          String.format(
              Locale.ROOT, " %.1f,%.1f", x(scan.sparsities().get(i)), y(curve.losses().get(i))));
    }
    svg.append(String.format(Locale.ROOT, "\"/>\n"));
    int y = TOP + 10 + LINE * number;
    svg.append(
        String.format(
            Locale.ROOT,
            "<path d=\"M%d %d h18\" stroke=\"%s\" stroke-width=\"3\"/>\n",
            LEFT + WIDTH + 14,
            y,
            color));
    text(LEFT + WIDTH + 38, y + 4, "start", curve.name());
  }

  private static double x(double sparsity) {
    return LEFT + WIDTH * sparsity;
  }

  private double y(double loss) {
    double finite = Double.isFinite(loss) ? loss : highest;
    return TOP + HEIGHT * (1 - Math.max(0, finite) / (highest > 0 ? highest : 1));
  }

  private void text(double x, double y, String anchor, String text) {
    String plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
            x,
            y,
            anchor,
            plain));
  }
}
