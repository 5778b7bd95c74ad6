package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.DType;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Normalizations by mean and variance, and by neighbouring channels. */
final class Normalizations {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("BatchNormalization", Normalizations::batch),
          entry("InstanceNormalization", Normalizations::instance),
          entry("GroupNormalization", Normalizations::group),
          entry("LayerNormalization", call -> layer(call, false)),
          entry("RMSNormalization", call -> layer(call, true)),
          entry("SimplifiedLayerNormalization", call -> layer(call, true)),
          entry("MeanVarianceNormalization", Normalizations::meanVariance),
          entry("LpNormalization", Normalizations::lp),
          entry("LRN", Normalizations::localResponse));

  private Normalizations() {}

  private static void batch(Call call) {
    Value x = call.in(0);
    if (call.flag("training_mode", false) || call.wants(1)) {
      throw call.refuse("normalizing by the batch at hand is not offered");
    }
    double epsilon = call.number("epsilon", 1e-5f);
    int c = x.rank() < 2 ? 1 : x.dim(1);
    double[][] parts = new double[4][];
    for (int i = 0; i < 4; i++) {
      float[] v = call.floats(i + 1);
      if (v.length != c) {
        throw call.refuse(v.length + " numbers for " + c + " channels");
      }
      parts[i] = new double[c];
      for (int j = 0; j < c; j++) {
        parts[i][j] = v[j];
      }
    }
    float[] scale = new float[c];
    float[] shift = new float[c];
    for (int j = 0; j < c; j++) {
      double s = parts[0][j] / Math.sqrt(parts[3][j] + epsilon);
      scale[j] = (float) s;
      shift[j] = (float) (parts[1][j] - parts[2][j] * s);
    }
    int[] along = new int[x.rank()];
    Arrays.fill(along, 1);
    along[Math.min(1, x.rank() - 1)] = c;
    Value y = call.out(0, Layouts.like(x.type(), x.shape(), x));
    call.work(
        Pointwise.binary(
            call, x, constant(x.type(), along, scale), y, Arithmetic::mul, (a, b) -> a * b, null));
    call.work(
        Pointwise.binary(
            call, y, constant(x.type(), along, shift), y, Arithmetic::add, Double::sum, null));
  }

  private static Value constant(DType type, int[] shape, float... values) {
    return Value.constant(
        compress.model.Tensor.ofFloats(
            type, compress.model.Shape.of(Arrays.stream(shape).asLongStream().toArray()), values));
  }

  /**
   * Plans {@code (x - mean) / sqrt(variance + epsilon) * scale + bias} over the last axis of {@code
   * [rows, n]}.
   *
   * @param scaleOf which scale and bias an element has
   */
  private static Work rows(
      Value x,
      Value y,
      double epsilon,
      boolean rms,
      @Nullable Value scale,
      @Nullable Value bias,
      Index scaleOf,
      @Nullable Value means,
      @Nullable Value inverses) {
    int rows = x.dim(0);
    int n = x.dim(1);
    return threads ->
        threads.run(
            rows,
            x.size() * 4,
            (r, worker) -> {
              double sum = 0;
              double squares = 0;
              for (int i = 0; i < n; i++) {
                sum += get(x, r, i);
              }
              double mean = rms ? 0 : sum / n;
              for (int i = 0; i < n; i++) {
                double d = get(x, r, i) - mean;
                squares += d * d;
              }
              double inverse = 1 / Math.sqrt(squares / n + epsilon);
              for (int i = 0; i < n; i++) {
                double v = (get(x, r, i) - mean) * inverse;
                int s = scaleOf.of(r, i);
                v *= scale == null ? 1 : Elements.getDouble(scale.type(), scale.data(), s);
                v += bias == null ? 0 : Elements.getDouble(bias.type(), bias.data(), s);
                Elements.putDouble(y.type(), y.data(), r * y.stride(0) + i * y.stride(1), v);
              }
              if (means != null) {
                Elements.putDouble(means.type(), means.data(), r, mean);
              }
              if (inverses != null) {
                Elements.putDouble(inverses.type(), inverses.data(), r, inverse);
              }
            });
  }

  private interface Index {
    int of(int row, int i);
  }

  private static double get(Value x, int row, int i) {
    return Elements.getDouble(x.type(), x.data(), row * x.stride(0) + i * x.stride(1));
  }

  private static void checkFloats(Call call) {
    DType type = call.in(0).type();
    if (!type.isFloat() || type.bits() < 16) {
      throw call.refuse("tensors of " + type + " are not offered");
    }
  }

  private static void instance(Call call) {
    checkFloats(call);
    Value x = call.dense(0);
    Value y = call.out(0, x.type(), x.shape());
    int c = x.dim(1);
    int rows = x.dim(0) * c;
    Value from = x.reshaped(rows, (int) (x.size() / rows)).orElseThrow();
    Value to = y.reshaped(from.shape()).orElseThrow();
    Value scale = call.dense(1);
    Value bias = call.dense(2);
    double epsilon = call.number("epsilon", 1e-5f);
    call.work(rows(from, to, epsilon, false, scale, bias, (r, i) -> r % c, null, null));
  }

  private static void group(Call call) {
    checkFloats(call);
    Value x = call.dense(0);
    Value y = call.out(0, x.type(), x.shape());
    int groups = (int) call.intAttribute("num_groups", 1);
    int c = x.dim(1);
    int rows = x.dim(0) * groups;
    int n = (int) (x.size() / rows);
    int points = n / (c / groups);
    Value from = x.reshaped(rows, n).orElseThrow();
    Value to = y.reshaped(rows, n).orElseThrow();
    Value scale = call.dense(1);
    Value bias = call.dense(2);
    double epsilon = call.number("epsilon", 1e-5f);
    boolean perGroup = call.opset() < 21;
    Index index = (r, i) -> perGroup ? r % groups : r % groups * (c / groups) + i / points;
    call.work(rows(from, to, epsilon, false, scale, bias, index, null, null));
  }

  private static void layer(Call call, boolean rms) {
    checkFloats(call);
    Value x = call.in(0);
    int axis = call.axis("axis", -1, x.rank());
    double epsilon = call.number("epsilon", 1e-5f);
    int n = (int) Value.size(Arrays.copyOfRange(x.shape(), axis, x.rank()));
    int rows = n == 0 ? 0 : (int) (x.size() / n);
    boolean one = axis == x.rank() - 1;
    boolean last = one || Value.size(Arrays.copyOfRange(x.shape(), axis, x.rank() - 1)) == 1;
    boolean vectors = isVector(call, 1, n) && isVector(call, 2, n);
    if (x.type() == DType.F32 && last && vectors && !call.wants(1) && !call.wants(2)) {
      Value y = call.out(0, Layouts.like(x.type(), x.shape(), x));
      Value scale = call.has(1) ? call.dense(1) : null;
      Value bias = call.has(2) ? call.dense(2) : null;
      call.work(LayerNorm.of(x, y, epsilon, rms, scale, bias));
      return;
    }
    int[] inner = Arrays.copyOfRange(x.shape(), axis, x.rank());
    Value from = call.dense(0).reshaped(rows, n).orElseThrow();
    Value y = call.out(0, x.type(), x.shape());
    int[] reduced = x.shape().clone();
    Arrays.fill(reduced, axis, reduced.length, 1);
    Value means = call.wants(1) ? call.out(1, DType.F32, reduced) : null;
    Value inverses = call.wants(2) ? call.out(2, DType.F32, reduced) : null;
    call.work(
        rows(
            from,
            y.reshaped(rows, n).orElseThrow(),
            epsilon,
            rms,
            call.has(1) ? call.dense(call.in(1).expanded(inner)) : null,
            call.has(2) ? call.dense(call.in(2).expanded(inner)) : null,
            (r, i) -> i,
            means,
            inverses));
  }

  private static boolean isVector(Call call, int input, int n) {
    return !call.has(input) || call.in(input).type() == DType.F32 && call.in(input).size() == n;
  }

  /** Over the batch and the axes of space, or those that are named. */
  private static void meanVariance(Call call) {
    checkFloats(call);
    Value x = call.in(0);
    long[] asked = call.hasAttribute("axes") ? call.ints("axes") : new long[] {0, 2, 3};
    boolean[] reduced = new boolean[x.rank()];
    for (long a : asked) {
      reduced[call.axis(a, x.rank())] = true;
    }
    int[] order = Reductions.keptFirst(reduced);
    Value y = call.out(0, x.type(), x.shape());
    Value turned = Value.of(x.type(), x.transposed(order).shape());
    Value from = call.scratch(turned);
    call.work(Copies.of(x.transposed(order), from));
    int rows = 1;
    for (int i = 0; i < x.rank(); i++) {
      rows *= reduced[i] ? 1 : x.dim(i);
    }
    Value flat = from.reshaped(rows, (int) (x.size() / rows)).orElseThrow();
    call.work(rows(flat, flat, 1e-9, false, null, null, (r, i) -> 0, null, null));
    call.work(Copies.of(from, y.transposed(order)));
  }

  private static void lp(Call call) {
    checkFloats(call);
    Value x = call.in(0);
    int axis = call.axis("axis", -1, x.rank());
    long p = call.intAttribute("p", 2);
    Value y = call.out(0, x.type(), x.shape());
    Nest nest = Nest.of(y.at(axis, 0), x.at(axis, 0));
    int n = x.dim(axis);
    call.work(threads ->
        nest.runLines(
            threads,
            (worker, at, count) -> {
              for (int j = 0; j < count; j++) {
                long from = at[1] + j * nest.innerStride(1);
                long to = at[0] + j * nest.innerStride(0);
                double norm = 0;
                for (int i = 0; i < n; i++) {
                  double v = Elements.getDouble(x.type(), x.data(), from + i * x.stride(axis));
                  norm += p == 1 ? Math.abs(v) : v * v;
                }
                norm = p == 1 ? norm : Math.sqrt(norm);
                for (int i = 0; i < n; i++) {
                  double v = Elements.getDouble(x.type(), x.data(), from + i * x.stride(axis));
                  Elements.putDouble(
                      x.type(), y.data(), to + i * y.stride(axis), norm == 0 ? 0 : v / norm);
                }
              }
            }));
  }

  private static void localResponse(Call call) {
    checkFloats(call);
    Value x = call.dense(0);
    int size = (int) call.intAttribute("size", 1);
    double alpha = call.number("alpha", 1e-4f);
    double beta = call.number("beta", 0.75f);
    double bias = call.number("bias", 1);
    Value y = call.out(0, x.type(), x.shape());
    int c = x.dim(1);
    int points = (int) (x.size() / Math.max(1, x.dim(0) * c));
    call.work(threads ->
        threads.run(
            x.dim(0) * c,
            x.size() * size,
            (task, worker) -> {
              int image = task / c;
              int channel = task % c;
              int from = Math.max(0, channel - (size - 1) / 2);
              int to = Math.min(c - 1, channel + size / 2);
              for (int i = 0; i < points; i++) {
                double sum = 0;
                for (int j = from; j <= to; j++) {
                  long at = ((long) image * c + j) * points + i;
                  double v = Elements.getDouble(x.type(), x.data(), at);
                  sum += v * v;
                }
                long at = (long) task * points + i;
                double v = Elements.getDouble(x.type(), x.data(), at);
                v /= Math.pow(bias + alpha / size * sum, beta);
                Elements.putDouble(x.type(), y.data(), at, v);
              }
            }));
  }
}
