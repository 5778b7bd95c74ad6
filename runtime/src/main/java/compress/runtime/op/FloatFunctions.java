package compress.runtime.op;

/** Functions that take time in networks, on pieces of floats. */
final class FloatFunctions {
  private FloatFunctions() {}

  static void exp(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = (float) Math.exp(x[i]);
    }
  }

  static void tanh(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = (float) Math.tanh(x[i]);
    }
  }

  static void sigmoid(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = (float) Functions.sigmoid(x[i]);
    }
  }

  static void erf(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = (float) Erf.of(x[i]);
    }
  }

  /** {@code x (1 + erf(x / sqrt(2))) / 2} */
  static void gelu(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = (float) (0.5 * x[i] * (1 + Erf.of(x[i] * Math.sqrt(0.5))));
    }
  }
}
