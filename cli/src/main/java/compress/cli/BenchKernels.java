package compress.cli;

import compress.cli.bench.Forks;
import compress.cli.bench.KernelReport;
import compress.cli.bench.KernelTable;
import compress.cli.bench.SweepOptions;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code compress bench kernels}: how fast sparse and few-bit weights are multiplied here. */
@Command(
    name = "kernels",
    mixinStandardHelpOptions = true,
    description = {
      "Multiplies random weights [m, k] with activations [k, n] by every kernel that takes them, and"
          + " says how long it took beside the fastest dense product in 32-bit floats. Each answer is"
          + " checked before its time is printed. Lists and ranges give all combinations.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress bench kernels",
      "  compress bench kernels --shape 1024x1024 --n 16,64,960 --pattern unstructured,block:8x1"
          + " --sparsity 0.5:0.95:0.05",
      "  compress bench kernels --shape 8192x4096 --n 1 --values int8,int4:32,int2,binary --weights"
          + " cold --threads 2",
      "  compress bench kernels --pattern bank:32,bank:64,bank:128 --sparsity 0.9 --forks 3 --format"
          + " csv"
    })
final class BenchKernels implements Callable<Integer> {
  /** How results are printed. */
  private enum Format {
    TABLE,
    CSV,
    MARKDOWN,
    JSON
  }

  @Mixin private Console console;
  @Mixin private SweepOptions options;

  @Option(
      names = "--forks",
      paramLabel = "N",
      description =
          "Virtual machines that measure everything, one after the other. The result is the median of"
              + " their medians. Default: ${DEFAULT-VALUE}.")
  private int forks = 1;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "table, csv, markdown or json (as --json). Default: table.")
  private @Nullable Format format;

  @Override
  public Integer call() throws Exception {
    if (forks < 1) {
      throw new IllegalArgumentException("--forks " + forks + "; at least 1");
    }
    if (console.json() && format != null && format != Format.JSON) {
      throw new IllegalArgumentException("give either --json or --format");
    }
    KernelReport report = Forks.measure(options.sweep(), forks, console.progress());
    report.remarks().forEach(console::remark);
    KernelTable table = new KernelTable(report);
    switch (format == null ? Format.TABLE : format) {
      case TABLE -> console.print(report.document(), table.text());
      case CSV -> print(table.csv());
      case MARKDOWN -> print(table.markdown());
      case JSON -> print(Json.text(report.document()));
    }
    return Exit.DONE;
  }

  private void print(String text) {
    console.out().print(text);
    console.out().flush();
  }
}
