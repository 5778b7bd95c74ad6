package compress.prune;

import compress.model.Model;
import compress.train.Context;
import compress.train.Progress;
import compress.train.Skip;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How much worse a network becomes if one layer alone is pruned, for each layer and several
 * sparsities. A scan is also an {@link Allocation}: all layers become as sparse as costs each of
 * them the same.
 *
 * @param metric of the losses
 * @param baseline the accuracy of the network itself; 0 for other metrics
 * @param sparsities measured, ascending, above 0 and below 1
 * @param skipped layers that could not be pruned, and why
 * @see <a href="https://arxiv.org/abs/1506.02626">Han et al. 2015</a>, section 3.1 and figure 6
 */
public record Sensitivity(
    Judge.Metric metric,
    double baseline,
    List<Double> sparsities,
    List<Curve> curves,
    List<Skip> skipped)
    implements Allocation {

  /**
   * What one layer costs.
   *
   * @param losses one for each sparsity; 0 is as good as the network itself, more is worse
   */
  public record Curve(String name, long weights, List<Double> losses) {}

  public Sensitivity {
    for (int i = 0; i < sparsities.size(); i++) {
      double s = sparsities.get(i);
      if (!(s > 0 && s < 1) || i > 0 && s <= sparsities.get(i - 1)) {
        throw new IllegalArgumentException(
            "sparsities must ascend and lie between 0 and 1, not " + sparsities);
      }
    }
    for (Curve curve : curves) {
      if (curve.losses.size() != sparsities.size()) {
        throw new IllegalArgumentException(
            "%s: %d losses for %d sparsities"
                .formatted(curve.name, curve.losses.size(), sparsities.size()));
      }
    }
  }

  /**
   * Everything that would make {@link #scan} fail, each a sentence for the user.
   *
   * @param options patterns, criterion and selection are taken from here
   */
  public static List<String> check(
      Model model, PruneOptions options, Optional<Judge.Metric> metric, Context context) {
    List<String> problems =
        new ArrayList<>(new PruneStage(options.withProtect(false)).check(model, context));
    if (model.graph().isEmpty()) {
      problems.add("the model has no graph to run; take an ONNX file");
      return problems;
    }
    boolean labelled =
        context.data().isPresent()
            && !context.data().get().validation().isEmpty()
            && context.data().get().validation().hasLabels();
    if (metric.equals(Optional.of(Judge.Metric.ACCURACY)) && !labelled) {
      problems.add("accuracy needs labelled training samples, of which a part is held out");
    } else if (metric.isPresent() || !labelled) {
      problems.addAll(Evidences.checkInputs(options, context, model, "measuring"));
    }
    return problems;
  }

  /**
   * Prunes each layer alone, at once and untrained; those that pruning protects, too.
   *
   * @param metric empty for accuracy if there are labels; else KL, or MSE if the network's answers
   *     are no vectors
   * @throws IllegalArgumentException for what {@link #check} lists
   */
  public static Sensitivity scan(
      Model model,
      PruneOptions options,
      List<Double> sparsities,
      Optional<Judge.Metric> metric,
      Context context)
      throws IOException {
    List<String> problems = check(model, options, metric, context);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    Prunable prunable = Prunable.of(model, options.withProtect(false));
    Pruning pruning = new Pruning(options, context, model, prunable);
    Judge judge = pruning.judge(metric);
    List<Curve> curves = new ArrayList<>();
    int all = prunable.layers().size() * sparsities.size();
    try (Progress.Task task = context.progress().start("try layers", all)) {
      for (Map.Entry<String, OutputsFirst> layer : prunable.layers().entrySet()) {
        List<Double> losses = new ArrayList<>();
        for (double sparsity : sparsities) {
          losses.add(judge.loss(pruning.alone(layer.getKey(), sparsity)));
          task.advance(1);
        }
        curves.add(new Curve(layer.getKey(), layer.getValue().shape().size(), losses));
      }
    }
    return new Sensitivity(
        judge.metric(), judge.baseline(), sparsities, curves, prunable.skipped());
  }

  @Override
  public String name() {
    return "sensitivity";
  }

  @Override
  public String summary() {
    return "all layers together lose this share, each as much as costs the same";
  }

  @Override
  public boolean needsScores() {
    return false;
  }

  /**
   * @throws IllegalArgumentException if a layer was not measured, or not at sparsities high enough
   */
  @Override
  public double[] sparsities(List<Layer> layers, double amount) {
    check(amount);
    Map<String, Curve> byName =
        curves.stream().collect(Collectors.toMap(Curve::name, Function.identity()));
    List<Curve> measured = new ArrayList<>();
    double wanted = 0;
    double highest = 0;
    for (Layer layer : layers) {
      Curve curve = byName.get(layer.name());
      if (curve == null) {
        throw new IllegalArgumentException(
            layer.name()
                + " is not among the layers measured; measure it, or list it under ignore");
      }
      measured.add(curve);
      wanted += amount * layer.size();
      for (double loss : curve.losses) {
        highest = Math.max(highest, loss);
      }
    }
    double[] most = at(measured, highest);
    if (total(layers, most) < wanted * (1 - 1e-9)) {
      throw new IllegalArgumentException(
          "sparsity %s is more than the highest that was measured; measure higher ones"
              .formatted(amount));
    }
    double low = 0;
    double high = highest;
    for (int i = 0; i < 100; i++) {
      double middle = (low + high) / 2;
      if (total(layers, at(measured, middle)) < wanted) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double[] less = low == 0 ? new double[layers.size()] : at(measured, low);
    double[] more = at(measured, high);
    // Between the two, which flat stretches of the curves keep apart.
    double from = total(layers, less);
    double share = total(layers, more) > from ? (wanted - from) / (total(layers, more) - from) : 0;
    double[] sparsities = new double[more.length];
    for (int i = 0; i < more.length; i++) {
      sparsities[i] = Math.clamp(less[i] + share * (more[i] - less[i]), 0, 1);
    }
    return sparsities;
  }

  private static double total(List<Layer> layers, double[] sparsities) {
    double total = 0;
    for (int i = 0; i < sparsities.length; i++) {
      total += layers.get(i).size() * sparsities[i];
    }
    return total;
  }

  /** How sparse each layer may become for a loss, between the points that were measured. */
  private double[] at(List<Curve> measured, double loss) {
    return measured.stream().mapToDouble(curve -> at(curve, loss)).toArray();
  }

  private double at(Curve curve, double loss) {
    double sparsity = 0;
    double before = 0;
    for (int i = 0; i < sparsities.size(); i++) {
      // A layer that gets better again was lucky.
      double here = Math.max(before, curve.losses.get(i));
      if (here > loss) {
        return sparsity + (sparsities.get(i) - sparsity) * (loss - before) / (here - before);
      }
      before = here;
      sparsity = sparsities.get(i);
    }
    return sparsity;
  }
}
