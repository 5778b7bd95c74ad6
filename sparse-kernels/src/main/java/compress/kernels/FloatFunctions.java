package compress.kernels;

import compress.kernels.panama.VectorFunctions;

/**
 * Functions that networks apply to each activation, on arrays: {@code y[i] = f(x[i])} for the first
 * {@code n}. The two arrays may be one. Errors are below 3e-7 of the result, or of 1 where the
 * result is a sum with 1.
 */
public interface FloatFunctions {
  /** With vectors where this machine has them, else with plain loops. */
  static FloatFunctions here() {
    return Chosen.HERE;
  }

  /** Plain loops over doubles, which the others are checked against. */
  static FloatFunctions plain() {
    return PlainFunctions.ALL;
  }

  void exp(float[] x, float[] y, int n);

  void tanh(float[] x, float[] y, int n);

  /** {@code 1 / (1 + exp(-x))} */
  void sigmoid(float[] x, float[] y, int n);

  void erf(float[] x, float[] y, int n);

  /** {@code x (1 + erf(x / sqrt(2))) / 2} */
  void gelu(float[] x, float[] y, int n);

  /** The largest of the first {@code n}; NaN if there is one. */
  float max(float[] x, int n);

  /** {@code y[at + i] = max(y[at + i], x[from + i])} for {@code n} elements of two arrays. */
  void maxInto(float[] x, int from, float[] y, int at, int n);

  /**
   * The first {@code n} elements, those with even numbers to one array and those with odd numbers
   * to another.
   */
  void split(float[] x, int n, float[] even, float[] odd);

  /** {@code y[at + i] += by * x[from + i]} for {@code n} elements of two different arrays. */
  void addScaled(float[] x, int from, float by, float[] y, int at, int n);

  /** Holds the choice, so that the vectors' class is loaded where they are. */
  final class Chosen {
    private static final FloatFunctions HERE =
        KernelCatalog.hasVectorApi() ? VectorFunctions.orElse(PlainFunctions.ALL) : plain();

    private Chosen() {}
  }
}
