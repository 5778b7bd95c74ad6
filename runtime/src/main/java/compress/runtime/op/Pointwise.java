package compress.runtime.op;

import compress.model.DType;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Operators that compute each element on its own, from inputs that broadcast as in NumPy. Floats of
 * 32 bits go in pieces through loops over arrays; other floats one by one as doubles, which are
 * rounded once, and integers as longs, whose low bits are kept.
 */
final class Pointwise {
  private Pointwise() {}

  /** {@code y[i]} from {@code x[i]}; the two may be the same array. */
  @FunctionalInterface
  interface Loop1 {
    void run(float[] x, float[] y, int n);
  }

  /** {@code y[i]} from {@code a[i]} and {@code b[i]}. */
  @FunctionalInterface
  interface Loop2 {
    void run(float[] a, float[] b, float[] y, int n);
  }

  static Loop1 loop(DoubleUnaryOperator f) {
    return (x, y, n) -> {
      for (int i = 0; i < n; i++) {
        y[i] = (float) f.applyAsDouble(x[i]);
      }
    };
  }

  static Loop2 loop(DoubleBinaryOperator f) {
    return (a, b, y, n) -> {
      for (int i = 0; i < n; i++) {
        y[i] = (float) f.applyAsDouble(a[i], b[i]);
      }
    };
  }

  /** Of floats alone. */
  static Operator unary(DoubleUnaryOperator f) {
    return unary(loop(f), f, null);
  }

  /**
   * @param longs null if integers are not taken
   */
  static Operator unary(Loop1 floats, DoubleUnaryOperator f, @Nullable LongUnaryOperator longs) {
    return call -> unary(call, floats, f, longs);
  }

  static void unary(
      Call call, Loop1 floats, DoubleUnaryOperator f, @Nullable LongUnaryOperator longs) {
    Value x = call.in(0);
    Value y = call.out(0, Layouts.like(x.type(), x.shape(), x));
    call.work(unary(call, x, y, floats, f, longs));
  }

  static Work unary(
      Call call,
      Value x,
      Value y,
      Loop1 floats,
      DoubleUnaryOperator f,
      @Nullable LongUnaryOperator longs) {
    DType type = x.type();
    check(call, type, longs != null);
    Nest nest = Nest.of(y, x);
    if (type == DType.F32) {
      return floats(nest, x, y, floats);
    }
    long into = nest.innerStride(0);
    long step = nest.innerStride(1);
    return threads ->
        nest.run(
            threads,
            (worker, at, n) -> {
              MemorySegment from = x.data();
              MemorySegment to = y.data();
              for (int i = 0; i < n; i++) {
                long a = at[1] + i * step;
                long b = at[0] + i * into;
                if (longs == null || type.isFloat()) {
                  double v = f.applyAsDouble(Elements.getDouble(type, from, a));
                  Elements.putDouble(type, to, b, v);
                } else {
                  Elements.putLong(type, to, b, longs.applyAsLong(Elements.getLong(type, from, a)));
                }
              }
            });
  }

  private static Work floats(Nest nest, Value x, Value y, Loop1 loop) {
    long into = nest.innerStride(0);
    long step = nest.innerStride(1);
    return threads ->
        nest.run(
            threads,
            (worker, at, n) -> {
              float[] a = threads.floats(worker, 0, n);
              float[] out = threads.floats(worker, 1, n);
              load(x.data(), at[1], step, a, n);
              loop.run(a, out, n);
              store(out, y.data(), at[0], into, n);
            });
  }

  static Operator binary(Loop2 floats, DoubleBinaryOperator f, @Nullable LongBinaryOperator longs) {
    return binary(floats, f, longs, longs);
  }

  /**
   * @param unsigned for unsigned integers of 64 bits
   */
  static Operator binary(
      Loop2 floats,
      DoubleBinaryOperator f,
      @Nullable LongBinaryOperator longs,
      @Nullable LongBinaryOperator unsigned) {
    return call -> {
      Value a = call.in(0);
      Value b = call.in(1);
      if (a.type() != b.type()) {
        throw call.refuse(a.type() + " with " + b.type());
      }
      int[] shape = Layouts.broadcast(call, a.shape(), b.shape());
      Value y = call.out(0, Layouts.like(a.type(), shape, a, b));
      call.work(binary(call, a, b, y, floats, f, a.type() == DType.U64 ? unsigned : longs));
    };
  }

  static Work binary(
      Call call,
      Value a,
      Value b,
      Value y,
      Loop2 floats,
      DoubleBinaryOperator f,
      @Nullable LongBinaryOperator longs) {
    DType type = a.type();
    check(call, type, longs != null);
    Value left = a.expanded(y.shape());
    Value right = b.expanded(y.shape());
    Nest nest = Nest.of(y, left, right);
    if (type == DType.F32) {
      return floats(nest, left, right, y, floats);
    }
    return threads ->
        nest.run(
            threads,
            (worker, at, n) -> {
              MemorySegment p = left.data();
              MemorySegment q = right.data();
              for (int i = 0; i < n; i++) {
                long from = at[1] + i * nest.innerStride(1);
                long with = at[2] + i * nest.innerStride(2);
                long to = at[0] + i * nest.innerStride(0);
                if (longs == null || type.isFloat()) {
                  double u = Elements.getDouble(type, p, from);
                  double v = Elements.getDouble(type, q, with);
                  Elements.putDouble(type, y.data(), to, f.applyAsDouble(u, v));
                } else {
                  long u = Elements.getLong(type, p, from);
                  long v = Elements.getLong(type, q, with);
                  Elements.putLong(type, y.data(), to, longs.applyAsLong(u, v));
                }
              }
            });
  }

  private static Work floats(Nest nest, Value a, Value b, Value y, Loop2 loop) {
    long into = nest.innerStride(0);
    long left = nest.innerStride(1);
    long right = nest.innerStride(2);
    return threads ->
        nest.run(
            threads,
            (worker, at, n) -> {
              float[] p = threads.floats(worker, 0, n);
              float[] q = threads.floats(worker, 1, n);
              float[] out = threads.floats(worker, 2, n);
              load(a.data(), at[1], left, p, n);
              load(b.data(), at[2], right, q, n);
              loop.run(p, q, out, n);
              store(out, y.data(), at[0], into, n);
            });
  }

  /** Whether two numbers stand in a relation; on unsigned 64 bits as if their first bit was off. */
  @FunctionalInterface
  interface Relation {
    boolean holds(int compared);
  }

  /** Truth of a comparison; a NaN stands in none but inequality. */
  static Operator compare(Relation relation) {
    return call -> {
      Value a = call.in(0);
      Value b = call.in(1);
      DType type = a.type();
      if (type != b.type()) {
        throw call.refuse(type + " with " + b.type());
      }
      check(call, type, true);
      int[] shape = Layouts.broadcast(call, a.shape(), b.shape());
      Value y = call.out(0, DType.BOOL, shape);
      Value left = a.expanded(shape);
      Value right = b.expanded(shape);
      Nest nest = Nest.of(y, left, right);
      call.work(threads ->
          nest.run(
              threads,
              (worker, at, n) -> {
                for (int i = 0; i < n; i++) {
                  long p = at[1] + i * nest.innerStride(1);
                  long q = at[2] + i * nest.innerStride(2);
                  boolean holds;
                  if (type.isFloat()) {
                    double u = Elements.getDouble(type, left.data(), p);
                    double v = Elements.getDouble(type, right.data(), q);
                    holds =
                        !Double.isNaN(u)
                            && !Double.isNaN(v)
                            && relation.holds(u < v ? -1 : u > v ? 1 : 0);
                  } else {
                    long u = Elements.getLong(type, left.data(), p);
                    long v = Elements.getLong(type, right.data(), q);
                    boolean unsigned = type == DType.U64;
                    holds =
                        relation.holds(unsigned ? Long.compareUnsigned(u, v) : Long.compare(u, v));
                  }
                  Elements.putLong(
                      DType.BOOL, y.data(), at[0] + i * nest.innerStride(0), holds ? 1 : 0);
                }
              }));
    };
  }

  private static void check(Call call, DType type, boolean integers) {
    boolean computable =
        type.isFloat() ? type.bits() >= 16 : integers && type.isInteger() && type.bits() >= 8;
    if (!computable) {
      throw call.refuse("tensors of " + type + " are not offered");
    }
  }

  /** {@code n} floats from element {@code at} on, {@code step} apart. */
  static void load(MemorySegment from, long at, long step, float[] to, int n) {
    if (step == 1) {
      MemorySegment.copy(from, Elements.FLOAT, 4 * at, to, 0, n);
    } else if (step == 0) {
      java.util.Arrays.fill(to, 0, n, from.getAtIndex(Elements.FLOAT, at));
    } else {
      for (int i = 0; i < n; i++) {
        to[i] = from.getAtIndex(Elements.FLOAT, at + i * step);
      }
    }
  }

  static void store(float[] from, MemorySegment to, long at, long step, int n) {
    if (step == 1) {
      MemorySegment.copy(from, 0, to, Elements.FLOAT, 4 * at, n);
    } else {
      for (int i = 0; i < n; i++) {
        to.setAtIndex(Elements.FLOAT, at + i * step, from[i]);
      }
    }
  }
}
