import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A table and a plot of what {@code mnist.sh} measured: errors of students by the temperature they
 * were taught at, beside those of the same students alone and of the teacher.
 *
 * <p>{@code java -cp 'cli/target/lib/*' samples/distill/Temperature.java OUT/reports PLOT.svg}
 */
class Temperature {
  /** By temperature the errors of each seed. */
  private final SortedMap<Double, List<Long>> taught = new TreeMap<>();

  private final List<Long> alone = new ArrayList<>();
  private long teacher;

  public static void main(String[] args) throws IOException {
    Temperature read = new Temperature();
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        read.add(JsonMapper.shared().readTree(Files.readString(file)).get("stages").get(0));
      }
    }
    System.out.print(read.table());
    Files.writeString(Path.of(args[1]), read.plot());
  }

  private void add(JsonNode stage) {
    double temperature = Double.parseDouble(stage.get("options").get("temperature").asString());
    for (JsonNode row : stage.get("details").get("comparison")) {
      JsonNode omitted = row.get("omitted");
      String who = row.get("network").asString();
      if (omitted != null) {
        if (!who.equals("student before")) {
          missing(who, row, omitted);
        }
        continue;
      }
      long errors = errors(row, "accuracy");
      switch (who) {
        case "teacher" -> teacher = errors;
        case "student alone" -> alone.add(errors);
        case "student" -> taught.computeIfAbsent(temperature, t -> new ArrayList<>()).add(errors);
        default -> {}
      }
    }
  }

  private static long errors(JsonNode facts, String accuracy) {
    return Math.round((1 - facts.get(accuracy).asDouble()) * 10_000);
  }

  private static void missing(String who, JsonNode row, JsonNode omitted) {
    System.out.printf(
        Locale.ROOT,
        "without %s: %s makes %d errors and knows %.2f %% of them; with a bias of %.1f, %d errors"
            + " and %.2f %%%n",
        omitted.get("classes"),
        who,
        errors(row, "accuracy"),
        100 * omitted.get("accuracy_on_omitted").asDouble(),
        omitted.get("bias").asDouble(),
        errors(omitted, "accuracy_with_bias"),
        100 * omitted.get("accuracy_on_omitted_with_bias").asDouble());
  }

  private String table() {
    StringBuilder text = new StringBuilder("| | errors of 10,000, by seed | mean |\n|---|---|---|\n");
    text.append("| teacher | %d | |\n".formatted(teacher));
    text.append(row("student alone", alone));
    taught.forEach((t, errors) -> text.append(row("taught at T = %.0f".formatted(t), errors)));
    return text.toString();
  }

  private static String row(String who, List<Long> errors) {
    String each = String.join(", ", errors.stream().map(String::valueOf).toList());
    return String.format(Locale.ROOT, "| %s | %s | %.0f |%n", who, each, mean(errors));
  }

  private static double mean(List<Long> errors) {
    return errors.stream().mapToLong(Long::longValue).average().orElse(Double.NaN);
  }

  /** Errors over temperatures, which stand side by side; a dot for each seed, lines for the means. */
  private String plot() {
    long most = 1;
    for (List<Long> errors : taught.values()) {
      most = Math.max(most, errors.stream().mapToLong(Long::longValue).max().orElse(0));
    }
    most = Math.max(most, alone.stream().mapToLong(Long::longValue).max().orElse(0));
    double scale = 280.0 / (most * 1.1);
    StringBuilder svg =
        new StringBuilder(
            "<svg xmlns='http://www.w3.org/2000/svg' width='560' height='380' font-family='sans-serif'"
                + " font-size='13'>\n<rect width='560' height='380' fill='white'/>\n");
    level(svg, "teacher", teacher, scale, "#2a7");
    level(svg, "student alone, mean", mean(alone), scale, "#c33");
    StringBuilder line = new StringBuilder();
    int i = 0;
    for (var entry : taught.entrySet()) {
      double x = 110 + 100.0 * i++;
      entry.getValue().forEach(e -> dot(svg, x, 320 - e * scale));
      line.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, 320 - mean(entry.getValue()) * scale));
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x='%.1f' y='342' text-anchor='middle'>T = %.0f</text>%n",
              x,
              entry.getKey()));
    }
    svg.append("<polyline fill='none' stroke='#36c' stroke-width='2' points='%s'/>\n".formatted(line));
    svg.append("<line x1='60' y1='320' x2='540' y2='320' stroke='black'/>\n");
    svg.append("<text x='60' y='24'>errors on 10,000 test images of MNIST; dots are seeds</text>\n");
    return svg.append("</svg>\n").toString();
  }

  private static void dot(StringBuilder svg, double x, double y) {
    svg.append(
        String.format(Locale.ROOT, "<circle cx='%.1f' cy='%.1f' r='4' fill='#36c'/>%n", x, y));
  }

  private static void level(
      StringBuilder svg, String what, double errors, double scale, String colour) {
    double y = 320 - errors * scale;
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1='60' y1='%.1f' x2='540' y2='%.1f' stroke='%s' stroke-dasharray='6 4'/>"
                + "<text x='540' y='%.1f' text-anchor='end' fill='%s'>%s: %.0f</text>%n",
            y,
            y,
            colour,
            y - 5,
            colour,
            what,
            errors));
  }
}
