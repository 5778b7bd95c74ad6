package compress.kernels;

/**
 * One column of activations as integers of 8 bits: {@code x ~ scale * value}, with {@code scale =
 * max |x| / 127} and values rounded to the nearest, ties to even. A column of zeros has scale 0. If
 * an activation is not finite, the scale is NaN and the values are 0, so the products are NaN.
 */
public record Int8Column(byte[] values, float scale) {
  public static Int8Column of(Matrix x, int column) {
    float largest = 0;
    for (int r = 0; r < x.rows(); r++) {
      largest = Math.max(largest, Math.abs(x.at(r, column)));
    }
    byte[] values = new byte[x.rows()];
    if (!(largest <= Float.MAX_VALUE)) {
      return new Int8Column(values, Float.NaN);
    }
    float scale = largest / 127;
    // A double, since 127 / largest overflows a float where the activations are subnormal.
    double inverse = largest == 0 ? 0 : 127.0 / largest;
    for (int r = 0; r < values.length; r++) {
      values[r] = (byte) Math.rint(x.at(r, column) * inverse);
    }
    return new Int8Column(values, scale);
  }
}
