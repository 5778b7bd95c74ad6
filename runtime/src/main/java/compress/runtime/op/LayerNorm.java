package compress.runtime.op;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Normalization of floats along the last axis, which may be contiguous or lie across what is: then
 * many are normalized side by side.
 */
final class LayerNorm {
  private LayerNorm() {}

  static Work of(
      Value x, Value y, double epsilon, boolean rms, @Nullable Value scale, @Nullable Value bias) {
    int axis = x.rank() - 1;
    int n = x.dim(axis);
    long step = x.stride(axis);
    long into = y.stride(axis);
    Nest nest = Nest.of(y.at(axis, 0), x.at(axis, 0));
    boolean across = step != 1 && nest.innerStride(0) == 1 && nest.innerStride(1) == 1;
    if (across) {
      return threads ->
          nest.run(
              threads,
              (worker, at, count) -> {
                float[] factor = constants(threads, worker, 4, scale, 1, n);
                float[] shift = constants(threads, worker, 5, bias, 0, n);
                float[] mean = threads.floats(worker, 0, count);
                float[] inverse = threads.floats(worker, 1, count);
                float[] line = threads.floats(worker, 2, count);
                Arrays.fill(mean, 0, count, 0);
                Arrays.fill(inverse, 0, count, 0);
                for (int j = 0; j < n && !rms; j++) {
                  Pointwise.load(x.data(), at[1] + j * step, 1, line, count);
                  Arithmetic.add(mean, line, mean, count);
                }
                scale(mean, 1f / n, count);
                for (int j = 0; j < n; j++) {
                  Pointwise.load(x.data(), at[1] + j * step, 1, line, count);
                  squares(line, mean, inverse, count);
                }
                roots(inverse, n, epsilon, count);
                for (int j = 0; j < n; j++) {
                  Pointwise.load(x.data(), at[1] + j * step, 1, line, count);
                  normalize(line, mean, inverse, factor[j], shift[j], count);
                  Pointwise.store(line, y.data(), at[0] + j * into, 1, count);
                }
              });
    }
    return threads ->
        nest.runLines(
            threads,
            (worker, at, count) -> {
              float[] factor = constants(threads, worker, 4, scale, 1, n);
              float[] shift = constants(threads, worker, 5, bias, 0, n);
              float[] v = threads.floats(worker, 0, n);
              for (int i = 0; i < count; i++) {
                Pointwise.load(x.data(), at[1] + i * nest.innerStride(1), step, v, n);
                row(v, factor, shift, epsilon, rms, n);
                Pointwise.store(v, y.data(), at[0] + i * nest.innerStride(0), into, n);
              }
            });
  }

  private static float[] constants(
      Threads threads, int worker, int slot, @Nullable Value value, float otherwise, int n) {
    float[] to = threads.floats(worker, slot, n);
    if (value == null) {
      Arrays.fill(to, 0, n, otherwise);
    } else {
      Pointwise.load(value.data(), 0, 1, to, n);
    }
    return to;
  }

  private static void scale(float[] v, float by, int n) {
    for (int i = 0; i < n; i++) {
      v[i] *= by;
    }
  }

  private static void squares(float[] x, float[] mean, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      float d = x[i] - mean[i];
      sum[i] += d * d;
    }
  }

  private static void roots(float[] v, int n, double epsilon, int count) {
    for (int i = 0; i < count; i++) {
      v[i] = (float) (1 / Math.sqrt(v[i] / n + epsilon));
    }
  }

  private static void normalize(
      float[] x, float[] mean, float[] inverse, float factor, float shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (x[i] - mean[i]) * inverse[i] * factor + shift;
    }
  }

  private static void row(
      float[] v, float[] factor, float[] shift, double epsilon, boolean rms, int n) {
    float mean = rms ? 0 : Sums.of(v, n) / n;
    for (int i = 0; i < n; i++) {
      v[i] -= mean;
    }
    float inverse = (float) (1 / Math.sqrt(Sums.ofSquares(v, n) / n + epsilon));
    for (int i = 0; i < n; i++) {
      v[i] = v[i] * inverse * factor[i] + shift[i];
    }
  }
}
