package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is made of one comparison: page, Markdown, CSV, gates and differences. */
class ReportTest {
  @TempDir static Path folder;
  private static Path compared;
  private static JsonNode report;

  @BeforeAll
  static void compare() throws Exception {
    // A name that would be a tag if it was not escaped.
    Path model = Samples.model(folder.resolve("a<script>alert(1)<b>.onnx"), 1);
    Path data = Samples.data(folder.resolve("data"), 60, 90);
    compared = folder.resolve("compared");
    Cli cli =
        Cli.run(
            "compare",
            model,
            "--data",
            data,
            "--patterns",
            "unstructured,2:4,neuron",
            "--sparsity",
            "0.5",
            "--bits",
            "32,2",
            "-o",
            compared,
            "--json");
    assertThat(cli.code()).as("%s", cli).isZero();
    report = cli.json();
  }

  private static Document page() throws Exception {
    Cli cli = Cli.run("report", compared);
    assertThat(cli.code()).as("%s", cli).isZero();
    return Jsoup.parse(Files.readString(compared.resolve("report.html")));
  }

  @Test
  void thePageNeedsNothingElse() throws Exception {
    Document page = page();
    for (Element e : page.select("[src], link, [href]")) {
      String at = e.hasAttr("src") ? e.attr("src") : e.attr("href");
      assertThat(at).as("%s", e.tagName()).matches("(data:image/png;base64,.*|#[a-z-]+)");
    }
    assertThat(page.select("h1").text()).isEqualTo("a<script>alert(1)<b>.onnx");
    assertThat(page.select("script")).hasSize(3);
    JsonNode data = JsonMapper.shared().readTree(page.expectFirst("#data").data());
    assertThat(data.get("configurations")).hasSize(report.get("configurations").size());
    assertThat(page.select("script").get(1).data()).contains("Apache License");
  }

  @Test
  void thePageCanBeHeard() throws Exception {
    Document page = page();
    assertThat(page.select("html").attr("lang")).isEqualTo("en");
    assertThat(page.select("h1")).hasSize(1);
    assertThat(page.select("[data-chart]")).hasSizeGreaterThanOrEqualTo(6);
    for (Element chart : page.select("[data-chart]")) {
      assertThat(chart.attr("role")).isEqualTo("img");
      assertThat(chart.attr("aria-label")).hasSizeGreaterThan(20);
    }
    for (Element image : page.select("img")) {
      assertThat(image.attr("alt")).startsWith("Mask of ");
    }
    for (Element section : page.select("main > section")) {
      Element title = page.getElementById(section.attr("aria-labelledby"));
      assertThat(title).as("title of %s", section.id()).isNotNull();
    }
    for (Element link : page.select("a[href]")) {
      assertThat(page.getElementById(link.attr("href").substring(1)))
          .as(link.attr("href"))
          .isNotNull();
    }
    for (Element table : page.select("table")) {
      assertThat(table.select("thead th[scope=col]")).isNotEmpty();
      int columns = table.select("thead th").size();
      for (Element row : table.select("tbody tr")) {
        assertThat(row.children()).as("%s", row).hasSize(columns);
      }
    }
    assertThat(page.select("#configurations tbody tr"))
        .hasSize(report.get("configurations").size());
    assertThat(page.select("#tests tbody tr")).hasSize(report.get("tests").size());
    assertThat(page.select("#layers details")).hasSize(report.get("configurations").size());
    assertThat(page.select("#masks img")).hasSize(3);
  }

  /** In a real browser, where there is one: every chart is drawn, and nothing is complained of. */
  @Test
  void aBrowserDrawsIt() throws Exception {
    Path chromium = Path.of("/usr/bin/chromium");
    assumeTrue(Files.isExecutable(chromium), "no Chromium here");
    page();
    Path dom = folder.resolve("dom.html");
    Path log = folder.resolve("chromium.log");
    Process browser =
        new ProcessBuilder(
                List.of(
                    chromium.toString(),
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--enable-logging=stderr",
                    "--user-data-dir=" + folder.resolve("profile"),
                    "--virtual-time-budget=5000",
                    "--dump-dom",
                    compared.resolve("report.html").toUri().toString()))
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    assertThat(browser.waitFor(2, TimeUnit.MINUTES)).isTrue();
    Document drawn = Jsoup.parse(Files.readString(dom));
    for (Element chart : drawn.select("[data-chart]")) {
      assertThat(chart.select("svg path, svg line, svg rect"))
          .as("%s\n%s", chart.attr("data-chart"), Files.readString(log))
          .hasSizeGreaterThan(3);
    }
    assertThat(Files.readString(log)).doesNotContain("Uncaught", "Error:");
  }

  @Test
  void markdownAndCsvHaveTheSameNumbers() throws Exception {
    Cli markdown = Cli.run("report", compared, "--markdown");
    assertThat(markdown.code()).isZero();
    List<String> rows = markdown.out().lines().filter(l -> l.startsWith("| ")).toList();
    assertThat(rows).hasSize(2 + report.get("configurations").size());
    long bars = rows.getFirst().chars().filter(c -> c == '|').count();
    assertThat(rows).allMatch(r -> r.chars().filter(c -> c == '|').count() == bars);
    assertThat(markdown.out()).doesNotContain("<script>");

    Path file = folder.resolve("trials.csv");
    assertThat(Cli.run("report", compared, "--csv", "-o", file).code()).isZero();
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(2 + report.get("trials").size());
    List<String> names = List.of(lines.getFirst().split(",", -1));
    for (int i = 0; i < report.get("trials").size(); i++) {
      String[] cells = lines.get(i + 2).split(",", -1);
      assertThat(cells).hasSameSizeAs(names);
      JsonNode trial = report.get("trials").get(i);
      assertThat(cells[names.indexOf("bytes")]).isEqualTo(trial.get("bytes").asString());
      assertThat(Double.parseDouble(cells[names.indexOf("accuracy")]))
          .isEqualTo(trial.at("/test/accuracy").asDouble());
    }
    assertThat(Cli.run("report", compared, "--csv", "-o", file).code()).isEqualTo(Exit.USAGE);
  }

  private static double figure(String configuration, String name) {
    for (JsonNode c : report.get("configurations")) {
      if (c.get("name").asString().equals(configuration)) {
        return c.get(name).asDouble();
      }
    }
    throw new AssertionError(configuration);
  }

  @Test
  void gatesOfAComparison() {
    String name = "unstructured 0.5 2-bit codebook";
    String[][] gates = {
      {"--max-drop", "drop", "-0.001", "0.001"},
      {"--min-ratio", "ratio", "0.01", "-0.01"},
      {"--max-bytes", "bytes", "-1", "1"},
      {"--min-speedup", "speedup", "0.01", "-0.01"}
    };
    for (String[] gate : gates) {
      double value = figure(name, gate[1]);
      String missed = bound(gate[1], value + Double.parseDouble(gate[2]));
      String kept = bound(gate[1], value + Double.parseDouble(gate[3]));
      Cli cli = Cli.run("gate", compared, "--configuration", name, gate[0] + "=" + missed);
      assertThat(cli.code()).as("%s %s%n%s", gate[0], missed, cli).isEqualTo(Exit.GATE_MISSED);
      assertThat(cli.err().lines()).hasSize(1);
      assertThat(cli.err()).contains(gate[0].substring(2) + " missed: ", ", bound ");
      cli = Cli.run("gate", compared, "--configuration", name, gate[0] + "=" + kept);
      assertThat(cli.code()).as("%s %s%n%s", gate[0], kept, cli).isZero();
      assertThat(cli.out()).contains(gate[0].substring(2) + " kept: ");
    }
    Cli both = Cli.run("gate", compared, "--min-ratio", "1000", "--max-bytes", "1");
    assertThat(both.code()).isEqualTo(Exit.GATE_MISSED);
    assertThat(both.err().lines()).hasSize(2);
    assertThat(Cli.run("gate", compared).err()).contains("no bound");
    assertThat(Cli.run("gate", compared, "--configuration", "x", "--min-ratio", "1").err())
        .contains("no configuration is called 'x'");
  }

  private static String bound(String name, double value) {
    return name.equals("bytes") ? Long.toString(Math.round(value)) : Double.toString(value);
  }

  @Test
  void gatesOfARun() throws Exception {
    Path model = folder.resolve("a<script>alert(1)<b>.onnx");
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        "model: '"
            + model.getFileName()
            + "'\ndata: data\nstages:\n"
            + "  - {stage: prune, sparsity: 0.5}\n  - {stage: encode}\n");
    Path out = folder.resolve("run.cmpr");
    Cli run = Cli.run("run", recipe, "-o", out, "--min-speedup", "0.0001", "--json");
    assertThat(run.code()).as("%s", run).isEqualTo(Exit.USAGE);
    run = Cli.run("run", recipe, "-o", out, "-S", "gates.min-speedup=0.0001", "--json");
    assertThat(run.code()).as("%s", run).isZero();
    JsonNode json = run.json();
    assertThat(json.get("speedup").asDouble()).isPositive();
    assertThat(json.get("latencies_before")).isNotEmpty();
    Path written = folder.resolve("run.report.json");
    double drop = json.get("metric_before").asDouble() - json.get("metric_after").asDouble();
    double ratio = json.get("ratio").asDouble();
    Object[][] kept = {
      {"--max-drop=" + (drop + 0.001)},
      {"--min-ratio=" + ratio},
      {"--max-bytes=" + Files.size(out)},
      {"--min-speedup=0.0001"}
    };
    Object[][] missed = {
      {"--max-drop=" + (drop - 0.001)},
      {"--min-ratio=" + (ratio + 0.01)},
      {"--max-bytes=" + (Files.size(out) - 1)},
      {"--min-speedup=1000000"}
    };
    for (Object[] gate : kept) {
      assertThat(Cli.run("gate", written, gate[0]).code()).as("%s", gate).isZero();
    }
    for (Object[] gate : missed) {
      Cli cli = Cli.run("gate", written, gate[0]);
      assertThat(cli.code()).as("%s", gate).isEqualTo(Exit.GATE_MISSED);
      assertThat(cli.err().lines()).hasSize(1);
    }
    Cli tooSlow = Cli.run("run", recipe, "-o", out, "--force", "-S", "gates.min-speedup=1000000");
    assertThat(tooSlow.code()).isEqualTo(Exit.GATE_MISSED);
    assertThat(tooSlow.err()).contains("min-speedup missed: ", "bound 1000000");
    Path nothing = folder.resolve("nothing.json");
    Files.writeString(nothing, "{\"a\": 1}", StandardCharsets.UTF_8);
    assertThat(Cli.run("gate", nothing, "--min-ratio", "1").code()).isEqualTo(Exit.BAD_INPUT);
    Files.writeString(nothing, "{\"output\": {\"bytes\": 3}}", StandardCharsets.UTF_8);
    Cli unmeasured = Cli.run("gate", nothing, "--max-drop", "0.1");
    assertThat(unmeasured.code()).isEqualTo(Exit.GATE_MISSED);
    assertThat(unmeasured.err()).contains("max-drop missed: not measured, bound 0.1");
  }

  @Test
  void differencesBetweenReports() throws Exception {
    Cli same = Cli.run("diff-report", compared, compared, "--max-drop", "0", "--min-ratio", "1");
    assertThat(same.code()).as("%s", same).isZero();
    assertThat(same.out()).contains("same model, data, options, versions and machine");

    Path other = folder.resolve("other");
    Files.createDirectories(other);
    String text = Files.readString(compared.resolve("report.json"));
    JsonNode trial = report.get("configurations").get(0);
    Files.writeString(
        other.resolve("report.json"),
        text.replace(
                "\"bytes\" : " + trial.get("bytes").asLong() + ",",
                "\"bytes\" : " + 2 * trial.get("bytes").asLong() + ",")
            .replace("\"seeds\" : 1,\n    \"threads\" : 1", "\"seeds\" : 1,\n    \"threads\" : 2"));
    Cli changed = Cli.run("diff-report", compared, other, "--min-ratio", "0.9");
    assertThat(changed.code()).as("%s", changed).isEqualTo(Exit.GATE_MISSED);
    assertThat(changed.out()).contains("budget.threads  1  2", "+100.0 %");
    assertThat(changed.err())
        .contains(trial.get("name").asString() + ": min-ratio missed: 0.5, bound 0.9");
    Cli json = Cli.run("diff-report", compared, other, "--json");
    assertThat(json.json().get("figures")).hasSize(report.get("configurations").size());
  }
}
