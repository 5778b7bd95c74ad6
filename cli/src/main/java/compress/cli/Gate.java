package compress.cli;

import compress.cli.options.GateOptions;
import compress.cli.pipeline.Gates;
import compress.cli.report.ReportFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compress gate}: whether a report keeps bounds. */
@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    description = {
      "Checks a report against bounds: exit code 3 and a line for each that is missed. A comparison"
          + " keeps them if one of its configurations keeps them all.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress gate small.report.json --max-drop 0.5%% --min-ratio 10",
      "  compress gate compared --max-drop 0.5%% --min-ratio 10 --min-speedup 1.5",
      "  compress gate compared --configuration 'block:8x1 0.9' --max-bytes 50000"
    })
final class Gate implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private GateOptions options;

  @Parameters(
      paramLabel = "REPORT",
      description =
          "What 'run' wrote or any command printed with --json, or a comparison's folder.")
  private Path file;

  @Option(
      names = "--configuration",
      paramLabel = "NAME",
      description = "Of a comparison, only this one: 'block:8x1 0.9'. Default: any.")
  private @Nullable String configuration;

  @Override
  public Integer call() throws IOException {
    if (!options.given()) {
      throw new IllegalArgumentException(
          "no bound; give --max-drop, --min-ratio, --max-bytes or --min-speedup");
    }
    List<Gates.Gate> gates = ReportFile.read(file).gates(options, configuration);
    List<String> missed = Gates.missed(gates);
    console.print(
        Map.of("gates", gates.stream().map(Gates.Gate::describe).toList()),
        gates.stream().filter(Gates.Gate::kept).map(g -> g + "\n").collect(Collectors.joining()));
    missed.forEach(console::complain);
    return missed.isEmpty() ? Exit.DONE : Exit.GATE_MISSED;
  }
}
