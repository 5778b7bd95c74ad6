package compress.runtime.op;

import compress.kernels.FloatFunctions;
import compress.model.DType;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Softmax and its relatives along one axis. The axis may lie anywhere in memory: what is contiguous
 * is walked through, whether that is the axis or what it goes across.
 */
final class Softmaxes {
  private static final FloatFunctions HERE = FloatFunctions.here();

  static final Map<String, Operator> ALL =
      Map.of(
          "Softmax",
          call -> plan(call, Kind.SOFTMAX),
          "LogSoftmax",
          call -> plan(call, Kind.LOG),
          "Hardmax",
          call -> plan(call, Kind.HARD),
          Ending.DOMAIN + ".Softmax",
          Softmaxes::attention);

  private Softmaxes() {}

  private enum Kind {
    SOFTMAX,
    LOG,
    HARD
  }

  /** Since operator set 13 of one axis; before, of all axes from one on as if they were one. */
  private static void plan(Call call, Kind kind) {
    Value x = call.in(0);
    if (!x.type().isFloat() || x.type().bits() < 16) {
      throw call.refuse("tensors of " + x.type() + " are not offered");
    }
    boolean flat = call.opset() < 13;
    int axis = call.axis("axis", flat ? 1 : -1, Math.max(1, x.rank()));
    Value from = x;
    Value y =
        call.out(0, flat ? Value.of(x.type(), x.shape()) : Layouts.like(x.type(), x.shape(), x));
    Value to = y;
    if (flat || x.rank() == 0) {
      int rows = (int) Value.size(Arrays.copyOf(x.shape(), Math.min(axis, x.rank())));
      int columns = rows == 0 ? 0 : (int) (x.size() / rows);
      from = Shapes.reshaped(call, x, rows, columns);
      to = y.reshaped(rows, columns).orElseThrow();
      axis = 1;
    }
    if (x.size() == 0) {
      return;
    }
    call.work(along(from, to, axis, kind));
  }

  /** Softmax along the last axis of {@code scale * x + mask}. */
  private static void attention(Call call) {
    Value x = call.in(0);
    if (x.type() != DType.F32 || x.rank() == 0 || x.size() == 0) {
      throw call.refuse("attention over " + x + " is not offered");
    }
    float scale = call.number("scale", 1);
    Value y = call.out(0, Layouts.like(x.type(), x.shape(), x));
    Value mask =
        call.has(1)
            ? call.in(1).expanded(x.shape())
            : Casts.constant(DType.F32, 0).expanded(x.shape());
    Nest nest = Nest.of(y.at(x.rank() - 1, 0), x.at(x.rank() - 1, 0), mask.at(x.rank() - 1, 0));
    call.work(fast(nest, x, y, mask, x.rank() - 1, scale));
  }

  private static Work along(Value x, Value y, int axis, Kind kind) {
    int n = x.dim(axis);
    long step = x.stride(axis);
    long into = y.stride(axis);
    Nest nest = Nest.of(y.at(axis, 0), x.at(axis, 0));
    if (x.type() == DType.F32 && kind == Kind.SOFTMAX) {
      return fast(nest, x, y, null, axis, 1);
    }
    return threads ->
        nest.runLines(
            threads,
            (worker, at, count) -> {
              double[] v = new double[n];
              for (int i = 0; i < count; i++) {
                long from = at[1] + i * nest.innerStride(1);
                for (int j = 0; j < n; j++) {
                  v[j] = Elements.getDouble(x.type(), x.data(), from + j * step);
                }
                exact(v, kind);
                long to = at[0] + i * nest.innerStride(0);
                for (int j = 0; j < n; j++) {
                  Elements.putDouble(x.type(), y.data(), to + j * into, v[j]);
                }
              }
            });
  }

  private static Work fast(
      Nest nest, Value x, Value y, @Nullable Value mask, int axis, float scale) {
    int n = x.dim(axis);
    Rows rows =
        new Rows(
            x,
            y,
            mask,
            n,
            x.stride(axis),
            y.stride(axis),
            mask == null ? 0 : mask.stride(axis),
            scale);
    boolean across = x.stride(axis) != 1 && nest.innerStride(1) == 1 && nest.innerStride(0) == 1;
    if (across) {
      long sideways = mask == null ? 0 : nest.innerStride(2);
      return threads ->
          nest.run(
              threads, (worker, at, count) -> rows.columns(threads, worker, at, count, sideways));
    }
    return threads ->
        nest.runLines(
            threads,
            (worker, at, count) -> {
              for (int i = 0; i < count; i++) {
                rows.row(
                    threads,
                    worker,
                    at[1] + i * nest.innerStride(1),
                    at[0] + i * nest.innerStride(0),
                    mask == null ? 0 : at[2] + i * nest.innerStride(2));
              }
            });
  }

  /** Softmaxes of {@code n} floats, {@code step} apart, {@code into} apart in the result. */
  private record Rows(
      Value x,
      Value y,
      @Nullable Value mask,
      int n,
      long step,
      long into,
      long maskStep,
      float scale) {
    /** One, from element {@code from} on. */
    void row(Threads threads, int worker, long from, long to, long maskFrom) {
      float[] v = threads.floats(worker, 0, n);
      Pointwise.load(x.data(), from, step, v, n);
      if (mask != null) {
        float[] added = threads.floats(worker, 1, n);
        Pointwise.load(mask.data(), maskFrom, maskStep, added, n);
        scaleAndAdd(v, scale, added, n);
      }
      float max = HERE.max(v, n);
      for (int i = 0; i < n; i++) {
        v[i] -= max;
      }
      HERE.exp(v, v, n);
      times(v, 1 / Sums.of(v, n), n);
      Pointwise.store(v, y.data(), to, into, n);
    }

    /** {@code count} that lie side by side. */
    void columns(Threads threads, int worker, long[] at, int count, long maskSideways) {
      float[] max = threads.floats(worker, 0, count);
      float[] sum = threads.floats(worker, 1, count);
      float[] line = threads.floats(worker, 2, count);
      float[] added = threads.floats(worker, 3, count);
      Arrays.fill(max, 0, count, Float.NEGATIVE_INFINITY);
      Arrays.fill(sum, 0, count, 0);
      for (int j = 0; j < n; j++) {
        load(line, added, at, j, count, maskSideways);
        max(max, line, count);
      }
      for (int j = 0; j < n; j++) {
        load(line, added, at, j, count, maskSideways);
        minus(line, max, count);
        HERE.exp(line, line, count);
        Arithmetic.add(sum, line, sum, count);
        Pointwise.store(line, y.data(), at[0] + j * into, 1, count);
      }
      for (int i = 0; i < count; i++) {
        sum[i] = 1 / sum[i];
      }
      for (int j = 0; j < n; j++) {
        Pointwise.load(y.data(), at[0] + j * into, 1, line, count);
        Arithmetic.mul(line, sum, line, count);
        Pointwise.store(line, y.data(), at[0] + j * into, 1, count);
      }
    }

    private void load(float[] line, float[] added, long[] at, int j, int count, long sideways) {
      Pointwise.load(x.data(), at[1] + j * step, 1, line, count);
      if (mask != null) {
        Pointwise.load(mask.data(), at[2] + j * maskStep, sideways, added, count);
        scaleAndAdd(line, scale, added, count);
      }
    }
  }

  private static void scaleAndAdd(float[] v, float scale, float[] added, int n) {
    for (int i = 0; i < n; i++) {
      v[i] = v[i] * scale + added[i];
    }
  }

  private static void times(float[] v, float by, int n) {
    for (int i = 0; i < n; i++) {
      v[i] *= by;
    }
  }

  private static void minus(float[] v, float[] by, int n) {
    for (int i = 0; i < n; i++) {
      v[i] -= by[i];
    }
  }

  private static void max(float[] max, float[] v, int n) {
    for (int i = 0; i < n; i++) {
      max[i] = Math.max(max[i], v[i]);
    }
  }

  private static void exact(double[] v, Kind kind) {
    double max = Double.NEGATIVE_INFINITY;
    int place = 0;
    for (int i = 0; i < v.length; i++) {
      if (v[i] > max || Double.isNaN(v[i])) {
        max = v[i];
        place = i;
      }
    }
    if (kind == Kind.HARD) {
      Arrays.fill(v, 0);
      v[place] = 1;
      return;
    }
    double sum = 0;
    for (double value : v) {
      sum += Math.exp(value - max);
    }
    for (int i = 0; i < v.length; i++) {
      v[i] = kind == Kind.LOG ? v[i] - max - Math.log(sum) : Math.exp(v[i] - max) / sum;
    }
  }
}
