package compress.prune;

import compress.model.DType;
import compress.model.Dense;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Weight;
import compress.model.Weights;
import compress.prune.Criterion.Evidence;
import compress.train.LayerInput;
import compress.train.Skip;
import compress.train.Unfolding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Which tensors of a model are pruned, and why the others are not.
 *
 * @param layers those to prune, in the order of the model
 * @param skipped those that were asked for and cannot be
 * @param spared those that could be and are protected
 * @param left those that were not asked for
 */
record Prunable(
    SequencedMap<String, OutputsFirst> layers,
    List<Skip> skipped,
    List<Spared> spared,
    List<Skip> left) {
  static Prunable of(Model model, PruneOptions options) {
    SequencedMap<String, OutputsFirst> layers = new LinkedHashMap<>();
    List<Skip> skipped = new ArrayList<>();
    List<Skip> left = new ArrayList<>();
    Evidence evidence = options.criterion().evidence();
    boolean looks = evidence == Evidence.INPUT_NORM || evidence == Evidence.CURVATURE;
    Map<String, List<LayerInput>> places =
        looks && model.graph().isPresent() ? LayerInput.of(model) : Map.of();
    for (Weight weight : Weights.of(model)) {
      String name = weight.name();
      Optional<String> notAsked = options.selection().whyLeft(weight, false);
      if (notAsked.isPresent()) {
        left.add(new Skip(name, notAsked.get()));
        continue;
      }
      Optional<String> unable =
          whyUnable(weight.param())
              .or(() -> unsuited(weight, options))
              .or(() -> unjudged(model, weight, options, places.get(name)));
      if (unable.isPresent()) {
        skipped.add(new Skip(name, unable.get()));
      } else {
        layers.put(name, OutputsFirst.of(weight));
      }
    }
    List<Spared> spared = spared(model, layers, options);
    spared.forEach(s -> layers.remove(s.name()));
    return new Prunable(layers, skipped, spared, left);
  }

  /** None if only layers with a rule of their own are pruned. */
  private static List<Spared> spared(
      Model model, SequencedMap<String, OutputsFirst> layers, PruneOptions options) {
    boolean common =
        options.amount().otherwise() != 0 || options.pattern().otherwise().hasOwnSparsity();
    if (!options.protect() || !common) {
      return List.of();
    }
    SequencedMap<String, Long> sizes = new LinkedHashMap<>();
    layers.forEach((name, layer) -> sizes.put(name, layer.shape().size()));
    return Spared.of(model, sizes, options::names);
  }

  private static Optional<String> whyUnable(Param param) {
    if (param.size() > Integer.MAX_VALUE - 8) {
      return Optional.of("has more weights than an array holds; split it first");
    }
    return Zeroed.canHoldZero(param.values())
        ? Optional.empty()
        : Optional.of("type F8_E8M0 has no zero; convert it to another first");
  }

  private static Optional<String> unsuited(Weight weight, PruneOptions options) {
    try {
      options.pattern().get(weight.name()).requireSuits(OutputsFirst.of(weight).shape());
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Why the criterion cannot tell what the tensor's weights are worth. */
  private static Optional<String> unjudged(
      Model model, Weight weight, PruneOptions options, @Nullable List<LayerInput> places) {
    String name = options.criterion().name();
    return switch (options.criterion().evidence()) {
      case NONE -> Optional.empty();
      case INPUT_NORM, CURVATURE -> unseen(weight, options, places);
      case GRADIENT_SIZE, MOVEMENT ->
          weight.param().values() instanceof Dense
              ? Optional.empty()
              : Optional.of(
                  "criterion %s needs gradients, and only plain floats have".formatted(name));
      case OUTPUT_SCALE ->
          scale(model, weight.name()).isPresent()
              ? Optional.empty()
              : Optional.of("criterion %s needs batch normalization behind it".formatted(name));
    };
  }

  /** Why a criterion that looks at a layer's inputs cannot judge the tensor. */
  private static Optional<String> unseen(
      Weight weight, PruneOptions options, @Nullable List<LayerInput> places) {
    String criterion = options.criterion().name();
    if (places == null) {
      return Optional.of(
          "criterion %s looks at inputs of Conv, Gemm and MatMul, and something else reads this"
              .formatted(criterion));
    }
    if (options.criterion().evidence() != Evidence.CURVATURE) {
      return Optional.empty();
    }
    Param param = weight.param();
    SparsityPattern pattern = options.pattern().get(weight.name());
    OutputsFirst order = OutputsFirst.of(weight);
    Unfolding unfolding = places.getFirst().unfolding();
    boolean plain = param.values() instanceof Dense(var tensor) && tensor.type() == DType.F32;
    if (!plain) {
      return Optional.of("criterion obs adjusts weights, and these are not plain F32");
    }
    if (pattern.columnsAtOnce(order.shape()) == 0) {
      return Optional.of(
          "pattern %s leaves nothing of an output that could make up for it; use another criterion"
              .formatted(pattern.name()));
    }
    long rows = order.shape().dim(0) / unfolding.groups();
    if (unfolding.groups() > 1 && pattern instanceof Block b && rows % b.rows() != 0) {
      return Optional.of(
          "its groups of %d outputs are not divisible by blocks of %d".formatted(rows, b.rows()));
    }
    return Optional.empty();
  }

  /** The scale of the batch normalization that reads a weight's products directly. */
  static Optional<Param> scale(Model model, String weight) {
    List<Node> nodes = model.graph().map(g -> g.nodes()).orElse(List.of());
    return nodes.stream()
        .filter(n -> n.inputs().contains(weight) && !n.outputs().isEmpty())
        .flatMap(maker ->
            nodes.stream()
                .filter(n ->
                    n.is("BatchNormalization") && n.input(0).equals(maker.outputs().getFirst())))
        .map(n -> model.params().get(n.input(1)))
        .filter(p -> p != null)
        .findFirst();
  }
}
