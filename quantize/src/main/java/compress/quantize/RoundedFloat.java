package compress.quantize;

import compress.model.DType;
import compress.model.Dense;
import compress.model.Tensor;
import compress.model.Values;

/**
 * Floats with fewer bits of mantissa and the exponents of 32-bit ones, rounded to the nearest, ties
 * to even. What would round to infinity becomes the largest number. Numbers below the smallest
 * normal one are rounded up to it, so that only pruned weights are zero.
 */
public record RoundedFloat(Kind kind) implements Scheme {
  /** The formats. */
  public enum Kind {
    /** 7 bits of mantissa; the graph casts them back. */
    BF16("bf16", 16, 7),
    /**
     * 10 bits of mantissa, what NVIDIA's tensor cores take of an F32. No file format stores these
     * 19 bits: the file holds F32, of which the entropy coder takes the zeros out.
     */
    TF32("tf32", 19, 10);

    private final String scheme;
    private final int bits;
    private final int mantissa;

    Kind(String scheme, int bits, int mantissa) {
      this.scheme = scheme;
      this.bits = bits;
      this.mantissa = mantissa;
    }
  }

  @Override
  public String name() {
    return kind.scheme;
  }

  @Override
  public int fewestBits() {
    return kind.bits;
  }

  @Override
  public int mostBits() {
    return kind.bits;
  }

  @Override
  public Values quantize(Layer layer, int bits, long seed) {
    float[] rounded = new float[layer.weights().length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = rounded(layer.weights()[i]);
    }
    DType type = kind == Kind.BF16 ? DType.BF16 : DType.F32;
    return new Dense(Tensor.ofFloats(type, layer.shape(), rounded));
  }

  private float rounded(float weight) {
    if (weight == 0) {
      return 0;
    }
    int dropped = 23 - kind.mantissa;
    int bits = Float.floatToRawIntBits(weight);
    int half = (1 << dropped - 1) - 1 + (bits >>> dropped & 1);
    float nearest = Float.intBitsToFloat(bits + half >> dropped << dropped);
    if (Float.isInfinite(nearest)) {
      nearest = Float.intBitsToFloat(Float.floatToRawIntBits(nearest) - (1 << dropped));
    }
    return Math.abs(nearest) < Float.MIN_NORMAL ? Math.copySign(Float.MIN_NORMAL, weight) : nearest;
  }
}
