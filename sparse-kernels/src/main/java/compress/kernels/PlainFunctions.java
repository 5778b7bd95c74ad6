package compress.kernels;

import java.util.function.DoubleUnaryOperator;

/** {@link FloatFunctions} one by one, in doubles. */
final class PlainFunctions implements FloatFunctions {
  static final PlainFunctions ALL = new PlainFunctions();

  private PlainFunctions() {}

  private static void each(float[] x, float[] y, int n, DoubleUnaryOperator f) {
    for (int i = 0; i < n; i++) {
      y[i] = (float) f.applyAsDouble(x[i]);
    }
  }

  @Override
  public void exp(float[] x, float[] y, int n) {
    each(x, y, n, Math::exp);
  }

  @Override
  public void tanh(float[] x, float[] y, int n) {
    each(x, y, n, Math::tanh);
  }

  @Override
  public void sigmoid(float[] x, float[] y, int n) {
    each(x, y, n, v -> 1 / (1 + Math.exp(-v)));
  }

  @Override
  public void erf(float[] x, float[] y, int n) {
    each(x, y, n, Erf::of);
  }

  @Override
  public void gelu(float[] x, float[] y, int n) {
    each(x, y, n, v -> 0.5 * v * (1 + Erf.of(v * Math.sqrt(0.5))));
  }

  @Override
  public float max(float[] x, int n) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }

  @Override
  public void maxInto(float[] x, int from, float[] y, int at, int n) {
    for (int i = 0; i < n; i++) {
      y[at + i] = Math.max(y[at + i], x[from + i]);
    }
  }

  @Override
  public void split(float[] x, int n, float[] even, float[] odd) {
    for (int i = 0; i < n; i++) {
      (i % 2 == 0 ? even : odd)[i / 2] = x[i];
    }
  }

  @Override
  public void addScaled(float[] x, int from, float by, float[] y, int at, int n) {
    for (int i = 0; i < n; i++) {
      y[at + i] += by * x[from + i];
    }
  }
}
