package compress.cli;

import compress.cli.options.DataOptions;
import compress.cli.options.PruneStageOptions;
import compress.cli.options.SensitivityFile;
import compress.cli.pipeline.OpenModel;
import compress.cli.pipeline.RunFlags;
import compress.cli.recipe.RunOptions;
import compress.model.AtomicFile;
import compress.prune.Judge;
import compress.prune.PruneOptions;
import compress.prune.Sensitivity;
import compress.train.Context;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code prune --sensitivity} does instead of pruning. */
final class PruneSensitivity {
  @Option(
      names = "--sensitivity",
      description =
          "Prune nothing, but measure what each layer costs if it alone is pruned; --output gets"
              + " it as JSON, which --allocation sensitivity:FILE takes. Default: off.")
  private boolean wanted;

  @Option(
      names = "--sparsities",
      paramLabel = "X",
      split = ",",
      description = "The sparsities to measure at. Default: ${DEFAULT-VALUE}.")
  private List<Double> sparsities = List.of(0.3, 0.5, 0.7, 0.8, 0.9, 0.95);

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description =
          "What to measure: accuracy on the validation part; kl: divergence of the answers; mse:"
              + " their relative square error. Default: accuracy if there are labels, else kl, or"
              + " mse if answers are no vectors.")
  private Judge.@Nullable Metric metric;

  @Option(names = "--plot", paramLabel = "FILE", description = "Draw it, as SVG. Default: no.")
  private @Nullable Path plot;

  boolean wanted() {
    return wanted;
  }

  int run(
      Path file,
      PruneStageOptions options,
      DataOptions data,
      RunOptions run,
      RunFlags flags,
      Console console)
      throws IOException {
    for (Path path : outputs(run)) {
      if (Files.exists(path) && !flags.force()) {
        throw new FileAlreadyExistsException(path.toString());
      }
    }
    try (OpenModel opened = OpenModel.open(file)) {
      Context context =
          Context.of(run.seed()).withThreads(run.threads()).withProgress(console.progress());
      Optional<DataSplit> split = data.read(run.seed());
      context = split.isPresent() ? context.withData(split.get()) : context;
      PruneOptions scanned = options.scan(opened.model());
      Sensitivity scan =
          Sensitivity.scan(
              opened.model(), scanned, sparsities, Optional.ofNullable(metric), context);
      SequencedMap<String, Object> document = SensitivityFile.document(scan);
      document.putFirst("file", file.toString());
      if (run.output().isPresent()) {
        write(run.output().get(), Json.text(document));
      }
      if (plot != null) {
        write(plot, SensitivityPlot.of(scan));
      }
      console.print(document, text(scan));
    }
    return Exit.DONE;
  }

  private List<Path> outputs(RunOptions run) {
    List<Path> outputs = new ArrayList<>();
    run.output().ifPresent(outputs::add);
    Optional.ofNullable(plot).ifPresent(outputs::add);
    return outputs;
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Sensitivity scan) {
    List<String> names = new ArrayList<>(List.of("layer", ">weights"));
    scan.sparsities().forEach(s -> names.add(">" + Figures.number(s)));
    Table table = new Table(names.toArray(String[]::new));
    boolean accuracy = scan.metric() == Judge.Metric.ACCURACY;
    for (Sensitivity.Curve curve : scan.curves()) {
      List<Object> cells = new ArrayList<>(List.of(curve.name(), Figures.count(curve.weights())));
      for (double loss : curve.losses()) {
        cells.add(accuracy ? "%.2f".formatted(-100 * loss) : Figures.number(loss));
      }
      table.row(cells.toArray());
    }
    StringBuilder text = new StringBuilder();
    text.append(
        switch (scan.metric()) {
          case ACCURACY ->
              "points of accuracy gained, of %s on the validation part, if one layer is so sparse\n\n"
                  .formatted(Figures.percent(scan.baseline()));
          case KL -> "KL divergence of the answers in nats, if one layer is so sparse\n\n";
          case MSE -> "relative square error of the answers, if one layer is so sparse\n\n";
        });
    text.append(table);
    scan.skipped()
        .forEach(s ->
            text.append("skipped ").append(s.name()).append(": ").append(s.reason()).append('\n'));
    return text.toString();
  }
}
