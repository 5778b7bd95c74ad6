package compress.cli.compare;

import compress.cli.Json;
import compress.cli.bench.Forks;
import compress.cli.bench.SweepOptions;
import compress.kernels.measure.Case;
import compress.model.Model;
import compress.model.Weights;
import compress.prune.OutputsFirst;
import compress.train.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What the kernels of the compared patterns do by themselves on a layer of the network. */
final class KernelSweep {
  private static final TypeReference<Map<String, Object>> DOCUMENT = new TypeReference<>() {};

  /** Break-even is looked for from half of the weights on. */
  private static final String SPARSITIES = "0.5,0.6,0.7,0.8,0.9,0.95";

  private KernelSweep() {}

  /**
   * The comparison's {@code kernels.json}, as {@code bench kernels --json} prints it; it is
   * measured if it was asked for and is not there. Empty if there is none.
   */
  static Optional<Map<String, Object>> of(
      StudyFolder study, Model model, CompareOptions options, Progress progress)
      throws IOException {
    Path file = study.path().resolve(StudyFolder.KERNELS);
    if (options.kernels && !Files.exists(file)) {
      List<String> patterns = new ArrayList<>(List.of("dense"));
      for (String pattern : options.patterns) {
        if (isKnown(pattern)) {
          patterns.add(pattern);
        }
      }
      SweepOptions sweep = new SweepOptions();
      CommandLine.populateCommand(
          sweep,
          "--shape=" + shape(model),
          "--n=1,64",
          "--pattern=" + patterns.stream().distinct().collect(Collectors.joining(",")),
          "--sparsity=" + SPARSITIES,
          "--rivals=openblas,onnxruntime_f32",
          "--samples=10",
          "--min-time=50",
          "--warm-up=200");
      study.write(file, Json.text(Forks.measure(sweep.sweep(), 1, progress).document()));
    }
    return Files.exists(file)
        ? Optional.of(JsonMapper.shared().readValue(Files.readString(file), DOCUMENT))
        : Optional.empty();
  }

  private static boolean isKnown(String pattern) {
    try {
      Case.checkPattern(pattern);
      return true;
    } catch (IllegalArgumentException e) {
      // What is cut leaves dense weights.
      return false;
    }
  }

  /** Rows and columns of the largest weight, as kernels multiply it. */
  private static String shape(Model model) {
    return Weights.of(model).stream()
        .filter(w -> w.role().isWeight() && w.param().shape().rank() >= 2)
        .max(Comparator.comparingLong(w -> w.param().size()))
        .map(w -> {
          long rows = OutputsFirst.of(w).shape().dim(0);
          return rows + "x" + w.param().size() / rows;
        })
        .orElseThrow(() -> new IllegalArgumentException("the model has no weights"));
  }
}
