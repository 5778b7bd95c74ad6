package compress.cli;

import compress.cli.bench.ModelBars;
import compress.cli.bench.ModelBench;
import compress.cli.bench.ModelReport;
import compress.cli.bench.ModelSweep;
import compress.cli.bench.ModelTable;
import compress.cli.bench.Numbers;
import compress.cli.bench.Plot;
import compress.cli.pipeline.OpenModel;
import compress.kernels.measure.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compress bench model}: how much faster a compressed network is, layer by layer. */
@Command(
    name = "model",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a network on the bundled kernels from its packed weights, and again as if they were"
          + " dense, and in ONNX Runtime; says how long each layer and the whole take, and what the"
          + " layers alone predict. Inputs are random: what they hold does not change the time.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress bench model pruned.onnx",
      "  compress bench model model.cmpr --against original.onnx --batch 1,8 --threads 1,2",
      "  compress bench model pruned.onnx --forks 3 --plot where-time-goes.svg",
      "  compress bench model encoder.onnx --length 32 --json"
    })
final class BenchModel implements Callable<Integer> {
  /** What runs the network. */
  private enum Engine {
    BUNDLED,
    ONNXRUNTIME
  }

  @Mixin private Console console;

  @Parameters(paramLabel = "MODEL", description = "ONNX or .cmpr file.")
  private Path file;

  @Option(
      names = "--against",
      paramLabel = "MODEL",
      description =
          "The network before it was compressed: it is what is timed as dense. Default: the same"
              + " network.")
  private @Nullable Path against;

  @Option(
      names = "--batch",
      paramLabel = "N[,N...]",
      converter = Numbers.Counts.class,
      description = "Samples at a time. Default: 1.")
  private Numbers batch = new Numbers(List.of(1.0));

  @Option(
      names = "--threads",
      paramLabel = "N[,N...]",
      converter = Numbers.Counts.class,
      description = "Threads. Default: 1.")
  private Numbers threads = new Numbers(List.of(1.0));

  @Option(
      names = "--length",
      paramLabel = "N",
      description =
          "Length of input axes that the network leaves open, such as tokens. Default:"
              + " ${DEFAULT-VALUE}.")
  private int length = 128;

  @Option(
      names = "--engine",
      paramLabel = "NAME[,NAME]",
      split = ",",
      description = "What runs it: bundled, onnxruntime. Default: both.")
  private List<Engine> engines = List.of(Engine.BUNDLED, Engine.ONNXRUNTIME);

  @Option(
      names = "--forks",
      paramLabel = "N",
      description =
          "Virtual machines for each way of running it, in turns. The result is the median of their"
              + " medians. Default: ${DEFAULT-VALUE}.")
  private int forks = 1;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Timed runs in each, at least. Default: ${DEFAULT-VALUE}.")
  private int samples = 20;

  @Option(
      names = "--min-time",
      paramLabel = "MS",
      description = "How long to take samples, at least. Default: ${DEFAULT-VALUE}.")
  private double minMillis = 500;

  @Option(
      names = "--warm-up",
      paramLabel = "MS",
      description = "How long to run before, at least. Default: ${DEFAULT-VALUE}.")
  private double warmUpMillis = 1000;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "The random inputs follow from it. Default: 0.")
  private long seed;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Draw where the time goes to an .svg file too.")
  private @Nullable Path plot;

  @Option(
      names = "--force",
      description = "Replace an existing --plot file. Default: it is refused.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    for (int count : new int[] {forks, samples, length}) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "--forks %d, --samples %d, --length %d; each at least 1"
                .formatted(forks, samples, length));
      }
    }
    Path picture = plot;
    if (picture != null) {
      Plot.check(picture, force);
      if (!picture.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
        throw new IllegalArgumentException(picture + ": bars are drawn as .svg");
      }
    }
    Path dense = against;
    try (OpenModel opened = OpenModel.open(file);
        OpenModel other = OpenModel.open(dense == null ? file : dense)) {
      ModelSweep sweep =
          new ModelSweep(
              file.toString(),
              opened.plain(),
              Optional.ofNullable(dense).map(Path::toString),
              Optional.ofNullable(dense == null ? null : other.plain()),
              engines.contains(Engine.BUNDLED),
              engines.contains(Engine.ONNXRUNTIME),
              batch.asInts(),
              threads.asInts(),
              length,
              forks,
              new Timing.Plan(10, warmUpMillis, samples, minMillis),
              seed);
      ModelReport report = ModelBench.measure(sweep, console.progress());
      report.remarks().forEach(console::remark);
      if (picture != null) {
        ModelBars.write(report, picture);
      }
      console.print(report.document(), new ModelTable(report).text());
    }
    return Exit.DONE;
  }
}
