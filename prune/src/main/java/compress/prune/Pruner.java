package compress.prune;

import compress.model.Mask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** From weights to masks: scores, how sparse each layer becomes, and what its pattern keeps. */
final class Pruner {
  private static final float[] NOTHING = {};

  private final PruneOptions options;
  private final SequencedMap<String, OutputsFirst> layers;
  private final long seed;

  /** What the criterion knows beside the weights, with outputs first. */
  private final Map<String, float[]> evidence;

  private final Map<String, Mask> admitted = new LinkedHashMap<>();

  /**
   * @param layers to prune, by name, in the order of the model
   * @param evidence by layer, with outputs first; those that are missing have none
   */
  Pruner(
      PruneOptions options,
      SequencedMap<String, OutputsFirst> layers,
      Map<String, float[]> evidence,
      long seed) {
    this.options = options;
    this.layers = layers;
    this.evidence = new LinkedHashMap<>(evidence);
    this.seed = seed;
  }

  /** What patterns kept last, in the file's order; weights that were 0 may be among it. */
  Map<String, Mask> admitted() {
    return admitted;
  }

  SequencedMap<String, OutputsFirst> layers() {
    return layers;
  }

  /** The same for one layer alone. */
  Pruner only(String name) {
    SequencedMap<String, OutputsFirst> one = new LinkedHashMap<>();
    one.put(name, Objects.requireNonNull(layers.get(name)));
    return new Pruner(options, one, evidence, seed);
  }

  /** Takes newer evidence in place of older. */
  void learn(Map<String, float[]> newer) {
    evidence.putAll(newer);
  }

  /**
   * The masks of all layers after an update of the schedule, in the file's order. A weight that is
   * 0 is never kept.
   *
   * @param weights of a layer, in the file's order; asked for several times, and not changed
   */
  SequencedMap<String, Mask> masks(Function<String, float[]> weights, int update) {
    Map<String, Double> sparsities = new LinkedHashMap<>();
    sparsities(weights)
        .forEach((name, s) -> sparsities.put(name, options.schedule().sparsity(s, update)));
    return masks(weights, sparsities);
  }

  /** The masks of all layers at given sparsities. */
  SequencedMap<String, Mask> masks(
      Function<String, float[]> weights, Map<String, Double> sparsities) {
    SequencedMap<String, Mask> masks = new LinkedHashMap<>();
    Criterion criterion =
        options.control() == Control.RANDOM_MASK ? new Criteria.Chance() : options.criterion();
    layers.forEach((name, layer) -> {
      float[] stored = weights.apply(name);
      float[] scores = scores(criterion, name, layer.view(stored));
      SparsityPattern pattern = options.pattern().get(name);
      Mask mask = pattern.project(scores, layer.shape(), sparsities.getOrDefault(name, 0.0));
      if (!pattern.admits(mask)) {
        throw new IllegalStateException(name + ": what " + pattern.name() + " chose breaks it");
      }
      float[] left = stored.clone();
      admitted.put(name, layer.stored(mask));
      layer.stored(mask).apply(left);
      masks.put(name, Mask.ofNonZeros(layer.stored(), left));
    });
    return masks;
  }

  /** How sparse each layer is to become in the end. */
  Map<String, Double> sparsities(Function<String, float[]> weights) {
    Map<String, Double> targets = new LinkedHashMap<>();
    List<Layer> sharing = new ArrayList<>();
    layers.forEach((name, order) -> {
      Supplier<float[]> values = () -> order.view(weights.apply(name));
      Layer layer =
          new Layer(
              name, order.shape(), values, () -> scores(options.criterion(), name, values.get()));
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
  private float[] scores(Criterion criterion, String name, float[] weights) {
    long own = seed ^ 0x9E3779B97F4A7C15L * name.hashCode();
    OutputsFirst layer = Objects.requireNonNull(layers.get(name));
    float[] known = evidence.getOrDefault(name, NOTHING);
    return criterion.scores(weights, layer.shape(), known, own);
  }
}
