import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Accuracy against bits a weight for shared weights, as Deep Compression has it in its figures 6 and
 * 7: from a linear, a density and a random start, of networks as they are and pruned.
 *
 * <p>{@code java AccuracyAgainstBits.java COMPRESS DATA FINETUNE OUTPUT MODEL...}: the launcher, the
 * data set, how many epochs the shared values are trained (0 for none), and the networks, the first
 * as it is and others pruned. Writes {@code OUTPUT.csv} and {@code OUTPUT.svg}.
 *
 * @see <a href="https://arxiv.org/abs/1510.00149">Han, Mao and Dally 2016</a>, section 6.1
 */
class AccuracyAgainstBits {
  private static final List<String> INITS = List.of("linear", "density", "random");
  private static final int FEWEST = 2;
  private static final int MOST = 8;
  private static final Pattern AFTER = Pattern.compile("\"metric_after\"\\s*:\\s*([0-9.eE+-]+)");
  private static final String[] COLORS = {"#1b6ca8", "#d1495b", "#66a182"};

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("bits");
    Map<String, List<Double>> lines = new LinkedHashMap<>();
    for (String model : List.of(args).subList(4, args.length)) {
      for (String init : INITS) {
        List<Double> accuracies = new ArrayList<>();
        for (int bits = FEWEST; bits <= MOST; bits++) {
          Path out = folder.resolve("out.onnx");
          List<String> command = new ArrayList<>(List.of(args[0], "quantize", model));
          command.addAll(List.of("--scheme", "kmeans", "--init", init, "--bits", "" + bits));
          command.addAll(List.of("--data", args[1], "--seed", "1", "--threads", "1"));
          if (!args[2].equals("0")) {
            command.addAll(List.of("--finetune", args[2], "--optimizer", "adam"));
            command.addAll(List.of("--learning-rate", "0.0005"));
          }
          command.addAll(List.of("-o", out.toString(), "--force", "--json"));
          accuracies.add(accuracy(command));
        }
        String name = Path.of(model).getFileName().toString().replace(".onnx", "");
        lines.put(name + ", " + init, accuracies);
        System.err.println(name + ", " + init + ": " + accuracies);
      }
    }
    Files.writeString(Path.of(args[3] + ".csv"), csv(lines));
    Files.writeString(Path.of(args[3] + ".svg"), svg(lines));
  }

  private static double accuracy(List<String> command) throws IOException, InterruptedException {
    Process run =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String json = new String(run.getInputStream().readAllBytes());
    Matcher after = AFTER.matcher(json);
    if (run.waitFor() != 0 || !after.find()) {
      throw new IOException(String.join(" ", command) + " failed: " + json);
    }
    return Double.parseDouble(after.group(1));
  }

  private static String csv(Map<String, List<Double>> lines) {
    StringBuilder csv = new StringBuilder("network,init");
    for (int bits = FEWEST; bits <= MOST; bits++) {
      csv.append(",").append(bits);
    }
    lines.forEach((name, accuracies) -> {
      csv.append("\n").append(name.replace(", ", ","));
      accuracies.forEach(a -> csv.append(",").append(a));
    });
    return csv.append("\n").toString();
  }

  /** The error, on a logarithmic axis: between 98 and 99 % there is as much as above 90. */
  private static String svg(Map<String, List<Double>> lines) {
    StringBuilder svg =
        new StringBuilder(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"400\""
                + " font-family=\"sans-serif\" font-size=\"12\">\n"
                + "<rect width=\"640\" height=\"400\" fill=\"white\"/>\n"
                + "<text x=\"60\" y=\"20\">Test error against bits a weight</text>\n");
    for (double error : new double[] {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1}) {
      svg.append(
          "<line x1=\"60\" x2=\"420\" y1=\"%1$.1f\" y2=\"%1$.1f\" stroke=\"#ddd\"/><text x=\"20\""
                  .formatted(y(error))
              + " y=\"%.1f\">%.0f %%</text>\n".formatted(y(error) + 4, 100 * error));
    }
    for (int bits = FEWEST; bits <= MOST; bits++) {
      svg.append("<text x=\"%.1f\" y=\"375\">%d</text>\n".formatted(x(bits) - 3, bits));
    }
    int line = 0;
    for (Map.Entry<String, List<Double>> entry : lines.entrySet()) {
      StringBuilder points = new StringBuilder();
      for (int i = 0; i < entry.getValue().size(); i++) {
        points.append("%.1f,%.1f ".formatted(x(FEWEST + i), y(1 - entry.getValue().get(i))));
      }
      String style =
          "stroke=\"%s\" stroke-width=\"2\"%s"
              .formatted(
                  COLORS[line % COLORS.length],
                  line < COLORS.length ? "" : " stroke-dasharray=\"5 4\"");
      int at = 50 + 20 * line;
      svg.append("<polyline fill=\"none\" %s points=\"%s\"/>\n".formatted(style, points));
      svg.append(
          "<line x1=\"435\" x2=\"460\" y1=\"%1$d\" y2=\"%1$d\" %2$s/>\n".formatted(at, style));
      svg.append("<text x=\"465\" y=\"%d\">%s</text>\n".formatted(at + 4, entry.getKey()));
      line++;
    }
    return svg.append("</svg>\n").toString();
  }

  private static double x(int bits) {
    return 60 + 360.0 * (bits - FEWEST) / (MOST - FEWEST);
  }

  private static double y(double error) {
    double log = Math.log10(Math.clamp(error, 0.008, 1));
    return 30 + 330 * log / Math.log10(0.008);
  }

  static {
    Locale.setDefault(Locale.ROOT);
  }
}
