package compress.cli;

import compress.cli.options.GateOptions;
import compress.cli.report.ReportDifference;
import compress.cli.report.ReportFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code compress diff-report}: what changed between two runs. */
@Command(
    name = "diff-report",
    mixinStandardHelpOptions = true,
    description = {
      "Says what changed between two reports of runs, or of comparisons: options, versions, machine,"
          + " and the figures. With bounds the second is judged as if the first was the original:"
          + " --max-drop 0.2%% --min-ratio 0.99 lets it be little worse and little larger.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress diff-report before.report.json after.report.json",
      "  compress diff-report main/compared branch/compared --max-drop 0.2%% --min-ratio 0.99"
    })
final class DiffReport implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private GateOptions bounds;

  @Parameters(index = "0", paramLabel = "A", description = "A report, or a comparison's folder.")
  private Path first;

  @Parameters(index = "1", paramLabel = "B", description = "The same, later.")
  private Path second;

  @Override
  public Integer call() throws IOException {
    ReportDifference difference =
        ReportDifference.of(ReportFile.read(first), ReportFile.read(second));
    List<String> missed = difference.missed(bounds);
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("a", first.toString());
    document.put("b", second.toString());
    document.put("circumstances", difference.circumstances());
    document.put("figures", difference.figures());
    document.put("only_in_a", difference.onlyA());
    document.put("only_in_b", difference.onlyB());
    document.put("missed", missed);
    console.print(document, difference);
    missed.forEach(console::complain);
    return missed.isEmpty() ? Exit.DONE : Exit.GATE_MISSED;
  }
}
