package compress.quantize;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import java.util.Optional;

/**
 * Each weight rounded to the nearest of equally spaced numbers: {@code (integer - zero point) *
 * scale}. No weight inside the range is further from what it was than half a step.
 *
 * <p>Symmetric ranges need no zero point and take signed integers. Integers of 5 to 8 bits are
 * stored in 8, those of 2 to 4 bits in 4: fewer bits than 4 are no type that ONNX Runtime's {@code
 * DequantizeLinear} takes. The entropy coder finds the bits that are not used. Pruned weights stay
 * zero; a small weight may become zero too.
 *
 * @param grouping which weights share a scale
 * @param range how far the integers reach
 */
public record Linear(boolean symmetric, Grouping grouping, Range range) implements Scheme {
  /** Symmetric, a scale for each output, from the least weight to the greatest. */
  public static Linear defaults() {
    return new Linear(true, new Grouping.Channel(), new Range.MinMax());
  }

  @Override
  public String name() {
    return "linear";
  }

  @Override
  public int fewestBits() {
    return 2;
  }

  @Override
  public int mostBits() {
    return 8;
  }

  @Override
  public int usualBits() {
    return 8;
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
    Granularity granularity = grouping.of(layer.shape(), layer.outputAxis());
    Groups groups = Groups.of(layer.shape(), granularity);
    Grid[] grids = grids(layer, groups, bits);
    int[] codes = new int[layer.weights().length];
    float[] members = new float[groups.members()];
    int[] memberCodes = new int[groups.members()];
    for (int s = 0; s < grids.length; s++) {
      groups.gather(layer.weights(), s, members);
      for (int k = 0; k < members.length; k++) {
        memberCodes[k] = grids[s].code(members[k]);
      }
      groups.scatter(memberCodes, s, codes);
    }
    return affine(layer, granularity, grids, codes, bits);
  }

  /** One for each scale. */
  Grid[] grids(Layer layer, Groups groups, int bits) {
    Grid[] grids = new Grid[groups.count()];
    float[] members = new float[groups.members()];
    Grid.Rounding rounding = Scales.rounding(layer.type());
    for (int s = 0; s < grids.length; s++) {
      groups.gather(layer.weights(), s, members);
      grids[s] = range.grid(members, members.length, bits, symmetric, rounding);
    }
    return grids;
  }

  /** The integers with their scales, as a param holds them. */
  Affine affine(Layer layer, Granularity granularity, Grid[] grids, int[] codes, int bits) {
    float[] scales = new float[grids.length];
    int[] zeros = new int[grids.length];
    for (int s = 0; s < grids.length; s++) {
      scales[s] = grids[s].scale();
      zeros[s] = grids[s].zeroPoint();
    }
    Shape shape = Groups.shapeOfScales(layer.shape(), granularity);
    DType storage = storage(bits);
    return new Affine(
        Tensor.ofIntegers(storage, layer.shape(), codes),
        Tensor.ofFloats(layer.type(), shape, scales),
        symmetric ? Optional.empty() : Optional.of(Tensor.ofIntegers(storage, shape, zeros)),
        granularity);
  }

  private DType storage(int bits) {
    return bits > 4 ? symmetric ? DType.I8 : DType.U8 : symmetric ? DType.I4 : DType.U4;
  }
}
