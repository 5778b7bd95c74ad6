package compress.prune;

import compress.model.Mask;
import compress.model.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** From weights to masks: scores, how sparse each layer becomes, and what its pattern keeps. */
final class Pruner {
  private final PruneOptions options;
  private final long seed;

  Pruner(PruneOptions options, long seed) {
    this.options = options;
    this.seed = seed;
  }

  /**
   * The masks of all layers after an update of the schedule. A weight that is 0 is never kept.
   *
   * @param shapes of the layers to prune, by name, in the order of the model
   * @param weights of a layer; asked for several times, and not changed
   */
  SequencedMap<String, Mask> masks(
      SequencedMap<String, Shape> shapes, Function<String, float[]> weights, int update) {
    Map<String, Double> targets = targets(shapes, weights);
    SequencedMap<String, Mask> masks = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> {
      double target = targets.getOrDefault(name, 0.0);
      double sparsity = options.schedule().sparsity(target, update);
      float[] values = weights.apply(name).clone();
      Mask mask = options.pattern().project(scores(name, values), shape, sparsity);
      mask.apply(values);
      masks.put(name, Mask.ofNonZeros(shape, values));
    });
    return masks;
  }

  /** How sparse each layer is to become in the end. */
  private Map<String, Double> targets(
      SequencedMap<String, Shape> shapes, Function<String, float[]> weights) {
    Map<String, Double> targets = new LinkedHashMap<>();
    List<Layer> sharing = new ArrayList<>();
    shapes.forEach((name, shape) -> {
      Supplier<float[]> values = () -> weights.apply(name);
      Layer layer = new Layer(name, shape.size(), values, () -> scores(name, weights.apply(name)));
      Optional<Double> own = options.amount().rule(name);
      if (own.isPresent()) {
        double[] alone = options.allocation().sparsities(List.of(layer), own.get());
        targets.put(name, alone[0]);
      } else {
        sharing.add(layer);
      }
    });
    double[] shared = options.allocation().sparsities(sharing, options.amount().otherwise());
    for (int i = 0; i < shared.length; i++) {
      targets.put(sharing.get(i).name(), shared[i]);
    }
    return targets;
  }

  /** Each tensor draws by its own name, so leaving another out changes nothing here. */
  private float[] scores(String name, float[] weights) {
    return options.criterion().scores(weights, seed ^ 0x9E3779B97F4A7C15L * name.hashCode());
  }
}
