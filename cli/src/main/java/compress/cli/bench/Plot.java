package compress.cli.bench;

import compress.model.AtomicFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.svg.SVGGraphics2D;

/**
 * A report as pictures, in an SVG file or in an HTML page that needs nothing else: speed-up against
 * sparsity for each number of columns, then the roofline with the kernels on it.
 */
public final class Plot {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 460;
  private static final int ACROSS = 2;
  private static final int TITLE = 48;

  private Plot() {}

  /**
   * Finds out before anything slow whether the file can be written.
   *
   * @throws IllegalArgumentException if the name ends with neither {@code .svg} nor {@code .html}
   * @throws IOException if the file is there and may not be replaced, or there are no fonts
   */
  public static void check(Path file, boolean force) throws IOException {
    if (!isHtml(file) && !file.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
      throw new IllegalArgumentException(
          file + ": the name says no kind of picture; end it with .svg or .html");
    }
    if (Files.exists(file) && !force) {
      throw new FileAlreadyExistsException(file.toString());
    }
    // Pictures need no screen.
    System.setProperty("java.awt.headless", "true");
    try {
      new SVGGraphics2D(1, 1).getFontMetrics(Charts.FONT).stringWidth("x");
    } catch (RuntimeException | Error e) {
      throw new IOException(
          "--plot needs fonts, and Java finds none (%s); install fontconfig and a font"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static boolean isHtml(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".html");
  }

  public static void write(KernelReport report, Path file) throws IOException {
    List<JFreeChart> charts = new ArrayList<>(SpeedupCharts.of(report));
    charts.addAll(RooflineCharts.of(report));
    String svg = svg(report, charts);
    AtomicFile.write(
        file, (isHtml(file) ? html(report, svg) : svg).getBytes(StandardCharsets.UTF_8));
  }

  private static String svg(KernelReport report, List<JFreeChart> charts) {
    int across = Math.min(ACROSS, charts.size());
    int down = Math.ceilDiv(charts.size(), across);
    SVGGraphics2D g = new SVGGraphics2D(across * WIDTH, TITLE + down * HEIGHT);
    // Names in the file are else made of the time.
    g.setDefsKeyPrefix("chart");
    g.setColor(Color.WHITE);
    g.fill(new Rectangle2D.Double(0, 0, g.getWidth(), g.getHeight()));
    g.setColor(Charts.TEXT);
    g.setFont(Charts.FONT.deriveFont(Font.BOLD, 17f));
    g.drawString(title(report), 16, 31);
    for (int i = 0; i < charts.size(); i++) {
      int x = i % across * WIDTH;
      int y = TITLE + i / across * HEIGHT;
      charts.get(i).draw(g, new Rectangle2D.Double(x, y, WIDTH, HEIGHT));
    }
    return g.getSVGDocument();
  }

  private static String title(KernelReport report) {
    return "%s, vectors of %d bits, Java %s, %d %s"
        .formatted(
            report.machine().cpu(),
            report.machine().simdBits(),
            report.machine().java(),
            report.forks(),
            report.forks() == 1 ? "fork" : "forks");
  }

  private static String html(KernelReport report, String svg) {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>compress bench kernels</title>
    <style>
      body { font: 15px sans-serif; margin: 24px; color: #222 }
      svg { max-width: 100%%; height: auto }
      pre { font: 12px monospace; overflow-x: auto }
    </style>
    <h1>compress bench kernels</h1>
    %s
    <pre>%s</pre>
    </html>
    """
        .formatted(svg.substring(svg.indexOf("<svg")), escape(new KernelTable(report).text()));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
