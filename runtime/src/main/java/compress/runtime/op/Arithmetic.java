package compress.runtime.op;

import static compress.runtime.op.Pointwise.loop;
import static java.util.Map.entry;

import compress.model.DType;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Numbers with numbers, element by element. */
final class Arithmetic {
  private Arithmetic() {}

  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("Add", Pointwise.binary(Arithmetic::add, Double::sum, Long::sum)),
          entry("Sub", Pointwise.binary(Arithmetic::sub, (a, b) -> a - b, (a, b) -> a - b)),
          entry("Mul", Pointwise.binary(Arithmetic::mul, (a, b) -> a * b, (a, b) -> a * b)),
          entry(
              "Div",
              Pointwise.binary(
                  Arithmetic::div, (a, b) -> a / b, (a, b) -> a / b, Long::divideUnsigned)),
          entry("Mod", Arithmetic::mod),
          entry("Pow", Arithmetic::pow),
          entry(
              "Max",
              variadic(Arithmetic::max, Math::max, Math::max, Arithmetic::maxUnsigned, false)),
          entry(
              "Min",
              variadic(Arithmetic::min, Math::min, Math::min, Arithmetic::minUnsigned, false)),
          entry("Sum", variadic(Arithmetic::add, Double::sum, Long::sum, Long::sum, false)),
          entry("Mean", variadic(Arithmetic::add, Double::sum, Long::sum, Long::sum, true)),
          entry("BitwiseAnd", integers((a, b) -> a & b)),
          entry("BitwiseOr", integers((a, b) -> a | b)),
          entry("BitwiseXor", integers((a, b) -> a ^ b)),
          entry("And", logic((a, b) -> a & b)),
          entry("Or", logic((a, b) -> a | b)),
          entry("Xor", logic((a, b) -> a ^ b)),
          entry("BitShift", Arithmetic::bitShift),
          entry("Equal", Pointwise.compare(c -> c == 0)),
          entry("Less", Pointwise.compare(c -> c < 0)),
          entry("LessOrEqual", Pointwise.compare(c -> c <= 0)),
          entry("Greater", Pointwise.compare(c -> c > 0)),
          entry("GreaterOrEqual", Pointwise.compare(c -> c >= 0)));

  static void add(float[] a, float[] b, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = a[i] + b[i];
    }
  }

  private static void sub(float[] a, float[] b, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = a[i] - b[i];
    }
  }

  static void mul(float[] a, float[] b, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = a[i] * b[i];
    }
  }

  private static void div(float[] a, float[] b, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = a[i] / b[i];
    }
  }

  private static void max(float[] a, float[] b, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.max(a[i], b[i]);
    }
  }

  private static void min(float[] a, float[] b, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.min(a[i], b[i]);
    }
  }

  private static long maxUnsigned(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static long minUnsigned(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }

  private static Operator integers(LongBinaryOperator f) {
    Operator op = Pointwise.binary(loop((a, b) -> Double.NaN), (a, b) -> Double.NaN, f);
    return call -> {
      if (call.in(0).type().isFloat()) {
        throw call.refuse("integers are needed, not " + call.in(0).type());
      }
      op.plan(call);
    };
  }

  private static Operator logic(LongBinaryOperator f) {
    Operator op = integers(f);
    return call -> {
      if (call.in(0).type() != DType.BOOL) {
        throw call.refuse("truth values are needed, not " + call.in(0).type());
      }
      op.plan(call);
    };
  }

  /** The sign is the divisor's, or with {@code fmod} the dividend's. */
  private static void mod(Call call) {
    DoubleBinaryOperator doubles =
        call.flag("fmod", false) ? (a, b) -> a % b : Arithmetic::floorMod;
    LongBinaryOperator longs = call.flag("fmod", false) ? (a, b) -> a % b : Math::floorMod;
    Pointwise.binary(loop(doubles), doubles, longs, Long::remainderUnsigned).plan(call);
  }

  private static double floorMod(double a, double b) {
    double r = a % b;
    return r != 0 && r < 0 != b < 0 ? r + b : r;
  }

  /** In the type of the base. */
  private static void pow(Call call) {
    Value base = call.in(0);
    Value exponent = call.in(1);
    if (exponent.isKnown() && exponent.size() == 1 && base.type() == DType.F32) {
      double e = Elements.getDouble(exponent.type(), exponent.data(), 0);
      int[] shape = Layouts.broadcast(call, base.shape(), exponent.shape());
      if (java.util.Arrays.equals(shape, base.shape())) {
        Pointwise.unary(call, power(e), v -> Math.pow(v, e), null);
        return;
      }
    }
    int[] shape = Layouts.broadcast(call, base.shape(), exponent.shape());
    Value y = call.out(0, base.type(), shape);
    Value left = base.expanded(shape);
    Value right = exponent.expanded(shape);
    boolean exact = !base.type().isFloat() && !exponent.type().isFloat();
    Nest nest = Nest.of(y, left, right);
    call.work(threads ->
        nest.run(
            threads,
            (worker, at, n) -> {
              for (int i = 0; i < n; i++) {
                long p = at[1] + i * nest.innerStride(1);
                long q = at[2] + i * nest.innerStride(2);
                long to = at[0] + i * nest.innerStride(0);
                double e = Elements.getDouble(right.type(), right.data(), q);
                double v = Math.pow(Elements.getDouble(left.type(), left.data(), p), e);
                if (base.type().isFloat()) {
                  Elements.putDouble(base.type(), y.data(), to, v);
                } else if (exact && e >= 0) {
                  long b = Elements.getLong(left.type(), left.data(), p);
                  Elements.putLong(base.type(), y.data(), to, power(b, (long) e));
                } else {
                  Elements.putLong(base.type(), y.data(), to, (long) v);
                }
              }
            }));
  }

  private static Pointwise.Loop1 power(double e) {
    if (e == 2) {
      return (x, y, n) -> {
        for (int i = 0; i < n; i++) {
          y[i] = x[i] * x[i];
        }
      };
    }
    return e == 0.5 ? loop(Math::sqrt) : loop(v -> Math.pow(v, e));
  }

  private static long power(long base, long exponent) {
    long result = 1;
    for (long e = exponent; e > 0; e >>= 1) {
      result *= (e & 1) == 1 ? base : 1;
      base *= base;
    }
    return result;
  }

  /** As many inputs as there are, from left to right. */
  private static Operator variadic(
      Pointwise.Loop2 floats,
      DoubleBinaryOperator f,
      LongBinaryOperator longs,
      LongBinaryOperator unsigned,
      boolean mean) {
    return call -> {
      Value first = call.in(0);
      int[][] shapes = new int[call.inputs()][];
      for (int i = 0; i < shapes.length; i++) {
        shapes[i] = call.in(i).shape();
        if (call.in(i).type() != first.type()) {
          throw call.refuse(first.type() + " with " + call.in(i).type());
        }
      }
      int[] shape = Layouts.broadcast(call, shapes);
      Value y = call.out(0, first.type(), shape);
      call.work(Copies.of(first.expanded(shape), y));
      LongBinaryOperator whole = first.type() == DType.U64 ? unsigned : longs;
      for (int i = 1; i < shapes.length; i++) {
        call.work(Pointwise.binary(call, y, call.in(i), y, floats, f, whole));
      }
      int count = shapes.length;
      if (mean && count > 1) {
        call.work(
            Pointwise.unary(call, y, y, loop(v -> v / count), v -> v / count, v -> v / count));
      }
    };
  }

  private static void bitShift(Call call) {
    boolean left = call.text("direction", "").equals("LEFT");
    LongBinaryOperator shift =
        left ? (a, b) -> b > 63 ? 0 : a << b : (a, b) -> b > 63 ? 0 : a >>> b;
    integers(shift).plan(call);
  }
}
