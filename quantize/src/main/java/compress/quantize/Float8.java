package compress.quantize;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Shape;
import compress.model.SmallFloat;
import compress.model.Tensor;
import compress.model.Values;
import java.util.Optional;

/**
 * Floats of 8 bits with a scale: the largest magnitude of a group becomes the largest float there
 * is. A weight that would round to zero becomes the smallest float of its sign, so that only pruned
 * weights are zero.
 *
 * @param kind 4 bits of exponent and 3 of mantissa, or 5 and 2
 * @see <a href="https://arxiv.org/abs/2209.05433">Micikevicius et al. 2022</a>, FP8 formats
 */
public record Float8(Kind kind, Grouping grouping) implements Scheme {
  /** The formats. */
  public enum Kind {
    E4M3("fp8-e4m3", DType.F8_E4M3, SmallFloat.E4M3FN),
    E5M2("fp8-e5m2", DType.F8_E5M2, SmallFloat.E5M2);

    private final String scheme;
    private final DType type;
    private final SmallFloat format;

    Kind(String scheme, DType type, SmallFloat format) {
      this.scheme = scheme;
      this.type = type;
      this.format = format;
    }
  }

  @Override
  public String name() {
    return kind.scheme;
  }

  @Override
  public int fewestBits() {
    return Byte.SIZE;
  }

  @Override
  public int mostBits() {
    return Byte.SIZE;
  }

  @Override
  public Optional<String> objection(Shape shape, DType type, int outputAxis) {
    return Scales.objection(type).or(() -> grouping.objection(shape, outputAxis));
  }

  @Override
  public Values quantize(Layer layer, int bits, long seed) {
    Granularity granularity = grouping.of(layer.shape(), layer.outputAxis());
    Groups groups = Groups.of(layer.shape(), granularity);
    int[] codes = new int[layer.weights().length];
    float[] scales = new float[groups.count()];
    float[] members = new float[groups.members()];
    int[] memberCodes = new int[groups.members()];
    Grid.Rounding rounding = Scales.rounding(layer.type());
    for (int s = 0; s < scales.length; s++) {
      groups.gather(layer.weights(), s, members);
      float largest = 0;
      for (float m : members) {
        largest = Math.max(largest, Math.abs(m));
      }
      float wanted = largest / kind.format.largest();
      scales[s] = largest == 0 ? 1 : Math.max(Float.MIN_NORMAL, rounding.round(wanted));
      for (int k = 0; k < members.length; k++) {
        memberCodes[k] = code(members[k], scales[s]);
      }
      groups.scatter(memberCodes, s, codes);
    }
    byte[] bytes = new byte[codes.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) codes[i];
    }
    return new Affine(
        Tensor.of(kind.type, layer.shape(), bytes),
        Tensor.ofFloats(layer.type(), Groups.shapeOfScales(layer.shape(), granularity), scales),
        Optional.empty(),
        granularity);
  }

  private int code(float weight, float scale) {
    int nearest = kind.format.nearest(weight / scale);
    boolean lost = weight != 0 && kind.format.toFloat(nearest) == 0;
    return lost ? (weight < 0 ? 0x81 : 1) : nearest;
  }
}
