package compress.runtime.op;

import static java.util.Map.entry;

import compress.kernels.Epilogue;
import compress.kernels.Linear;
import compress.kernels.Matrix;
import compress.kernels.WeightMatrix;
import compress.model.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Products of integers of 8 bits, and of weights of few bits. Integers are multiplied as floats, in
 * pieces so short that every sum is exact, and the pieces are added as integers.
 */
final class IntegerProducts {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("MatMulInteger", IntegerProducts::matMul),
          entry("QLinearMatMul", IntegerProducts::qLinearMatMul),
          entry("ConvInteger", IntegerProducts::conv),
          entry("QLinearConv", IntegerProducts::qLinearConv),
          entry("com.microsoft.MatMulNBits", IntegerProducts::matMulNBits));

  /** Products of 8 bits that a float adds exactly: 256 x 255 x 255 is below 2^24. */
  private static final int EXACT = 256;

  private IntegerProducts() {}

  private static void matMul(Call call) {
    Value sums = sums(call, call.in(0), zero(call, 2), call.in(1), zero(call, 3));
    call.alias(0, sums);
  }

  private static @Nullable Value zero(Call call, int input) {
    return call.has(input) ? call.in(input) : null;
  }

  /** Plans {@code (a - zeroA) (b - zeroB)} in integers of 32 bits. */
  private static Value sums(
      Call call, Value a, @Nullable Value zeroA, Value b, @Nullable Value zeroB) {
    if (a.rank() < 2 || b.rank() < 2 || a.dim(-1) != b.dim(-2)) {
      throw call.refuse(a + " times " + b);
    }
    Value left = centred(call, a, zeroA, a.rank() - 2);
    Value right = centred(call, b, zeroB, b.rank() - 1);
    int k = a.dim(-1);
    int[] outer =
        Layouts.broadcast(
            call, Arrays.copyOf(a.shape(), a.rank() - 2), Arrays.copyOf(b.shape(), b.rank() - 2));
    int[] shape = Arrays.copyOf(outer, outer.length + 2);
    shape[outer.length] = a.dim(-2);
    shape[outer.length + 1] = b.dim(-1);
    boolean weights = right.isKnown() && right.rank() == 2 && Value.size(shape) > 0 && k > 0;
    Value y = weights ? null : call.scratch(Value.of(DType.I32, shape));
    if (y != null) {
      for (int from = 0; from < k; from += EXACT) {
        int n = Math.min(EXACT, k - from);
        Value part = call.scratch(Value.of(DType.F32, shape));
        Value l = call.dense(left.sliced(left.rank() - 1, from, 1, n));
        Batched.plan(call, l, right.sliced(right.rank() - 2, from, 1, n), part);
        call.work(added(part, y, from > 0));
      }
      return y;
    }
    return byWeights(call, left, right, shape);
  }

  /** With constant integers on the right, features outermost. */
  private static Value byWeights(Call call, Value left, Value right, int[] shape) {
    int k = left.dim(-1);
    int m = right.dim(1);
    int columns = Math.toIntExact(left.size() / k);
    long[] order = MatMuls.featuresOutermost(left.shape());
    Value x = call.relaid(left, order);
    Value y = call.scratch(Value.of(DType.I32, shape, MatMuls.featuresOutermost(shape)));
    Value part = call.scratch(Value.of(DType.F32, shape, y.strides()));
    Value source = call.in(call.node().op().startsWith("QLinear") ? 3 : 1);
    for (int from = 0; from < k; from += EXACT) {
      int first = from;
      int n = Math.min(EXACT, k - from);
      Product product =
          call.product(
              new Product(
                  call.setting()
                      .weights(source, "integers from " + from, () -> piece(right, first, n)),
                  columns,
                  1));
      call.work(threads ->
          product.run(
              new Matrix(x.data().asSlice(4L * first * columns), n, columns),
              new Matrix(part.data(), m, columns),
              Epilogue.NONE,
              threads.workers()));
      call.work(added(part, y, from > 0));
    }
    return y;
  }

  private static Weights piece(Value right, int first, int n) {
    return Weights.of(
        n,
        () -> {
          Value rows = right.sliced(0, first, 1, n);
          return new WeightMatrix(rows.tensor().toFloats(), n, right.dim(1)).transposed();
        });
  }

  /** {@code y += part}, or {@code y = part}; both lie alike. */
  private static Work added(Value part, Value y, boolean add) {
    int n = (int) y.size();
    return threads -> {
      MemorySegment from = part.data();
      MemorySegment to = y.data();
      for (int i = 0; i < n; i++) {
        int v = (int) from.getAtIndex(Elements.FLOAT, i);
        int before = add ? to.getAtIndex(ValueLayout.JAVA_INT, i) : 0;
        to.setAtIndex(ValueLayout.JAVA_INT, i, before + v);
      }
    };
  }

  /**
   * Integers less their zero point, as floats; at once if both are known.
   *
   * @param axis that a zero point with several entries goes along
   */
  private static Value centred(Call call, Value x, @Nullable Value zero, int axis) {
    if (x.type() != DType.U8 && x.type() != DType.I8) {
      throw call.refuse("integers of type " + x.type() + " are not offered");
    }
    boolean now = x.isKnown() && (zero == null || zero.isKnown());
    Value y = Layouts.like(DType.F32, x.shape(), x);
    Value z = zero == null ? null : spread(call, x, zero, axis);
    Nest nest = z == null ? Nest.of(y, x) : Nest.of(y, x, z);
    Work work =
        threads ->
            nest.run(
                threads,
                (worker, at, n) -> {
                  for (int i = 0; i < n; i++) {
                    long v = Elements.getLong(x.type(), x.data(), at[1] + i * nest.innerStride(1));
                    if (z != null) {
                      v -= Elements.getLong(z.type(), z.data(), at[2] + i * nest.innerStride(2));
                    }
                    y.data().setAtIndex(Elements.FLOAT, at[0] + i * nest.innerStride(0), (float) v);
                  }
                });
    if (now) {
      y.storage().placeApart();
      work.run(Threads.NONE);
      y.storage().makeKnown();
      return y;
    }
    call.scratch(y);
    call.work(work);
    return y;
  }

  private static Value spread(Call call, Value x, Value zero, int axis) {
    if (zero.size() == 1) {
      return Quantization.one(x, zero);
    }
    int[] shape = x.shape().clone();
    for (int i = 0; i < shape.length; i++) {
      shape[i] = i == axis || zero.rank() > 1 && i < axis ? shape[i] : 1;
    }
    if (Value.size(shape) != zero.size()) {
      Arrays.fill(shape, 1);
      shape[axis] = x.dim(axis);
    }
    if (Value.size(shape) != zero.size()) {
      throw call.refuse("zero points " + zero + " for " + x);
    }
    return call.dense(zero).reshaped(shape).orElseThrow().expanded(x.shape());
  }

  private static void qLinearMatMul(Call call) {
    Value a = call.in(0);
    Value b = call.in(3);
    Value sums = sums(call, a, call.in(2), b, call.in(5));
    requantize(call, sums, null, call.in(1), call.in(4), call.in(6), call.in(7), -1);
  }

  /**
   * Plans output 0: sums times the scales, in the integers of the zero point.
   *
   * @param axis that a scale of {@code b} with several entries goes along
   */
  private static void requantize(
      Call call,
      Value sums,
      @Nullable Value bias,
      Value scaleA,
      Value scaleB,
      Value scaleY,
      Value zeroY,
      int axis) {
    DType type = zeroY.type();
    double low = Reductions.lowest(type);
    double high = Reductions.highest(type);
    int along = axis < 0 ? axis + sums.rank() : axis;
    Value y = call.out(0, Layouts.like(type, sums.shape(), sums));
    Value b = vector(call, sums, scaleB, along);
    Value added =
        bias == null
            ? Casts.constant(DType.I32, 0).expanded(sums.shape())
            : vector(call, sums, bias, along);
    Nest nest = Nest.of(y, sums, b, added);
    call.work(threads -> {
      double a = Elements.getDouble(scaleA.type(), scaleA.data(), 0);
      double s = Elements.getDouble(scaleY.type(), scaleY.data(), 0);
      double z = Elements.getDouble(type, zeroY.data(), 0);
      nest.run(
          threads,
          (worker, at, n) -> {
            for (int i = 0; i < n; i++) {
              double v =
                  Elements.getDouble(sums.type(), sums.data(), at[1] + i * nest.innerStride(1));
              v += Elements.getDouble(added.type(), added.data(), at[3] + i * nest.innerStride(3));
              v *= a * Elements.getDouble(b.type(), b.data(), at[2] + i * nest.innerStride(2)) / s;
              long to = at[0] + i * nest.innerStride(0);
              Elements.putLong(type, y.data(), to, (long) Math.clamp(Math.rint(v) + z, low, high));
            }
          });
    });
  }

  private static Value vector(Call call, Value x, Value v, int axis) {
    if (v.size() == 1) {
      return Quantization.one(x, v);
    }
    int[] shape = new int[x.rank()];
    Arrays.fill(shape, 1);
    shape[axis] = x.dim(axis);
    return call.dense(v).reshaped(shape).orElseThrow().expanded(x.shape());
  }

  private static void conv(Call call) {
    Value x = centred(call, call.in(0), zero(call, 2), 1);
    Value w = centred(call, call.in(1), zero(call, 3), 0);
    Value sums = Convolutions.sums(call, x, w);
    Value y = call.out(0, Layouts.like(DType.I32, sums.shape(), sums));
    call.work(Casts.of(call, sums, y, true));
  }

  private static void qLinearConv(Call call) {
    Value x = centred(call, call.in(0), call.in(2), 1);
    Value w = centred(call, call.in(3), call.in(5), 0);
    Value sums = Convolutions.sums(call, x, w);
    requantize(call, sums, zero(call, 8), call.in(1), call.in(4), call.in(6), call.in(7), 1);
  }

  /** Weights of 2, 4 or 8 bits in blocks along the inputs, each with a scale. */
  private static void matMulNBits(Call call) {
    Value a = call.in(0);
    int k = (int) call.intAttribute("K", 0);
    int rows = (int) call.intAttribute("N", 0);
    int bits = (int) call.intAttribute("bits", 4);
    int block = (int) call.intAttribute("block_size", 32);
    boolean known = call.in(1).isKnown() && call.in(2).isKnown();
    boolean fits =
        a.type() == DType.F32
            && a.rank() > 0
            && a.dim(-1) == k
            && known
            && (bits == 2 || bits == 4 || bits == 8)
            && call.in(2).type() == DType.F32
            && !call.has(4);
    if (!fits) {
      throw call.refuse(
          "%d bits, or weights like these, or activations %s are not offered".formatted(bits, a));
    }
    Value source = call.in(1);
    Value scales = call.in(2);
    Value zeros = call.has(3) ? call.in(3) : null;
    if (zeros != null && (!zeros.isKnown() || zeros.type() != DType.U8)) {
      throw call.refuse("zero points like " + zeros + " are not offered");
    }
    int columns = Math.toIntExact(a.size() / k);
    int[] shape = a.shape().clone();
    shape[shape.length - 1] = rows;
    Value x = call.relaid(a, MatMuls.featuresOutermost(a.shape()));
    Value y = call.scratch(Value.of(DType.F32, shape, MatMuls.featuresOutermost(shape)));
    Ending ending = Ending.of(call, y, 5, Integer.MAX_VALUE, -1);
    Product product =
        call.product(
            new Product(
                call.setting()
                    .weights(
                        source,
                        "rows of bits",
                        () -> Weights.of(linear(source, scales, zeros, rows, k, bits, block))),
                columns,
                1));
    call.work(threads ->
        product.run(
            new Matrix(x.data(), k, columns),
            new Matrix(y.data(), rows, columns),
            ending.epilogue(0, rows, columns),
            threads.workers()));
    ending.finish(call, y);
  }

  private static Linear linear(
      Value source, Value scale, @Nullable Value zero, int rows, int k, int bits, int block) {
    int blocks = Math.ceilDiv(k, block);
    int perByte = Byte.SIZE / bits;
    int blob = Math.ceilDiv(block, perByte);
    int zeroBytes = Math.ceilDiv(blocks, perByte);
    int[] codes = new int[rows * k];
    int[] zeros = new int[rows * blocks];
    Arrays.fill(zeros, 1 << bits - 1);
    MemorySegment packed = source.data();
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < k; c++) {
        long at = ((long) r * blocks + c / block) * blob + c % block / perByte;
        codes[r * k + c] = bits(packed, at, c % block % perByte, bits);
      }
      for (int b = 0; b < blocks && zero != null; b++) {
        long at = (long) r * zeroBytes + b / perByte;
        zeros[r * blocks + b] = bits(zero.data(), at, b % perByte, bits);
      }
    }
    float[] scales = scale.tensor().toFloats();
    return Linear.pack(rows, k, bits, Math.min(block, k), codes, scales, zeros);
  }

  private static int bits(MemorySegment packed, long at, int place, int bits) {
    return packed.get(ValueLayout.JAVA_BYTE, at) >>> place * bits & (1 << bits) - 1;
  }
}
