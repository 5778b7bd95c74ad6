package compress.kernels.panama;

import compress.kernels.FloatFunctions;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link FloatFunctions} a vector at a time. All go back to the exponential: {@code exp(x) = 2^k
 * exp(r)} with {@code |r|} at most {@code ln(2) / 2}, where a polynomial of degree 6 does.
 *
 * @see <a href="https://dlmf.nist.gov/7.24">DLMF 7.24</a>, which names Hastings' approximation of
 *     the error function that {@link #erf} takes away from zero
 */
public final class VectorFunctions implements FloatFunctions {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final int L = Simd.L;
  private static final VectorFunctions ALL = new VectorFunctions();

  /** Added and taken away again, it rounds to an integer, which is then in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  private static final float LOG2_E = (float) (1 / Math.log(2));

  /** The logarithm of 2 in two parts, the first with few bits. */
  private static final float LN2_HIGH = 355 / 512f;

  private static final float LN2_LOW = (float) (Math.log(2) - LN2_HIGH);

  /** Of Hastings' approximation. */
  private static final float HASTINGS = (float) 0.3275911;

  private static final float ROOT_HALF = (float) Math.sqrt(0.5);
  private static final float TWO_OVER_ROOT_PI = (float) (2 / Math.sqrt(Math.PI));

  private VectorFunctions() {}

  /** These, or others on a machine that cannot multiply and add in one instruction. */
  public static FloatFunctions orElse(FloatFunctions others) {
    return Simd.HAS_FMA ? ALL : others;
  }

  /** The functions of one vector. */
  private enum Function {
    EXP,
    TANH,
    SIGMOID,
    ERF,
    GELU
  }

  @Override
  public void exp(float[] x, float[] y, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      exp(FloatVector.fromArray(F, x, i)).intoArray(y, i);
    }
    last(Function.EXP, x, y, i, n);
  }

  @Override
  public void tanh(float[] x, float[] y, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      tanh(FloatVector.fromArray(F, x, i)).intoArray(y, i);
    }
    last(Function.TANH, x, y, i, n);
  }

  @Override
  public void sigmoid(float[] x, float[] y, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      sigmoid(FloatVector.fromArray(F, x, i)).intoArray(y, i);
    }
    last(Function.SIGMOID, x, y, i, n);
  }

  @Override
  public void erf(float[] x, float[] y, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      erf(FloatVector.fromArray(F, x, i)).intoArray(y, i);
    }
    last(Function.ERF, x, y, i, n);
  }

  @Override
  public void gelu(float[] x, float[] y, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      gelu(FloatVector.fromArray(F, x, i)).intoArray(y, i);
    }
    last(Function.GELU, x, y, i, n);
  }

  /** What does not fill a vector. */
  private static void last(Function function, float[] x, float[] y, int from, int n) {
    if (from == n) {
      return;
    }
    VectorMask<Float> rest = F.indexInRange(from, n);
    FloatVector v = FloatVector.fromArray(F, x, from, rest);
    FloatVector result =
        switch (function) {
          case EXP -> exp(v);
          case TANH -> tanh(v);
          case SIGMOID -> sigmoid(v);
          case ERF -> erf(v);
          case GELU -> gelu(v);
        };
    result.intoArray(y, from, rest);
  }

  private static FloatVector exp(FloatVector x) {
    // Outside of this range the result is 0 or infinite; NaN passes through min and max.
    FloatVector v = x.max(-104f).min(89f);
    FloatVector rounded = v.mul(LOG2_E).add(ROUND);
    FloatVector k = rounded.sub(ROUND);
    FloatVector r = k.mul(-LN2_HIGH).add(v);
    r = k.mul(-LN2_LOW).add(r);
    FloatVector p = r.mul(1 / 720f).add(1 / 120f);
    p = p.fma(r, FloatVector.broadcast(F, 1 / 24f));
    p = p.fma(r, FloatVector.broadcast(F, 1 / 6f));
    p = p.fma(r, FloatVector.broadcast(F, 0.5f));
    p = p.fma(r, FloatVector.broadcast(F, 1f));
    p = p.fma(r, FloatVector.broadcast(F, 1f));
    // Two factors, since 2^k alone may be too small or too large for a float.
    IntVector e = rounded.reinterpretAsInts().sub(0x4b400000);
    IntVector half = e.lanewise(VectorOperators.ASHR, 1);
    return p.mul(power(half)).mul(power(e.sub(half)));
  }

  /** {@code 2^e} */
  private static FloatVector power(IntVector e) {
    return e.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  private static FloatVector sigmoid(FloatVector x) {
    return FloatVector.broadcast(F, 1f).div(exp(x.neg()).add(1f));
  }

  /** {@code 1 - 2 / (exp(2 x) + 1)}, and a series near zero. */
  private static FloatVector tanh(FloatVector x) {
    FloatVector far =
        FloatVector.broadcast(F, 1f).sub(FloatVector.broadcast(F, 2f).div(exp(x.add(x)).add(1f)));
    FloatVector s = x.mul(x);
    FloatVector p = s.mul(-1382 / 155925f).add(62 / 2835f);
    p = p.fma(s, FloatVector.broadcast(F, -17 / 315f));
    p = p.fma(s, FloatVector.broadcast(F, 2 / 15f));
    p = p.fma(s, FloatVector.broadcast(F, -1 / 3f));
    FloatVector near = p.mul(s).fma(x, x);
    return far.blend(near, s.compare(VectorOperators.LT, 0.12f));
  }

  /** The polynomial of Hastings' approximation. */
  private static FloatVector hastings(FloatVector t) {
    FloatVector p = t.mul((float) 1.061405429).add((float) -1.453152027);
    p = p.fma(t, FloatVector.broadcast(F, (float) 1.421413741));
    p = p.fma(t, FloatVector.broadcast(F, (float) -0.284496736));
    return p.fma(t, FloatVector.broadcast(F, (float) 0.254829592)).mul(t);
  }

  /** Hastings' approximation, and the series near zero. */
  private static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector t = FloatVector.broadcast(F, 1f).div(a.mul(HASTINGS).add(1f));
    FloatVector s = x.mul(x);
    FloatVector away = FloatVector.broadcast(F, 1f).sub(hastings(t).mul(exp(s.neg())));
    away = away.blend(away.neg(), x.compare(VectorOperators.LT, 0f));
    FloatVector q = s.mul(1 / 9360f).add(-1 / 1320f);
    q = q.fma(s, FloatVector.broadcast(F, 1 / 216f));
    q = q.fma(s, FloatVector.broadcast(F, -1 / 42f));
    q = q.fma(s, FloatVector.broadcast(F, 0.1f));
    q = q.fma(s, FloatVector.broadcast(F, -1 / 3f));
    q = q.fma(s, FloatVector.broadcast(F, 1f)).mul(x).mul(TWO_OVER_ROOT_PI);
    return away.blend(q, s.compare(VectorOperators.LT, 0.36f));
  }

  /** {@code x erf(x / sqrt(2))} is even, so neither a sign nor a series near zero is needed. */
  private static FloatVector gelu(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector t = FloatVector.broadcast(F, 1f).div(a.mul(HASTINGS * ROOT_HALF).add(1f));
    FloatVector rest = hastings(t).mul(exp(a.mul(a).mul(-0.5f)));
    return a.mul(FloatVector.broadcast(F, 1f).sub(rest)).add(x).mul(0.5f);
  }

  @Override
  public float max(float[] x, int n) {
    FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - L; i += L) {
      max = max.max(FloatVector.fromArray(F, x, i));
    }
    float largest = max.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      largest = Math.max(largest, x[i]);
    }
    return largest;
  }

  @Override
  public void maxInto(float[] x, int from, float[] y, int at, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(F, x, from + i)
          .max(FloatVector.fromArray(F, y, at + i))
          .intoArray(y, at + i);
    }
    if (i < n) {
      // Lines of images are short, so that single elements would take longest.
      VectorMask<Float> rest = F.indexInRange(i, n);
      FloatVector.fromArray(F, x, from + i, rest)
          .max(FloatVector.fromArray(F, y, at + i, rest))
          .intoArray(y, at + i, rest);
    }
  }

  @Override
  public void split(float[] x, int n, float[] even, float[] odd) {
    int i = 0;
    for (; i <= n - L; i += L) {
      // Two floats taken as a long, whose lower half is the first.
      LongVector pairs = FloatVector.fromArray(F, x, i).reinterpretAsLongs();
      low(pairs).intoArray(even, i / 2);
      low(pairs.lanewise(VectorOperators.LSHR, 32)).intoArray(odd, i / 2);
    }
    for (; i < n; i++) {
      (i % 2 == 0 ? even : odd)[i / 2] = x[i];
    }
  }

  private static FloatVector low(LongVector pairs) {
    return ((IntVector) pairs.convertShape(VectorOperators.L2I, Simd.HALF, 0))
        .reinterpretAsFloats();
  }

  @Override
  public void addScaled(float[] x, int from, float by, float[] y, int at, int n) {
    FloatVector factor = FloatVector.broadcast(F, by);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, from + i);
      factor.fma(v, FloatVector.fromArray(F, y, at + i)).intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] += by * x[from + i];
    }
  }
}
