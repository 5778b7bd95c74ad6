package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.DType;
import compress.model.SmallFloat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Between numbers and the integers, or small floats, that stand for them. */
final class Quantization {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("QuantizeLinear", Quantization::quantize),
          entry("DequantizeLinear", Quantization::dequantize),
          entry("DynamicQuantizeLinear", Quantization::dynamic));

  private Quantization() {}

  private static void quantize(Call call) {
    Value x = call.in(0);
    Value scale = call.in(1);
    @Nullable Value zero = call.has(2) ? call.in(2) : null;
    DType type = zero != null ? zero.type() : call.type("output_dtype", DType.U8);
    Value y = call.out(0, Layouts.like(type, x.shape(), x));
    Put put = put(call, type, call.flag("saturate", true));
    pieces(
        call,
        x,
        scale,
        zero,
        y,
        (p, s, z, q) -> {
          Nest nest = z == null ? Nest.of(q, p, s) : Nest.of(q, p, s, z);
          call.work(threads ->
              nest.run(
                  threads,
                  (worker, at, n) -> {
                    for (int i = 0; i < n; i++) {
                      double v = get(p, at[1] + i * nest.innerStride(1));
                      double by = get(s, at[2] + i * nest.innerStride(2));
                      double zeroPoint = z == null ? 0 : get(z, at[3] + i * nest.innerStride(3));
                      // As floats divide.
                      double quotient = x.type() == DType.F32 ? (float) v / (float) by : v / by;
                      put.run(q.data(), at[0] + i * nest.innerStride(0), quotient, zeroPoint);
                    }
                  }));
        });
  }

  private static double get(Value v, long at) {
    return Elements.getDouble(v.type(), v.data(), at);
  }

  private interface Put {
    void run(MemorySegment to, long at, double v, double zero);
  }

  private static Put put(Call call, DType type, boolean saturate) {
    if (type.isInteger()) {
      double low = Reductions.lowest(type);
      double high = Reductions.highest(type);
      return (to, at, v, zero) ->
          Elements.putLong(type, to, at, (long) Math.clamp(Math.rint(v) + zero, low, high));
    }
    Optional<SmallFloat> small = Elements.small(type);
    if (small.isEmpty()) {
      throw call.refuse("quantizing to " + type + " is not offered");
    }
    return (to, at, v, zero) ->
        to.set(
            ValueLayout.JAVA_BYTE, at, (byte) Casts.small(small.get(), type, (float) v, saturate));
  }

  private static void dequantize(Call call) {
    Value x = call.in(0);
    Value scale = call.in(1);
    @Nullable Value zero = call.has(2) ? call.in(2) : null;
    DType type = call.type("output_dtype", scale.type());
    if (!type.isFloat() || type.bits() < 16) {
      throw call.refuse("results of " + type + " are not offered");
    }
    Value y = call.out(0, Layouts.like(type, x.shape(), x));
    pieces(
        call,
        x,
        scale,
        zero,
        y,
        (p, s, z, q) -> {
          Nest nest = z == null ? Nest.of(q, p, s) : Nest.of(q, p, s, z);
          call.work(threads ->
              nest.run(
                  threads,
                  (worker, at, n) -> {
                    for (int i = 0; i < n; i++) {
                      double v = get(p, at[1] + i * nest.innerStride(1));
                      v -= z == null ? 0 : get(z, at[3] + i * nest.innerStride(3));
                      v *= get(s, at[2] + i * nest.innerStride(2));
                      Elements.putDouble(type, q.data(), at[0] + i * nest.innerStride(0), v);
                    }
                  }));
        });
  }

  /** What is done with a piece whose scale and zero point broadcast. */
  private interface Piece {
    void plan(Value x, Value scale, @Nullable Value zero, Value y);
  }

  /** One scale for all, for each index of an axis, or for each block along it. */
  private static void pieces(
      Call call, Value x, Value scale, @Nullable Value zero, Value y, Piece piece) {
    if (scale.size() == 1) {
      piece.plan(x, one(x, scale), zero == null ? null : one(x, zero), y);
      return;
    }
    int axis = call.axis("axis", 1, x.rank());
    int block = (int) call.intAttribute("block_size", 0);
    if (block == 0) {
      piece.plan(
          x, along(call, x, scale, axis), zero == null ? null : along(call, x, zero, axis), y);
      return;
    }
    int n = x.dim(axis);
    int groups = Math.ceilDiv(n, block);
    if (scale.rank() != x.rank() || scale.dim(axis) != groups) {
      throw call.refuse("scales " + scale + " for blocks of " + block + " of " + x);
    }
    for (int g = 0; g < groups; g++) {
      int length = Math.min(block, n - g * block);
      Value p = x.sliced(axis, (long) g * block, 1, length);
      Value q = y.sliced(axis, (long) g * block, 1, length);
      Value s = scale.sliced(axis, g, 1, 1).expanded(p.shape());
      Value z = zero == null ? null : zero.sliced(axis, g, 1, 1).expanded(p.shape());
      piece.plan(p, s, z, q);
    }
  }

  static Value one(Value x, Value scalar) {
    return scalar.reshaped().orElseThrow().expanded(x.shape());
  }

  private static Value along(Call call, Value x, Value vector, int axis) {
    if (vector.rank() != 1 || vector.dim(0) != x.dim(axis)) {
      throw call.refuse(vector + " along axis " + axis + " of " + x);
    }
    int[] shape = new int[x.rank()];
    Arrays.fill(shape, 1);
    shape[axis] = x.dim(axis);
    return call.dense(vector).reshaped(shape).orElseThrow().expanded(x.shape());
  }

  /** To unsigned integers of 8 bits, with the scale and the zero point that the numbers ask for. */
  private static void dynamic(Call call) {
    Value x = call.in(0);
    if (x.type() != DType.F32 || !x.isPermuted()) {
      throw call.refuse("tensors like " + x + " are not offered");
    }
    Value y = call.out(0, Layouts.like(DType.U8, x.shape(), x));
    Value scale = call.out(1, DType.F32);
    Value zero = call.out(2, DType.U8);
    int n = (int) x.size();
    call.work(threads -> {
      MemorySegment from = x.data();
      float low = 0;
      float high = 0;
      for (int i = 0; i < n; i++) {
        float v = from.getAtIndex(Elements.FLOAT, i);
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
      float step = (high - low) / 255;
      float offset = step == 0 ? 0 : Math.clamp((float) Math.rint(-low / step), 0, 255);
      scale.data().set(Elements.FLOAT, 0, step);
      zero.data().set(ValueLayout.JAVA_BYTE, 0, (byte) offset);
      MemorySegment to = y.data();
      for (int i = 0; i < n; i++) {
        float v = step == 0 ? 0 : from.getAtIndex(Elements.FLOAT, i) / step;
        float rounded = Math.clamp((float) Math.rint(v) + offset, 0, 255);
        to.set(ValueLayout.JAVA_BYTE, i, (byte) (int) rounded);
      }
    });
  }
}
