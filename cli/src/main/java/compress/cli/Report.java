package compress.cli;

import compress.cli.compare.Comparison;
import compress.cli.report.Csv;
import compress.cli.report.Markdown;
import compress.cli.report.Page;
import compress.cli.report.ReportFile;
import compress.model.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compress report}: a comparison as a page. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Makes of a comparison one HTML page that needs no network, with charts, tables, masks and"
          + " provenance; or Markdown for a pull request, or CSV.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress report compared",
      "  compress report compared -o page.html",
      "  compress report compared --markdown",
      "  compress report compared --csv -o trials.csv"
    })
final class Report implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(paramLabel = "DIR", description = "A comparison's folder, or its report.json.")
  private Path folder;

  @Option(names = "--markdown", description = "Markdown, to stdout if there is no --output.")
  private boolean markdown;

  @Option(
      names = "--csv",
      description = "A line for each trial, to stdout if there is no --output.")
  private boolean csv;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where it goes. Default: report.html in the comparison's folder.")
  private @Nullable Path output;

  @Option(
      names = "--force",
      description =
          "Replace an existing --output. Default: it is refused; report.html is always replaced.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    if (markdown && csv) {
      throw new IllegalArgumentException("give either --markdown or --csv");
    }
    Comparison comparison = ReportFile.read(folder).requireComparison();
    if (output != null && Files.exists(output) && !force) {
      throw new FileAlreadyExistsException(output.toString());
    }
    String text =
        markdown ? Markdown.of(comparison) : csv ? Csv.of(comparison) : Page.of(comparison);
    if ((markdown || csv) && output == null) {
      console.out().print(text);
      console.out().flush();
      return Exit.DONE;
    }
    Path to = output != null ? output : home().resolve("report.html");
    AtomicFile.write(to, text.getBytes(StandardCharsets.UTF_8));
    console.print(Map.of("file", to.toString(), "bytes", Files.size(to)), "wrote " + to + "\n");
    return Exit.DONE;
  }

  private Path home() {
    return Files.isDirectory(folder)
        ? folder
        : Optional.ofNullable(folder.getParent()).orElse(Path.of(""));
  }
}
