package compress.cli.pipeline;

import compress.cli.options.NamedInputs;
import compress.cli.recipe.RunOptions.EngineKind;
import compress.model.Model;
import compress.train.Accuracy;
import compress.train.Engine;
import compress.train.Evaluator;
import compress.train.Progress;
import compress.train.Speed;
import compress.train.data.DataSplit;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import compress.train.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Networks run over data sets by an engine of choice. */
public final class Evaluation {
  private Evaluation() {}

  /**
   * @param plain the ONNX file that {@code model} was read from
   * @throws IllegalArgumentException if the model has no graph
   */
  public static Engine engine(EngineKind kind, Path plain, Model model, int threads)
      throws IOException {
    if (model.graph().isEmpty()) {
      throw new IllegalArgumentException(
          plain.getFileName()
              + ": has no graph, so it cannot be run; safetensors hold weights only");
    }
    return switch (kind) {
      case TORCH -> new TorchEngine(model, threads);
      case ONNXRUNTIME -> new OnnxRuntimeEngine(plain, threads);
      case BUNDLED -> new BundledEngine(plain, model, threads);
    };
  }

  /** Whether there are samples that an accuracy can be measured on. */
  public static boolean possible(DataSplit data, Model model) {
    return !data.test().isEmpty() && data.test().hasLabels() && model.graph().isPresent();
  }

  /** Accuracy on the test part. */
  public static Accuracy accuracy(
      EngineKind kind, Path plain, Model model, DataSplit data, int threads, Progress progress)
      throws IOException {
    if (data.test().isEmpty() || !data.test().hasLabels()) {
      throw new IllegalArgumentException("the data has no labelled test samples");
    }
    try (Engine engine = engine(kind, plain, model, threads)) {
      return Evaluator.accuracy(engine, data.test(), data.preprocessing(), progress);
    }
  }

  /** As reports have it. */
  public static SequencedMap<String, Object> describe(Accuracy accuracy, EngineKind kind) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("metric", "accuracy");
    map.put("value", accuracy.value());
    map.put("samples", accuracy.samples());
    map.put("correct", accuracy.correct());
    map.put("ci95", List.of(accuracy.low(), accuracy.high()));
    map.put("engine", kind.name().toLowerCase(java.util.Locale.ROOT));
    return map;
  }

  /**
   * How long both networks take in ONNX Runtime for one sample of random numbers, whose values
   * change no time.
   */
  public static Speed speed(Path before, Path after, Model model, int threads) throws IOException {
    try (Engine first = engine(EngineKind.ONNXRUNTIME, before, model, threads);
        Engine second = engine(EngineKind.ONNXRUNTIME, after, model, threads)) {
      return Speed.of(
          first, second, NamedInputs.random(model.graph().orElseThrow().inputs(), 1, 0).getFirst());
    }
  }
}
