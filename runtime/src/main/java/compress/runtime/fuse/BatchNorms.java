package compress.runtime.fuse;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Granularity;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import compress.runtime.fuse.Fusion.Rewrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Batch normalization into the weights and the bias of the convolution before it. Integers keep
 * their values and get other scales; shared values would no longer be shared, so there the
 * normalization stays.
 */
final class BatchNorms {
  private BatchNorms() {}

  static Optional<Rewrite> intoConvolution(Node last, View graph) {
    if (!last.is("BatchNormalization") || last.outputs().size() != 1) {
      return Optional.empty();
    }
    Optional<Node> conv = graph.only("Conv", last.input(0));
    if (conv.isEmpty()) {
      return Optional.empty();
    }
    Param weights = graph.param(conv.get().input(1));
    String biasName = conv.get().input(2);
    Param bias = graph.param(biasName);
    List<float[]> parts = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      Param p = graph.param(last.input(i));
      if (p != null) {
        parts.add(p.values().toFloats());
      }
    }
    if (weights == null || parts.size() < 4 || bias == null && !biasName.isEmpty()) {
      return Optional.empty();
    }
    int channels = Math.toIntExact(weights.shape().dim(0));
    double epsilon = last.floatAttribute("epsilon", 1e-5f);
    float[] before = bias == null ? new float[channels] : bias.values().toFloats();
    float[] scale = new float[channels];
    float[] shift = new float[channels];
    for (int c = 0; c < channels; c++) {
      double s = parts.get(0)[c] / Math.sqrt(parts.get(3)[c] + epsilon);
      scale[c] = (float) s;
      shift[c] = (float) (parts.get(1)[c] + (before[c] - parts.get(2)[c]) * s);
    }
    return scaled(weights.values(), scale)
        .map(values -> {
          String name = last.outputs().getFirst();
          Param w = new Param(name + ":weights", weights.type(), values);
          Param b = Param.of(name + ":bias", Tensor.of(Shape.of(channels), shift));
          Node node =
              new Node(
                  conv.get().name(),
                  "Conv",
                  "",
                  List.of(conv.get().input(0), w.name(), b.name()),
                  last.outputs(),
                  conv.get().attributes(),
                  new byte[0]);
          return new Rewrite(node, List.of(conv.get()), List.of(w, b));
        });
  }

  /** Each index of the first axis times its own number. */
  private static Optional<Values> scaled(Values values, float[] scale) {
    if (values instanceof Dense(Tensor t) && t.type() == DType.F32) {
      float[] all = t.toFloats();
      int each = all.length / scale.length;
      for (int i = 0; i < all.length; i++) {
        all[i] *= scale[i / each];
      }
      return Optional.of(new Dense(Tensor.of(t.shape(), all)));
    }
    if (values instanceof Affine affine
        && !(affine.granularity() instanceof Granularity.PerGroup)
        && !(affine.granularity() instanceof Granularity.PerAxis(int axis) && axis != 0)) {
      float[] scales = scale.clone();
      for (int c = 0; c < scales.length; c++) {
        scales[c] *= affine.scale().floatAt(affine.scale().size() == 1 ? 0 : c);
      }
      boolean zeros =
          affine.zeroPoint().isEmpty() || affine.zeroPoint().get().size() == scales.length;
      if (zeros) {
        return Optional.of(
            new Affine(
                affine.integers(),
                Tensor.of(Shape.of(scales.length), scales),
                affine.zeroPoint(),
                new Granularity.PerAxis(0)));
      }
    }
    return Optional.empty();
  }
}
