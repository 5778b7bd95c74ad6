package compress.train.torch;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Hashed;
import compress.model.Mask;
import compress.model.Param;
import compress.model.Patched;
import compress.model.VectorCodebook;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongToIntFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One param that learns: a leaf of libtorch's gradient graph, and what the nodes see of it. The
 * leaf of a codebook holds its shared values, so its gradient is the sum over each value's entries.
 */
final class LiveParam implements AutoCloseable {
  private final Param param;
  private final boolean decays;
  private final Tensor leaf;

  /** Which shared value each entry has; none for dense params. */
  private final @Nullable Tensor indices;

  /** 1 where the leaf may change, 0 where it is 0 and stays so. */
  private @Nullable Tensor kept;

  private Optional<Mask> mask = Optional.empty();

  /** 1 where nodes see the leaf, 0 where they see 0 instead. */
  private @Nullable Tensor shown;

  private Optional<Mask> cover = Optional.empty();

  /** The optimizer's running means, each like the leaf. */
  private final List<Tensor> moments = new ArrayList<>();

  /**
   * @param decays whether weight decay applies
   */
  LiveParam(Param param, boolean decays) {
    this.param = param;
    this.decays = decays;
    switch (param.values()) {
      case Codebook c -> {
        this.leaf = shared(c.codebook());
        this.indices = indices(c.indices().size(), i -> c.index(i));
        this.kept = zerosKept(c.codebook());
      }
      case VectorCodebook v -> {
        this.leaf = shared(v.codebook());
        this.indices = indices(v.indices().size(), i -> v.index(i));
        this.kept = zerosKept(v.codebook());
      }
      case Hashed h -> {
        this.leaf = shared(h.buckets());
        this.indices = indices(h.shape().size(), i -> h.index((int) i));
      }
      case Dense _, Affine _, Patched _ -> {
        this.leaf = Libtorch.floats(param.values().toFloats(), param.shape().toArray());
        this.indices = null;
      }
    }
    leaf.set_requires_grad(true);
  }

  private static Tensor shared(compress.model.Tensor values) {
    return Libtorch.floats(values.toFloats(), values.shape().toArray());
  }

  /** The shared numbers that are 0 stay so. */
  private static Tensor zerosKept(compress.model.Tensor shared) {
    return kept(Mask.ofNonZeros(shared.shape(), shared.toFloats()), shared.shape().toArray());
  }

  private static Tensor indices(long count, LongToIntFunction index) {
    Tensor narrow = Libtorch.empty(ScalarType.Int, count);
    MemorySegment to = Libtorch.memory(narrow);
    for (long i = 0; i < count; i++) {
      to.setAtIndex(ValueLayout.JAVA_INT, i, index.applyAsInt(i));
    }
    return narrow;
  }

  private static Tensor kept(Mask mask, long... sizes) {
    float[] ones = new float[Math.toIntExact(mask.shape().size())];
    Arrays.fill(ones, 1);
    mask.apply(ones);
    return Libtorch.floats(ones, sizes);
  }

  /** Whether entries share values. */
  boolean isCodebook() {
    return indices != null;
  }

  boolean decays() {
    return decays;
  }

  Tensor leaf() {
    return leaf;
  }

  List<Tensor> moments() {
    return moments;
  }

  /** Sees to it that there are {@code count} running means, at first 0. */
  void wantMoments(int count) {
    while (moments.size() < count) {
      moments.add(Libtorch.zeros(ScalarType.Float, Libtorch.sizes(leaf)));
    }
  }

  /** What the nodes see: a new tensor that leads back to the leaf, or the leaf. */
  Tensor seen() {
    Tensor whole =
        indices == null
            ? covered()
            : torch.index_select(table(), 0, indices).reshape(param.shape().toArray());
    return param.type() == DType.F32 ? whole : whole.to(Libtorch.type(param.type()).orElseThrow());
  }

  /** What indices count in: the shared values, those of buckets followed by their negatives. */
  private Tensor table() {
    return param.values() instanceof Hashed
        ? torch.cat(new TensorVector(leaf, leaf.neg()), 0)
        : leaf;
  }

  /** The leaf, with 0 in place of what is covered; its gradient is passed on to all of the leaf. */
  private Tensor covered() {
    return shown == null ? leaf : leaf.add(leaf.mul(shown).sub(leaf).detach());
  }

  /** Sets the gradient of what stays 0 to 0. */
  void maskGradient() {
    if (kept != null) {
      leaf.grad().mul_(kept);
    }
  }

  Optional<Mask> mask() {
    return cover.or(() -> mask);
  }

  /** The mask, a cover left out. */
  Optional<Mask> fixedMask() {
    return mask;
  }

  void cover(Mask to) {
    requireMaskable(to);
    uncover();
    cover = Optional.of(to);
    shown = kept(to, param.shape().toArray());
  }

  private void uncover() {
    if (shown != null) {
      shown.close();
    }
    shown = null;
    cover = Optional.empty();
  }

  private void requireMaskable(Mask to) {
    if (isCodebook()) {
      throw new IllegalArgumentException(
          param.name() + " is a codebook; its zeros are fixed and take no mask");
    }
    if (!to.shape().equals(param.shape())) {
      throw new IllegalArgumentException(
          "a mask of %s for %s %s".formatted(to.shape(), param.name(), param.shape()));
    }
  }

  void setMask(Mask to) {
    requireMaskable(to);
    uncover();
    if (kept != null) {
      kept.close();
    }
    mask = Optional.of(to);
    kept = kept(to, param.shape().toArray());
    applyMask();
    for (Tensor moment : moments) {
      float[] values = Libtorch.toFloats(moment);
      to.apply(values);
      Libtorch.set(moment, values);
    }
  }

  float[] gradient() {
    if (isCodebook()) {
      throw new IllegalArgumentException(
          param.name() + " is a codebook; its entries have no gradients of their own");
    }
    Tensor gradient = leaf.grad();
    return gradient.defined()
        ? Libtorch.toFloats(gradient)
        : new float[Math.toIntExact(param.size())];
  }

  private void applyMask() {
    if (mask.isPresent()) {
      float[] values = Libtorch.toFloats(leaf);
      mask.get().apply(values);
      Libtorch.set(leaf, values);
    }
  }

  void setValues(float[] values) {
    if (isCodebook() || values.length != param.size()) {
      throw new IllegalArgumentException(
          isCodebook()
              ? param.name() + " is a codebook; its entries cannot be replaced"
              : "%d values for %s %s".formatted(values.length, param.name(), param.shape()));
    }
    Libtorch.set(leaf, values);
    applyMask();
  }

  /** The leaf's values: of a codebook its shared ones. */
  float[] leafValues() {
    return Libtorch.toFloats(leaf);
  }

  /** The value of each entry. */
  float[] values() {
    float[] values = leafValues();
    return isCodebook() ? param(values).values().toFloats() : values;
  }

  /** The param with these values of the leaf; the type that nodes see does not change. */
  Param param(float[] leafValues) {
    if (param.values() instanceof Codebook c) {
      return param.with(new Codebook(like(c.codebook(), leafValues), c.indices()));
    }
    if (param.values() instanceof VectorCodebook v) {
      return param.with(new VectorCodebook(like(v.codebook(), leafValues), v.indices(), v.shape()));
    }
    if (param.values() instanceof Hashed h) {
      return param.with(new Hashed(like(h.buckets(), leafValues), h.seed(), h.shape()));
    }
    if (cover.isPresent()) {
      float[] seen = leafValues.clone();
      cover.get().apply(seen);
      return param.with(stored(seen));
    }
    return param.with(stored(leafValues));
  }

  private static compress.model.Tensor like(compress.model.Tensor shared, float[] values) {
    return compress.model.Tensor.of(shared.shape(), values);
  }

  private Dense stored(float[] values) {
    compress.model.Tensor floats = compress.model.Tensor.of(param.shape(), values);
    if (param.type() == DType.F32) {
      return new Dense(floats);
    }
    try (Tensor copy = Libtorch.copy(floats);
        Tensor typed = copy.to(Libtorch.type(param.type()).orElseThrow())) {
      return new Dense(Libtorch.toJava(typed));
    }
  }

  @Override
  public void close() {
    leaf.close();
    if (indices != null) {
      indices.close();
    }
    if (kept != null) {
      kept.close();
    }
    uncover();
    moments.forEach(Tensor::close);
  }
}
