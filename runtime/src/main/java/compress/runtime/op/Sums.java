package compress.runtime.op;

/** Sums of floats in eight parts, so that additions need not wait for each other. */
final class Sums {
  private Sums() {}

  static float of(float[] v, int n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    int i = 0;
    for (; i <= n - 8; i += 8) {
      a += v[i];
      b += v[i + 1];
      c += v[i + 2];
      d += v[i + 3];
      e += v[i + 4];
      f += v[i + 5];
      g += v[i + 6];
      h += v[i + 7];
    }
    for (; i < n; i++) {
      a += v[i];
    }
    return a + b + (c + d) + (e + f + (g + h));
  }

  static float ofSquares(float[] v, int n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i <= n - 4; i += 4) {
      a += v[i] * v[i];
      b += v[i + 1] * v[i + 1];
      c += v[i + 2] * v[i + 2];
      d += v[i + 3] * v[i + 3];
    }
    for (; i < n; i++) {
      a += v[i] * v[i];
    }
    return a + b + (c + d);
  }
}
