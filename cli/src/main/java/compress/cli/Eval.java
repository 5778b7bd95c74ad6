package compress.cli;

import compress.cli.options.DataOptions;
import compress.cli.options.NamedInputs;
import compress.cli.pipeline.Evaluation;
import compress.cli.pipeline.OpenModel;
import compress.cli.recipe.EvalOptions;
import compress.train.Accuracy;
import compress.train.Engine;
import compress.train.SentencePairs;
import compress.train.Spearman;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code compress eval}: how often a network is right. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the accuracy of a network on the test samples of a data set; or of a sentence"
          + " encoder, on lines of JSON with two arrays of tokens and a score, how well its"
          + " similarities follow the scores (Spearman's rank correlation).",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress eval model.onnx --data mnist/",
      "  compress eval model.cmpr --data mnist/ --engine torch --json",
      "  compress eval mnist-8.onnx --data mnist/ --scale 1",
      "  compress eval encoder.onnx --data sentence-pairs.jsonl"
    })
final class Eval implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private EvalOptions options;
  @Mixin private DataOptions data;

  @Parameters(paramLabel = "MODEL", description = "ONNX or .cmpr file.")
  private Path file;

  @Override
  public Integer call() throws IOException {
    Optional<Path> lines = data.path().filter(NamedInputs::isJsonLines);
    if (lines.isPresent()) {
      return sentencePairs(lines.get());
    }
    DataSplit split =
        data.read(0)
            .orElseThrow(
                () -> new IllegalArgumentException("--data is missing: what to evaluate on"));
    try (OpenModel opened = OpenModel.open(file)) {
      Accuracy accuracy =
          Evaluation.accuracy(
              options.engine(),
              opened.plain(),
              opened.model(),
              split,
              options.threads(),
              console.progress());
      SequencedMap<String, Object> document = new LinkedHashMap<>();
      document.put("file", file.toString());
      document.putAll(Evaluation.describe(accuracy, options.engine()));
      console.print(
          document,
          "accuracy %s on %s (95 %%: %.2f to %.2f %%), by %s\n"
              .formatted(
                  Figures.percent(accuracy.value()),
                  Figures.count(accuracy.samples(), "test sample"),
                  100 * accuracy.low(),
                  100 * accuracy.high(),
                  options.engine().name().toLowerCase(Locale.ROOT)));
    }
    return Exit.DONE;
  }

  private int sentencePairs(Path lines) throws IOException {
    if (!Files.exists(lines)) {
      throw new NoSuchFileException(lines.toString());
    }
    try (OpenModel opened = OpenModel.open(file);
        Engine engine =
            Evaluation.engine(
                options.engine(), opened.plain(), opened.model(), options.threads())) {
      List<SentencePairs.Pair> pairs = NamedInputs.pairs(lines, engine.inputs());
      Spearman result = SentencePairs.spearman(engine, pairs, console.progress());
      SequencedMap<String, Object> document = new LinkedHashMap<>();
      document.put("file", file.toString());
      document.put("metric", "spearman");
      document.put("value", result.value());
      document.put("samples", result.samples());
      document.put("ci95", List.of(result.low(), result.high()));
      document.put("engine", engine.name());
      console.print(
          document,
          "Spearman correlation %.2f on %s (95 %%: %.2f to %.2f), times 100, by %s\n"
              .formatted(
                  100 * result.value(),
                  Figures.count(result.samples(), "sentence pair"),
                  100 * result.low(),
                  100 * result.high(),
                  engine.name()));
    }
    return Exit.DONE;
  }
}
