package compress.quantize;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import java.util.Optional;

/**
 * Each weight is {@code -a}, 0 or {@code a}. Weights whose magnitude is at most 0.7 times the mean
 * magnitude of their group become 0; {@code a} is the mean magnitude of the others. Zeros, which
 * are pruned weights, count in neither mean. Stored as integers of 4 bits, the fewest that ONNX
 * Runtime takes.
 *
 * @see <a href="https://arxiv.org/abs/1605.04711">Li, Zhang and Liu 2016</a>, equations 5 and 6
 */
public record Ternary(Grouping grouping) implements Scheme {
  static final double THRESHOLD = 0.7;

  @Override
  public String name() {
    return "ternary";
  }

  @Override
  public int fewestBits() {
    return 2;
  }

  @Override
  public int mostBits() {
    return 2;
  }

  @Override
  public boolean mayMakeZeros() {
    return true;
  }

  @Override
  public Optional<String> objection(Shape shape, DType type, int outputAxis) {
    return Scales.objection(type).or(() -> grouping.objection(shape, outputAxis));
  }

  @Override
  public Values quantize(Layer layer, int bits, long seed) {
    return signs(layer, grouping.of(layer.shape(), layer.outputAxis()), THRESHOLD);
  }

  /**
   * Signs times the mean magnitude of those weights of a group that are larger than {@code
   * threshold} times the mean magnitude of all; the others are 0.
   */
  static Affine signs(Layer layer, Granularity granularity, double threshold) {
    Groups groups = Groups.of(layer.shape(), granularity);
    int[] codes = new int[layer.weights().length];
    float[] scales = new float[groups.count()];
    float[] members = new float[groups.members()];
    int[] signs = new int[groups.members()];
    Grid.Rounding rounding = Scales.rounding(layer.type());
    for (int s = 0; s < scales.length; s++) {
      groups.gather(layer.weights(), s, members);
      double above = threshold * meanAbove(members, 0);
      float mean = (float) meanAbove(members, above);
      scales[s] = mean == 0 ? 1 : Math.max(Float.MIN_NORMAL, rounding.round(mean));
      for (int k = 0; k < members.length; k++) {
        signs[k] = Math.abs(members[k]) > above ? (int) Math.signum(members[k]) : 0;
      }
      groups.scatter(signs, s, codes);
    }
    Shape shape = Groups.shapeOfScales(layer.shape(), granularity);
    return new Affine(
        Tensor.ofIntegers(DType.I4, layer.shape(), codes),
        Tensor.ofFloats(layer.type(), shape, scales),
        Optional.empty(),
        granularity);
  }

  /** The mean magnitude of those whose magnitude is above {@code bound}; 0 if there are none. */
  private static double meanAbove(float[] values, double bound) {
    double sum = 0;
    long count = 0;
    for (float v : values) {
      if (Math.abs(v) > bound) {
        sum += Math.abs(v);
        count++;
      }
    }
    return count == 0 ? 0 : sum / count;
  }
}
