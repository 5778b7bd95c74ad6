package compress.runtime.op;

import static compress.runtime.op.Pointwise.loop;
import static compress.runtime.op.Pointwise.unary;
import static java.util.Map.entry;

import compress.kernels.Erf;
import compress.kernels.FloatFunctions;
import compress.model.DType;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;

/** Functions of one number, activations among them. */
final class Functions {
  private static final FloatFunctions HERE = FloatFunctions.here();

  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("Relu", unary(Functions::relu, v -> Math.max(0, v), v -> Math.max(0, v))),
          entry("Abs", unary(loop(Math::abs), Math::abs, Math::abs)),
          entry("Neg", unary(loop(v -> -v), v -> -v, v -> -v)),
          entry("Sign", unary(loop(Math::signum), Math::signum, v -> Long.signum(v))),
          entry("Floor", unary(Math::floor)),
          entry("Ceil", unary(Math::ceil)),
          entry("Round", unary(Math::rint)),
          entry("Sqrt", unary(loop(Math::sqrt), Math::sqrt, null)),
          entry("Reciprocal", unary(v -> 1 / v)),
          entry("Exp", unary(HERE::exp, Math::exp, null)),
          entry("Log", unary(Math::log)),
          entry("Erf", unary(HERE::erf, Erf::of, null)),
          entry("Sin", unary(Math::sin)),
          entry("Cos", unary(Math::cos)),
          entry("Tan", unary(Math::tan)),
          entry("Asin", unary(Math::asin)),
          entry("Acos", unary(Math::acos)),
          entry("Atan", unary(Math::atan)),
          entry("Sinh", unary(Math::sinh)),
          entry("Cosh", unary(Math::cosh)),
          entry("Asinh", unary(Functions::asinh)),
          entry("Acosh", unary(v -> Math.log(v + Math.sqrt(v * v - 1)))),
          entry("Atanh", unary(v -> 0.5 * (Math.log1p(v) - Math.log1p(-v)))),
          entry("Tanh", unary(HERE::tanh, Math::tanh, null)),
          entry("Sigmoid", unary(HERE::sigmoid, Functions::sigmoid, null)),
          entry("Softplus", unary(Functions::softplus)),
          entry("Softsign", unary(v -> v / (1 + Math.abs(v)))),
          entry("Mish", unary(v -> v * Math.tanh(softplus(v)))),
          entry("HardSwish", unary(v -> v * Math.clamp(v / 6 + 0.5, 0.0, 1.0))),
          entry("HardSigmoid", Functions::hardSigmoid),
          entry("LeakyRelu", Functions::leakyRelu),
          entry("Elu", Functions::elu),
          entry("Celu", Functions::celu),
          entry("Selu", Functions::selu),
          entry("ThresholdedRelu", Functions::thresholdedRelu),
          entry("Shrink", Functions::shrink),
          entry("Swish", Functions::swish),
          entry("Gelu", Functions::gelu),
          entry("PRelu", Functions::pRelu),
          entry("Clip", Functions::clip),
          entry("Not", Functions::not),
          entry("BitwiseNot", Functions::bitwiseNot),
          entry("IsNaN", call -> test(call, Double::isNaN)),
          entry("IsInf", Functions::isInf));

  private Functions() {}

  private static void relu(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.max(0, x[i]);
    }
  }

  static double sigmoid(double v) {
    return 1 / (1 + Math.exp(-v));
  }

  private static double softplus(double v) {
    return v > 30 ? v : Math.log1p(Math.exp(v));
  }

  private static double asinh(double v) {
    double a = Math.abs(v);
    return Math.copySign(Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1))), v);
  }

  private static void floats(Call call, DoubleUnaryOperator f) {
    unary(f).plan(call);
  }

  private static void hardSigmoid(Call call) {
    double alpha = call.number("alpha", 0.2f);
    double beta = call.number("beta", 0.5f);
    floats(call, v -> Math.clamp(alpha * v + beta, 0.0, 1.0));
  }

  private static void leakyRelu(Call call) {
    double alpha = call.number("alpha", 0.01f);
    floats(call, v -> v < 0 ? alpha * v : v);
  }

  private static void elu(Call call) {
    double alpha = call.number("alpha", 1);
    floats(call, v -> v < 0 ? alpha * Math.expm1(v) : v);
  }

  private static void celu(Call call) {
    double alpha = call.number("alpha", 1);
    floats(call, v -> v < 0 ? alpha * Math.expm1(v / alpha) : v);
  }

  private static void selu(Call call) {
    double alpha = call.number("alpha", (float) 1.6732632423543772);
    double gamma = call.number("gamma", (float) 1.0507009873554805);
    floats(call, v -> gamma * (v <= 0 ? alpha * Math.expm1(v) : v));
  }

  private static void thresholdedRelu(Call call) {
    double alpha = call.number("alpha", 1);
    floats(call, v -> v > alpha ? v : 0);
  }

  private static void shrink(Call call) {
    double bias = call.number("bias", 0);
    double lambda = call.number("lambd", 0.5f);
    DoubleUnaryOperator f = v -> v < -lambda ? v + bias : v > lambda ? v - bias : 0;
    unary(loop(f), f, v -> (long) f.applyAsDouble((double) v)).plan(call);
  }

  private static void swish(Call call) {
    double alpha = call.number("alpha", 1);
    floats(call, v -> v * sigmoid(alpha * v));
  }

  private static void gelu(Call call) {
    if (call.text("approximate", "none").equals("tanh")) {
      double c = Math.sqrt(2 / Math.PI);
      floats(call, v -> 0.5 * v * (1 + Math.tanh(c * (v + 0.044715 * v * v * v))));
    } else {
      DoubleUnaryOperator f = v -> 0.5 * v * (1 + Erf.of(v / Math.sqrt(2)));
      unary(HERE::gelu, f, null).plan(call);
    }
  }

  /** The slope broadcasts to the input from the last axis on. */
  private static void pRelu(Call call) {
    Pointwise.binary(
            loop((x, slope) -> x < 0 ? x * slope : x),
            (x, slope) -> x < 0 ? x * slope : x,
            (x, slope) -> x < 0 ? x * slope : x)
        .plan(call);
  }

  private static void clip(Call call) {
    boolean attributes = call.opset() < 11;
    for (int i = 1; i < 3; i++) {
      if (!attributes && call.has(i) && !call.in(i).isKnown()) {
        throw new NotYetKnown();
      }
    }
    if (call.in(0).type().isFloat()) {
      double low = attributes ? call.number("min", -Float.MAX_VALUE) : bound(call, 1);
      double high = attributes ? call.number("max", Float.MAX_VALUE) : bound(call, 2);
      float lowest = (float) low;
      float highest = (float) high;
      unary(
              (x, y, n) -> {
                for (int i = 0; i < n; i++) {
                  y[i] = Math.min(highest, Math.max(lowest, x[i]));
                }
              },
              v -> Math.min(high, Math.max(low, v)),
              null)
          .plan(call);
    } else {
      boolean unsigned = call.in(0).type() == DType.U64;
      long low = call.has(1) ? call.longs(1)[0] : unsigned ? 0 : Long.MIN_VALUE;
      long high = call.has(2) ? call.longs(2)[0] : unsigned ? -1 : Long.MAX_VALUE;
      unary(
              loop(v -> v),
              v -> v,
              v -> unsigned ? clampUnsigned(v, low, high) : Math.min(high, Math.max(low, v)))
          .plan(call);
    }
  }

  private static long clampUnsigned(long v, long low, long high) {
    long raised = Long.compareUnsigned(v, low) < 0 ? low : v;
    return Long.compareUnsigned(raised, high) > 0 ? high : raised;
  }

  private static double bound(Call call, int input) {
    double none = input == 1 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    return call.has(input)
        ? Elements.getDouble(call.in(input).type(), call.in(input).data(), 0)
        : none;
  }

  private static void not(Call call) {
    if (call.in(0).type() != DType.BOOL) {
      throw call.refuse("truth values are needed, not " + call.in(0).type());
    }
    unary(loop(v -> v), v -> v, v -> 1 - v).plan(call);
  }

  private static void bitwiseNot(Call call) {
    if (call.in(0).type().isFloat()) {
      throw call.refuse("integers are needed, not " + call.in(0).type());
    }
    unary(loop(v -> v), v -> v, v -> ~v).plan(call);
  }

  private static void isInf(Call call) {
    boolean negative = call.flag("detect_negative", true);
    boolean positive = call.flag("detect_positive", true);
    test(call, v -> Double.isInfinite(v) && (v < 0 ? negative : positive));
  }

  private static void test(Call call, DoublePredicate predicate) {
    Value x = call.in(0);
    if (!x.type().isFloat()) {
      throw call.refuse("floats are needed, not " + x.type());
    }
    Value y = call.out(0, Layouts.like(DType.BOOL, x.shape(), x));
    Nest nest = Nest.of(y, x);
    call.work(threads ->
        nest.run(
            threads,
            (worker, at, n) -> {
              for (int i = 0; i < n; i++) {
                double v = Elements.getDouble(x.type(), x.data(), at[1] + i * nest.innerStride(1));
                long to = at[0] + i * nest.innerStride(0);
                Elements.putLong(DType.BOOL, y.data(), to, predicate.test(v) ? 1 : 0);
              }
            }));
  }
}
