package compress.quantize;

import compress.model.Affine;

/** The integers that a weight of so many bits may become. */
record IntegerRange(int low, int high) {
  static IntegerRange of(Affine affine, int bits) {
    boolean signed = affine.integers().type().kind() == compress.model.DType.Kind.SIGNED;
    return signed
        ? new IntegerRange(-(1 << bits - 1), (1 << bits - 1) - 1)
        : new IntegerRange(0, (1 << bits) - 1);
  }

  /** One for each scale. */
  static long[] zeros(Affine affine) {
    return affine
        .zeroPoint()
        .map(compress.model.Tensor::toLongs)
        .orElseGet(() -> new long[Math.toIntExact(affine.scale().size())]);
  }

  int code(double value, float scale, long zero) {
    return Math.clamp((long) Math.rint(value / scale) + zero, low, high);
  }
}
