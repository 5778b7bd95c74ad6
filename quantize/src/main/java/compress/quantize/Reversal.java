package compress.quantize;

import compress.model.Model;
import compress.model.Param;
import compress.model.onnx.Opsets;
import compress.train.Context;
import compress.train.Progress;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Takes back the quantization of tensors until the accuracy on the validation part has fallen by no
 * more than was allowed. First each tensor alone is put back to floats, and by how much that brings
 * the answers nearer to the original ones, in mean Kullback-Leibler divergence, is its harm. Then
 * tensors go back in the order of their harm, the worst first, all together, until the bound holds:
 * which it does at the latest when none is quantized.
 */
final class Reversal {
  /** Samples that tell the harm of a tensor. */
  private static final int SAMPLES = 256;

  private final Model original;
  private final List<Param> quantized;
  private final Finish finish;
  private final Context context;

  /** What is done once it is known which tensors are quantized: activations, say. */
  interface Finish {
    Model of(List<Param> quantized) throws IOException;
  }

  /**
   * @param original prepared, but not quantized
   * @param quantized the params of these names, in fewer bits
   */
  Reversal(Model original, List<Param> quantized, Finish finish, Context context) {
    this.original = original;
    this.quantized = quantized;
    this.finish = finish;
    this.context = context;
  }

  /**
   * @param reverted harm by the name of what was put back, the worst first
   * @param before accuracy on the validation part before anything was quantized
   * @param after as it is now
   */
  record Result(Model model, Map<String, Double> reverted, double before, double after) {
    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      List<Map<String, Object>> lines = new ArrayList<>();
      reverted.forEach((name, harm) -> {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("name", name);
        line.put("kl", harm);
        lines.add(line);
      });
      map.put("reverted", lines);
      map.put("validation_before", before);
      map.put("validation_after", after);
      return map;
    }
  }

  /** Why nothing can be judged, for the user. */
  static List<String> problems(QuantizeOptions options, Context context) {
    List<String> problems = new ArrayList<>();
    if (options.revertForDrop().isEmpty()) {
      return problems;
    }
    if (context
        .data()
        .filter(d -> !d.validation().isEmpty() && d.validation().hasLabels())
        .isEmpty()) {
      problems.add(
          "to revert layers until an accuracy holds, give data with labels to validate on");
    }
    if (options.finetune().isPresent()) {
      problems.add(
          "layers are reverted in place of training; leave out finetune or revert-for-drop");
    }
    return problems;
  }

  /**
   * @param finished with all of {@code quantized}
   * @param most how far the accuracy may fall, as a fraction of 1
   */
  Result holding(Model finished, double most) throws IOException {
    DataSplit data = context.data().orElseThrow();
    DataSet validation = data.validation();
    double before = Answers.of(original, validation, context).accuracy(validation);
    double after = accuracy(finished);
    Map<String, Double> reverted = new LinkedHashMap<>();
    Model result = finished;
    if (before - after > most) {
      double[] harm = harm(validation.subset(0, Math.min(SAMPLES, validation.size())));
      List<Integer> worstFirst =
          IntStream.range(0, harm.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -harm[i]))
              .toList();
      List<Param> left = new ArrayList<>(quantized);
      for (int i : worstFirst) {
        left.remove(quantized.get(i));
        reverted.put(quantized.get(i).name(), harm[i]);
        result = finish.of(left);
        after = accuracy(result);
        if (before - after <= most) {
          break;
        }
      }
    }
    return new Result(result, reverted, before, after);
  }

  private double accuracy(Model model) throws IOException {
    DataSet validation = context.data().orElseThrow().validation();
    return Answers.of(model, validation, context).accuracy(validation);
  }

  /** How much nearer the answers come if one tensor alone is put back. */
  private double[] harm(DataSet samples) throws IOException {
    Answers wanted = Answers.of(original, samples, context);
    double all = wanted.divergence(Answers.of(rounded(Optional.empty()), samples, context));
    double[] harm = new double[quantized.size()];
    try (Progress.Task task = context.progress().start("harm", harm.length)) {
      for (int i = 0; i < harm.length; i++) {
        Model without = rounded(Optional.of(quantized.get(i)));
        harm[i] = all - wanted.divergence(Answers.of(without, samples, context));
        task.advance(1);
      }
    }
    return harm;
  }

  private Model rounded(Optional<Param> without) {
    List<Param> all = quantized.stream().filter(p -> !Optional.of(p).equals(without)).toList();
    long opset = all.stream().mapToLong(p -> Opsets.neededFor(p.values())).max().orElse(1);
    return Opsets.raised(original.with(all), opset);
  }
}
