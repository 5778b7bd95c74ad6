package compress.cli;

import compress.cli.bench.Forks;
import compress.cli.bench.KernelReport;
import compress.cli.bench.KernelTable;
import compress.cli.bench.KernelTuning;
import compress.cli.bench.Plot;
import compress.cli.bench.SweepOptions;
import compress.kernels.measure.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
      "  compress bench kernels --n 16,64,960 --sparsity 0.5:0.95:0.05 --plot speed.svg",
      "  compress bench kernels --shape 8192x4096 --n 1 --values int8,int4:32,int2,binary"
          + " --weights cold --threads 2",
      "  compress bench kernels --pattern bank:32,bank:64 --sparsity 0.9 --forks 3 --format csv",
      "  compress bench kernels --tune"
    })
final class BenchKernels implements Callable<Integer> {
  /** How results are printed. */
  private enum Format {
    TABLE,
    CSV,
    MARKDOWN,
    JSON
  }

  /** Options that a tuning run does not take: it has cases and samples of its own. */
  private static final List<String> NOT_WITH_TUNE =
      List.of(
          "--shape",
          "--m",
          "--k",
          "--n",
          "--pattern",
          "--sparsity",
          "--values",
          "--weights",
          "--samples",
          "--min-time",
          "--warm-up",
          "--rivals",
          "--forks",
          "--min-speedup",
          "--format",
          "--plot");

  @Spec private CommandSpec spec;
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

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description =
          "Draw speed-up against sparsity, and the roofline, to an .svg or .html file too.")
  private @Nullable Path plot;

  @Option(
      names = "--force",
      description = "Replace an existing --plot file. Default: it is refused.")
  private boolean force;

  @Option(
      names = "--min-speedup",
      paramLabel = "X",
      description =
          "Exit code 3 unless the fastest kernel of each pattern and size is this many times as fast"
              + " as dense. Default: any.")
  private @Nullable Double minSpeedup;

  @Option(
      names = "--tune",
      description =
          "Measure a table for this processor and number of threads, and keep it: which kernel runs"
              + " where is then chosen by it.")
  private boolean tune;

  @Option(
      names = "--budget",
      paramLabel = "SECONDS",
      description = "How long --tune may take, for all --threads. Default: ${DEFAULT-VALUE}.")
  private double budgetSeconds = 170;

  @Override
  public Integer call() throws Exception {
    return tune ? tune() : measure();
  }

  private int tune() throws Exception {
    for (String option : NOT_WITH_TUNE) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new IllegalArgumentException("--tune measures cases of its own; leave out " + option);
      }
    }
    if (!(budgetSeconds > 0)) {
      throw new IllegalArgumentException("--budget " + budgetSeconds + "; more than 0 seconds");
    }
    KernelTuning tuning =
        KernelTuning.measure(options.threads(), budgetSeconds, options.seed(), console.progress());
    tuning.remarks().forEach(console::remark);
    console.print(tuning.document(), tuning.text());
    return Exit.DONE;
  }

  private int measure() throws Exception {
    if (forks < 1) {
      throw new IllegalArgumentException("--forks " + forks + "; at least 1");
    }
    if (console.json() && format != null && format != Format.JSON) {
      throw new IllegalArgumentException("give either --json or --format");
    }
    if (spec.commandLine().getParseResult().hasMatchedOption("--budget")) {
      throw new IllegalArgumentException("--budget is for --tune");
    }
    Path picture = plot;
    if (picture != null) {
      Plot.check(picture, force);
    }
    KernelReport report = Forks.measure(options.sweep(), forks, console.progress());
    report.remarks().forEach(console::remark);
    if (picture != null) {
      Plot.write(report, picture);
    }
    KernelTable table = new KernelTable(report);
    List<String> missed = missed(report);
    switch (format == null ? Format.TABLE : format) {
      case TABLE -> console.print(report.document(), table.text());
      case CSV -> print(table.csv());
      case MARKDOWN -> print(table.markdown());
      case JSON -> print(Json.text(report.document()));
    }
    missed.forEach(console::complain);
    return missed.isEmpty() ? Exit.DONE : Exit.GATE_MISSED;
  }

  /** A line for each pattern and size whose fastest kernel is too slow. */
  private List<String> missed(KernelReport report) {
    Double bound = minSpeedup;
    if (bound == null) {
      return List.of();
    }
    SequencedMap<String, Double> best = new LinkedHashMap<>();
    for (Result r : report.results()) {
      if (!r.layout().equals("rival")
          && !(r.pattern().equals("dense") && r.values().equals("f32"))) {
        String subject =
            "%s %s %s, %d x %d weights, %d columns, %d threads"
                .formatted(
                    r.pattern(),
                    Figures.number(r.sparsity()),
                    r.values(),
                    r.m(),
                    r.k(),
                    r.n(),
                    r.threads());
        best.merge(subject, r.speedup(), Math::max);
      }
    }
    List<String> missed = new ArrayList<>();
    best.forEach((subject, speedup) -> {
      if (speedup < bound) {
        missed.add(
            "%s: min-speedup missed: %s, bound %s"
                .formatted(subject, Figures.number(speedup), Figures.number(bound)));
      }
    });
    return missed;
  }

  private void print(String text) {
    console.out().print(text);
    console.out().flush();
  }
}
