package compress.model;

/**
 * Floats of one byte or less, as ONNX and the Open Compute Project define them.
 *
 * @see <a href="https://onnx.ai/onnx/technical/float8.html">ONNX, Float stored in 8 bits</a>
 */
public enum SmallFloat {
  /** No infinity; all exponent and mantissa bits set is NaN. */
  E4M3FN(4, 3, 7) {
    @Override
    float special(int bits) {
      return (bits & 0x7f) == 0x7f ? Float.NaN : ORDINARY;
    }
  },
  /** No infinity, no negative zero; 0x80 is NaN. */
  E4M3FNUZ(4, 3, 8) {
    @Override
    float special(int bits) {
      return bits == 0x80 ? Float.NaN : ORDINARY;
    }
  },
  /** Infinity and NaN as in IEEE 754. */
  E5M2(5, 2, 15) {
    @Override
    float special(int bits) {
      if ((bits & 0x7c) != 0x7c) {
        return ORDINARY;
      }
      return (bits & 3) != 0
          ? Float.NaN
          : bits < 0x80 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
    }
  },
  E5M2FNUZ(5, 2, 16) {
    @Override
    float special(int bits) {
      return bits == 0x80 ? Float.NaN : ORDINARY;
    }
  },
  /** Four bits, no special values. */
  E2M1(2, 1, 1) {
    @Override
    float special(int bits) {
      return ORDINARY;
    }
  };

  // Far outside every range here, so it cannot be a value.
  private static final float ORDINARY = Float.MAX_VALUE;

  private final int exponentBits;
  private final int mantissaBits;
  private final int bias;

  SmallFloat(int exponentBits, int mantissaBits, int bias) {
    this.exponentBits = exponentBits;
    this.mantissaBits = mantissaBits;
    this.bias = bias;
  }

  abstract float special(int bits);

  /** The number that the low bits of {@code bits} stand for. */
  public float toFloat(int bits) {
    float special = special(bits);
    if (special != ORDINARY) {
      return special;
    }
    int mantissa = bits & ((1 << mantissaBits) - 1);
    int exponent = (bits >>> mantissaBits) & ((1 << exponentBits) - 1);
    float magnitude =
        exponent == 0
            ? Math.scalb((float) mantissa, 1 - bias - mantissaBits)
            : Math.scalb((float) (mantissa | 1 << mantissaBits), exponent - bias - mantissaBits);
    return (bits >>> (mantissaBits + exponentBits) & 1) == 0 ? magnitude : -magnitude;
  }

  /** The largest finite number. */
  public float largest() {
    float largest = 0;
    for (int bits = 0; bits < 1 << exponentBits + mantissaBits; bits++) {
      float value = toFloat(bits);
      largest = Float.isFinite(value) ? Math.max(largest, value) : largest;
    }
    return largest;
  }

  /**
   * The bits of the nearest finite number, half to even: what is too large becomes the largest, as
   * {@code Cast} does with its attribute {@code saturate}. Takes no NaN.
   */
  public int nearest(float value) {
    // Bits of one sign are in the order of their numbers.
    float magnitude = Math.abs(value);
    int low = 0;
    int high = 1 << exponentBits + mantissaBits;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      float at = toFloat(middle);
      if (Float.isFinite(at) && at <= magnitude) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double below = (double) magnitude - toFloat(low);
    // Past the largest of a type without special values comes its negative zero.
    double next = low + 1 < 1 << exponentBits + mantissaBits ? toFloat(low + 1) : Double.NaN;
    double above = next - magnitude;
    int rounded = above < below || above == below && (low & 1) == 1 ? low + 1 : low;
    int sign = value < 0 && rounded > 0 ? 1 << exponentBits + mantissaBits : 0;
    return sign | rounded;
  }

  /** A power of two without sign; 255 is NaN. */
  static float e8m0(int bits) {
    return bits == 255 ? Float.NaN : (float) Math.scalb(1.0, bits - 127);
  }
}
