package compress.cli;

import compress.cli.latency.Latencies;
import compress.cli.options.DataOptions;
import compress.cli.options.GateOptions;
import compress.cli.options.NamedInputs;
import compress.cli.pipeline.Evaluation;
import compress.cli.pipeline.Gates;
import compress.cli.pipeline.OpenModel;
import compress.cli.pipeline.TensorDifference;
import compress.cli.recipe.EvalOptions;
import compress.model.Tensor;
import compress.train.Engine;
import compress.train.Evaluator;
import compress.train.OutputComparison;
import compress.train.Progress;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compress diff}: how far two models are apart. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Compares two models: tensor by tensor, and, with data, by their answers. The first is the"
          + " reference.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress diff model.onnx shared.onnx",
      "  compress diff model.onnx model.cmpr --data mnist/",
      "  compress diff encoder.onnx encoder.cmpr --data sentences.jsonl",
      "  compress diff model.onnx model.cmpr --random-data 100 --json"
    })
final class Diff implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private EvalOptions options;
  @Mixin private DataOptions data;
  @Mixin private GateOptions gates;

  @Parameters(index = "0", paramLabel = "A", description = "ONNX, safetensors or .cmpr file.")
  private Path first;

  @Parameters(index = "1", paramLabel = "B", description = "The same, to compare with A.")
  private Path second;

  @Option(
      names = "--random-data",
      paramLabel = "N",
      description =
          "Compare the answers to N random samples, which says little of real ones. Default: 0,"
              + " none. (--data FILE.jsonl takes lines with arrays of tokens.)")
  private int randomData = 0;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "For random samples. Default: ${DEFAULT-VALUE}.")
  private long seed = 0;

  @Override
  public Integer call() throws IOException {
    if (data.given() && randomData > 0) {
      throw new IllegalArgumentException("give either --data or --random-data");
    }
    if (gates.maxDrop() != null) {
      throw new IllegalArgumentException(
          "diff measures no accuracy; take --max-drop to 'compress run', 'compare' or 'gate'");
    }
    List<String> missed;
    try (OpenModel a = OpenModel.open(first);
        OpenModel b = OpenModel.open(second)) {
      List<TensorDifference> tensors = TensorDifference.between(a.model(), b.model());
      List<String> onlyA = TensorDifference.unmatched(a.model(), b.model());
      List<String> onlyB = TensorDifference.unmatched(b.model(), a.model());
      Optional<OutputComparison> outputs = outputs(a, b);
      console.print(
          document(a, b, tensors, onlyA, onlyB, outputs), text(tensors, onlyA, onlyB, outputs));
      missed = Gates.missed(Gates.of(gates, measured(a, b)));
    }
    missed.forEach(console::complain);
    return missed.isEmpty() ? Exit.DONE : Exit.GATE_MISSED;
  }

  /** The second beside the first. Times are taken if they are bounded only. */
  private Gates.Measured measured(OpenModel a, OpenModel b) throws IOException {
    Double speedup = null;
    if (gates.minSpeedup() != null) {
      speedup =
          Latencies.measure(List.of(a.plain(), b.plain()), 1, options.threads(), console.progress())
              .speedup();
    }
    return new Gates.Measured(null, (double) a.bytes() / b.bytes(), b.bytes(), speedup);
  }

  private Optional<OutputComparison> outputs(OpenModel a, OpenModel b) throws IOException {
    if (!data.given() && randomData == 0) {
      return Optional.empty();
    }
    try (Engine reference =
            Evaluation.engine(options.engine(), a.plain(), a.model(), options.threads());
        Engine other =
            Evaluation.engine(options.engine(), b.plain(), b.model(), options.threads())) {
      Path path = data.path().orElse(null);
      if (path == null) {
        return Optional.of(
            compare(reference, other, NamedInputs.random(reference.inputs(), randomData, seed)));
      }
      return Optional.of(
          NamedInputs.isJsonLines(path)
              ? compare(reference, other, tokens(path, reference))
              : compare(reference, other));
    }
  }

  private static List<Map<String, Tensor>> tokens(Path path, Engine engine) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return NamedInputs.read(path, engine.inputs());
  }

  private OutputComparison compare(Engine reference, Engine other) throws IOException {
    DataSplit split = data.read(seed).orElseThrow();
    DataSet samples = split.test().isEmpty() ? split.train() : split.test();
    return Evaluator.compare(reference, other, samples, split.preprocessing(), console.progress());
  }

  private OutputComparison compare(
      Engine reference, Engine other, List<Map<String, Tensor>> samples) throws IOException {
    OutputComparison.Collector collector = new OutputComparison.Collector();
    try (Progress.Task task = console.progress().start("compare", samples.size())) {
      for (Map<String, Tensor> sample : samples) {
        collector.add(answer(reference, sample), answer(other, sample));
        task.advance(1);
      }
    }
    return collector.result();
  }

  private static float[] answer(Engine engine, Map<String, Tensor> sample) throws IOException {
    return engine.run(sample).firstEntry().getValue().toFloats();
  }

  private SequencedMap<String, Object> document(
      OpenModel a,
      OpenModel b,
      List<TensorDifference> tensors,
      List<String> onlyA,
      List<String> onlyB,
      Optional<OutputComparison> outputs)
      throws IOException {
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("a", file(a));
    document.put("b", file(b));
    document.put("tensors", tensors.stream().map(Diff::describe).toList());
    document.put("only_in_a", onlyA);
    document.put("only_in_b", onlyB);
    if (outputs.isPresent()) {
      OutputComparison o = outputs.get();
      SequencedMap<String, Object> map = new LinkedHashMap<>();
      map.put("data", data.given() ? String.valueOf(data.path().orElseThrow()) : "random");
      map.put("samples", o.samples());
      map.put("kl_divergence", o.klDivergence());
      map.put("top1_agreement", o.top1Agreement());
      map.put("cosine", o.cosine());
      map.put("max_abs_difference", o.maxAbsDifference());
      map.put("mean_abs_difference", o.meanAbsDifference());
      map.put("mean_abs_reference", o.meanAbsReference());
      document.put("outputs", map);
    }
    return document;
  }

  private static Map<String, Object> file(OpenModel opened) throws IOException {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("file", opened.path().toString());
    map.put("bytes", opened.bytes());
    map.put("sha256", opened.sha256());
    return map;
  }

  private static Map<String, @Nullable Object> describe(TensorDifference d) {
    SequencedMap<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("name", d.name());
    map.put("size", d.size());
    map.put("max_error", d.maxError());
    map.put("rmse", d.rmse());
    // JSON has no infinity: equal tensors have none.
    map.put("sqnr_db", Double.isInfinite(d.sqnrDb()) ? null : d.sqnrDb());
    return map;
  }

  private String text(
      List<TensorDifference> tensors,
      List<String> onlyA,
      List<String> onlyB,
      Optional<OutputComparison> outputs) {
    StringBuilder text = new StringBuilder();
    Table table = new Table("tensor", ">entries", ">max |error|", ">rmse", ">SQNR");
    for (TensorDifference d : tensors) {
      boolean equal = Double.isInfinite(d.sqnrDb());
      table.row(
          d.name(),
          Figures.count(d.size()),
          equal ? "0" : Figures.number(d.maxError()),
          equal ? "0" : Figures.number(d.rmse()),
          equal ? "equal" : "%.1f dB".formatted(d.sqnrDb()));
    }
    text.append(table);
    onlyA.forEach(n -> text.append("only in ").append(first).append(": ").append(n).append('\n'));
    onlyB.forEach(n -> text.append("only in ").append(second).append(": ").append(n).append('\n'));
    outputs.ifPresent(o ->
        text.append(
            """

            answers to %s
            same class     %s
            KL divergence  %s nats
            cosine         %.6f
            max |error|    %s, mean %s of mean %s
            """
                .formatted(
                    Figures.count(o.samples(), data.given() ? "sample" : "random sample"),
                    Figures.percent(o.top1Agreement()),
                    Figures.number(o.klDivergence()),
                    o.cosine(),
                    Figures.number(o.maxAbsDifference()),
                    Figures.number(o.meanAbsDifference()),
                    Figures.number(o.meanAbsReference()))));
    return text.toString();
  }
}
