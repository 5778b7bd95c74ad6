package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.DType;
import compress.model.SmallFloat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/** Numbers of one type as those of another. */
final class Casts {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("Cast", call -> cast(call, call.type("to", DType.F32))),
          entry("CastLike", call -> cast(call, call.in(1).type())),
          entry("BitCast", Casts::bitCast));

  private Casts() {}

  private static void cast(Call call, DType to) {
    Value x = call.in(0);
    if (x.type() == to) {
      call.alias(0, x);
      return;
    }
    Value y = call.out(0, Layouts.like(to, x.shape(), x));
    call.work(of(call, x, y, call.flag("saturate", true)));
  }

  /** Plans {@code y} to be the numbers of {@code x} in its own type. */
  static Work of(Call call, Value x, Value y, boolean saturate) {
    Put put = put(call, x.type(), y.type(), saturate);
    Nest nest = Nest.of(y, x);
    return threads ->
        nest.run(
            threads,
            (worker, at, n) -> {
              for (int i = 0; i < n; i++) {
                put.run(
                    x.data(),
                    at[1] + i * nest.innerStride(1),
                    y.data(),
                    at[0] + i * nest.innerStride(0));
              }
            });
  }

  private interface Put {
    void run(MemorySegment from, long a, MemorySegment to, long b);
  }

  private static Put put(Call call, DType from, DType to, boolean saturate) {
    if (from.kind() == DType.Kind.COMPLEX || to.kind() == DType.Kind.COMPLEX) {
      throw call.refuse("from " + from + " to " + to + " is not offered");
    }
    if (to == DType.BOOL) {
      return from.isFloat()
          ? (f, a, t, b) -> Elements.putLong(to, t, b, Elements.getDouble(from, f, a) != 0 ? 1 : 0)
          : (f, a, t, b) -> Elements.putLong(to, t, b, Elements.getLong(from, f, a) != 0 ? 1 : 0);
    }
    if (to.isInteger()) {
      return from.isFloat()
          ? (f, a, t, b) -> Elements.putLong(to, t, b, toLong(to, Elements.getDouble(from, f, a)))
          : (f, a, t, b) -> Elements.putLong(to, t, b, Elements.getLong(from, f, a));
    }
    if (to.bits() >= 16) {
      return (f, a, t, b) -> Elements.putDouble(to, t, b, Elements.getDouble(from, f, a));
    }
    if (to == DType.F8_E8M0) {
      String rounding = call.text("round_mode", "up");
      return (f, a, t, b) ->
          t.set(
              ValueLayout.JAVA_BYTE,
              b,
              (byte) exponent(Elements.getDouble(from, f, a), rounding, saturate));
    }
    SmallFloat small =
        Elements.small(to).orElseThrow(() -> call.refuse("from " + from + " to " + to));
    return (f, a, t, b) ->
        t.set(
            ValueLayout.JAVA_BYTE,
            b,
            (byte) small(small, to, (float) Elements.getDouble(from, f, a), saturate));
  }

  /** Cut off toward zero; into types of less than a byte the low bits are kept. */
  private static long toLong(DType to, double v) {
    return to == DType.U64 && v >= 0x1p63 ? (long) (v - 0x1p63) | Long.MIN_VALUE : (long) v;
  }

  /** The bits of a float of 8 or 4 bits. */
  static int small(SmallFloat small, DType to, float v, boolean saturate) {
    boolean finite = to == DType.F8_E4M3FNUZ || to == DType.F8_E5M2FNUZ;
    if (to == DType.F4_E2M1) {
      int sign = v < 0 || 1 / v < 0 ? 8 : 0;
      return Float.isNaN(v) ? 8 : small.nearest(Math.abs(v)) | sign;
    }
    int nan = finite ? 0x80 : to == DType.F8_E5M2 ? 0x7e : 0x7f;
    int sign = v < 0 || v == 0 && 1 / v < 0 ? 0x80 : 0;
    if (Float.isNaN(v)) {
      return nan;
    }
    boolean tooLarge = Float.isInfinite(v) || Math.abs(v) > limit(small, to);
    if (tooLarge && !saturate) {
      return to == DType.F8_E5M2 ? 0x7c | sign : finite ? nan : nan | sign;
    }
    int magnitude = small.nearest(Math.abs(v));
    // A zero of these two types has no sign: its bits would be those of NaN.
    return finite && magnitude == 0 ? 0 : magnitude | sign;
  }

  /** What would be rounded up past the largest number. */
  private static double limit(SmallFloat small, DType to) {
    double step =
        switch (to) {
          case F8_E4M3, F8_E4M3FNUZ -> small.largest() / (to == DType.F8_E4M3 ? 28 : 30);
          default -> small.largest() / 14;
        };
    return small.largest() + step;
  }

  private static int exponent(double v, String rounding, boolean saturate) {
    if (Double.isNaN(v) || Double.isInfinite(v)) {
      return Double.isNaN(v) || !saturate ? 255 : 254;
    }
    double a = Math.abs(v);
    if (a == 0) {
      return 0;
    }
    int low = Math.getExponent(a);
    double fraction = a / Math.scalb(1.0, low);
    int up =
        switch (rounding) {
          case "down" -> 0;
          case "nearest" -> fraction >= 1.5 ? 1 : 0;
          default -> fraction > 1 ? 1 : 0;
        };
    int e = low + up + 127;
    return e < 0 ? 0 : e > 254 ? (saturate ? 254 : 255) : e;
  }

  private static void bitCast(Call call) {
    DType to = call.type("to", DType.F32);
    Value x = call.in(0);
    if (to.bits() != x.type().bits() || to.bits() < 8) {
      throw call.refuse("the bits of " + x.type() + " as " + to);
    }
    call.alias(0, x.as(to));
  }

  /** A constant of a type. */
  static Value constant(DType type, double value) {
    Value y = Value.of(type);
    y.storage().placeApart();
    if (type.isFloat()) {
      Elements.putDouble(type, y.data(), 0, value);
    } else {
      Elements.putLong(type, y.data(), 0, (long) value);
    }
    y.storage().makeKnown();
    return y;
  }
}
