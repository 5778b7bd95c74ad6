package compress.runtime.op;

import compress.model.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;

/**
 * Softmax and its relatives along one axis. The axis may lie anywhere in memory: what is contiguous
 * is walked through, whether that is the axis or what it goes across.
 */
final class Softmaxes {
  static final Map<String, Operator> ALL =
      Map.of(
          "Softmax", call -> plan(call, Kind.SOFTMAX),
          "LogSoftmax", call -> plan(call, Kind.LOG),
          "Hardmax", call -> plan(call, Kind.HARD));

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
    Value y = call.out(0, flat ? Value.of(x.type(), x.shape()) : Layouts.like(x.type(), x.shape(), x));
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

  private static Work along(Value x, Value y, int axis, Kind kind) {
    int n = x.dim(axis);
    long step = x.stride(axis);
    long into = y.stride(axis);
    Nest nest = Nest.of(y.at(axis, 0), x.at(axis, 0));
    boolean across = step != 1 && nest.innerStride(1) == 1 && nest.innerStride(0) == 1;
    if (x.type() == DType.F32 && across && kind == Kind.SOFTMAX) {
      return threads ->
          nest.run(
              threads,
              (worker, at, count) -> columns(threads, worker, x, y, at, count, n, step, into));
    }
    if (x.type() == DType.F32 && step == 1 && into == 1 && kind == Kind.SOFTMAX) {
      return threads ->
          nest.runLines(
              threads,
              (worker, at, count) -> {
                for (int i = 0; i < count; i++) {
                  long from = at[1] + i * nest.innerStride(1);
                  long to = at[0] + i * nest.innerStride(0);
                  row(threads, worker, x.data(), from, y.data(), to, n);
                }
              });
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

  /** Softmax of {@code n} floats that follow each other. */
  private static void row(
      Threads threads, int worker, MemorySegment x, long from, MemorySegment y, long to, int n) {
    float[] v = threads.floats(worker, 0, n);
    Pointwise.load(x, from, 1, v, n);
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, v[i]);
    }
    for (int i = 0; i < n; i++) {
      v[i] -= max;
    }
    FloatFunctions.exp(v, v, n);
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum += v[i];
    }
    float scale = 1 / sum;
    for (int i = 0; i < n; i++) {
      v[i] *= scale;
    }
    Pointwise.store(v, y, to, 1, n);
  }

  /** {@code count} softmaxes side by side, the {@code n} entries of each {@code step} apart. */
  private static void columns(
      Threads threads,
      int worker,
      Value x,
      Value y,
      long[] at,
      int count,
      int n,
      long step,
      long into) {
    float[] max = threads.floats(worker, 0, count);
    float[] sum = threads.floats(worker, 1, count);
    float[] all = threads.floats(worker, 2, n * count);
    float[] line = threads.floats(worker, 3, count);
    Arrays.fill(max, 0, count, Float.NEGATIVE_INFINITY);
    Arrays.fill(sum, 0, count, 0);
    for (int j = 0; j < n; j++) {
      Pointwise.load(x.data(), at[1] + j * step, 1, line, count);
      for (int i = 0; i < count; i++) {
        max[i] = Math.max(max[i], line[i]);
      }
    }
    for (int j = 0; j < n; j++) {
      Pointwise.load(x.data(), at[1] + j * step, 1, line, count);
      for (int i = 0; i < count; i++) {
        line[i] -= max[i];
      }
      FloatFunctions.exp(line, line, count);
      for (int i = 0; i < count; i++) {
        sum[i] += line[i];
      }
      System.arraycopy(line, 0, all, j * count, count);
    }
    for (int i = 0; i < count; i++) {
      sum[i] = 1 / sum[i];
    }
    for (int j = 0; j < n; j++) {
      System.arraycopy(all, j * count, line, 0, count);
      for (int i = 0; i < count; i++) {
        line[i] *= sum[i];
      }
      Pointwise.store(line, y.data(), at[0] + j * into, 1, count);
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
