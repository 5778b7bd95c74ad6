package compress.train.torch;

import compress.model.Affine;
import compress.model.Dense;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.Patched;
import compress.model.Role;
import compress.model.Shape;
import compress.model.Weight;
import compress.model.Weights;
import compress.train.LiveWeights;
import compress.train.TrainOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A model's params in libtorch's memory while it is trained: those that learn, the running
 * statistics of batch normalization, and constants.
 */
final class LiveParams implements LiveWeights, AutoCloseable {
  private final SequencedMap<String, LiveParam> learning = new LinkedHashMap<>();

  private final SequencedMap<String, Tensor> statistics = new LinkedHashMap<>();
  private final Map<String, Tensor> constants = new HashMap<>();

  /** Libtorch must have been loaded. */
  LiveParams(Model model, TrainOptions options) {
    SequencedSet<String> learners = learners(model, options);
    Set<String> running = runningStatistics(model);
    Set<String> weights = new LinkedHashSet<>();
    for (Weight weight : Weights.of(model)) {
      if (weight.role().isWeight()) {
        weights.add(weight.name());
      }
    }
    for (Param param : model.params().values()) {
      String name = param.name();
      if (learners.contains(name)) {
        LiveParam live = new LiveParam(param, weights.contains(name));
        learning.put(name, live);
        Mask mask = options.masks().get(name);
        if (mask != null && !live.isCodebook()) {
          live.setMask(mask);
        }
      } else if (running.contains(name) && !options.freezeBatchNorm()) {
        statistics.put(name, TorchEngine.constant(param).to(ScalarType.Float).clone());
      } else {
        constants.put(name, TorchEngine.constant(param));
      }
    }
  }

  /**
   * Which params of a model learn: float weights, biases, and scales of normalizations that are not
   * frozen. A lone number, a bound or an exponent does not, and neither do integers with a scale.
   */
  static SequencedSet<String> learners(Model model, TrainOptions options) {
    Set<String> running = runningStatistics(model);
    Set<String> read = Learnable.readAsLearnable(model.graph().orElseThrow());
    Set<String> scales = Learnable.scales(model.graph().orElseThrow());
    SequencedSet<String> learners = new LinkedHashSet<>();
    for (Weight weight : Weights.of(model)) {
      Param param = weight.param();
      boolean suitable =
          weight.role() != Role.OTHER
              || read.contains(param.name()) && (param.size() > 1 || scales.contains(param.name()));
      if (suitable
          && !(param.values() instanceof Affine || param.values() instanceof Patched)
          && !running.contains(param.name())
          && !options.frozen().contains(param.name())) {
        learners.add(param.name());
      }
    }
    return learners;
  }

  /** The means and variances that batch normalization keeps. */
  static Set<String> runningStatistics(Model model) {
    Set<String> names = new LinkedHashSet<>();
    model.graph().stream()
        .flatMap(g -> g.nodes().stream())
        .filter(n -> n.is("BatchNormalization"))
        .forEach(n -> names.addAll(List.of(n.input(3), n.input(4))));
    return names;
  }

  /** What the nodes see, by name; to be asked for anew before each pass. */
  Map<String, Tensor> seen() {
    Map<String, Tensor> seen = new HashMap<>(constants);
    seen.putAll(statistics);
    learning.forEach((name, live) -> seen.put(name, live.seen()));
    return seen;
  }

  Collection<LiveParam> learning() {
    return learning.values();
  }

  @Override
  public SequencedSet<String> names() {
    return Collections.unmodifiableSequencedSet(new LinkedHashSet<>(learning.keySet()));
  }

  @Override
  public float[] values(String name) {
    return find(name).values();
  }

  @Override
  public float[] gradient(String name) {
    return find(name).gradient();
  }

  @Override
  public Optional<Mask> mask(String name) {
    return find(name).mask();
  }

  @Override
  public void setMask(String name, Mask mask) {
    find(name).setMask(mask);
  }

  @Override
  public void cover(String name, Mask mask) {
    find(name).cover(mask);
  }

  @Override
  public void setValues(String name, float[] values) {
    find(name).setValues(values);
  }

  private LiveParam find(String name) {
    @Nullable LiveParam live = learning.get(name);
    if (live == null) {
      throw new IllegalArgumentException("no param called '" + name + "' is trained");
    }
    return live;
  }

  /** The masks that hold now, covers left out. */
  SequencedMap<String, Mask> masks() {
    SequencedMap<String, Mask> masks = new LinkedHashMap<>();
    learning.forEach((name, live) -> live.fixedMask().ifPresent(mask -> masks.put(name, mask)));
    return masks;
  }

  /** What changes in training apart from the optimizer's state: one array a param, in order. */
  List<float[]> snapshot() {
    List<float[]> arrays = new ArrayList<>();
    learning.values().forEach(live -> arrays.add(live.leafValues()));
    statistics.values().forEach(tensor -> arrays.add(Libtorch.toFloats(tensor)));
    return arrays;
  }

  /** Takes back what {@link #snapshot} gave. */
  void restore(List<float[]> arrays) {
    List<Tensor> targets = new ArrayList<>();
    learning.values().forEach(live -> targets.add(live.leaf()));
    targets.addAll(statistics.values());
    if (arrays.size() != targets.size()) {
      throw new IllegalArgumentException(arrays.size() + " arrays for " + targets.size());
    }
    for (int i = 0; i < arrays.size(); i++) {
      Libtorch.set(targets.get(i), arrays.get(i));
    }
  }

  /** {@code model} with what a snapshot holds. */
  Model applied(Model model, List<float[]> snapshot) {
    List<Param> changed = new ArrayList<>();
    int i = 0;
    for (LiveParam live : learning.values()) {
      changed.add(live.param(snapshot.get(i++)));
    }
    for (String name : statistics.keySet()) {
      Param param = model.param(name);
      Shape shape = param.shape();
      changed.add(param.with(new Dense(compress.model.Tensor.of(shape, snapshot.get(i++)))));
    }
    return model.with(changed);
  }

  @Override
  public void close() {
    learning.values().forEach(LiveParam::close);
    statistics.values().forEach(Tensor::close);
    constants.values().forEach(Tensor::close);
  }
}
