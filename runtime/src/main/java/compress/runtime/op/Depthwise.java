package compress.runtime.op;

import compress.kernels.Convolution;
import compress.kernels.FloatFunctions;
import compress.kernels.OffHeap;
import compress.kernels.Patches;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A convolution in which each channel has weights of its own and sees no other channel. */
final class Depthwise {
  private static final FloatFunctions HERE = FloatFunctions.here();

  private Depthwise() {}

  /**
   * @param y {@code [n, channels * multiplier, ...]}, planes without gaps, channels outermost
   */
  static void plan(Call call, Images x, Value weights, Window window, Value y) {
    Value w = call.dense(weights);
    Convolution one =
        new Convolution(
            x.planes(),
            window.size(),
            window.kernel(),
            window.stride(),
            window.dilation(),
            window.before(),
            window.after());
    MemorySegment copy = OffHeap.allocate(one.bytes());
    Patches patches = one.patches(copy, 0, 1);
    int taps = patches.features().length;
    int plane = (int) ((one.bytes() - Patches.SLACK) / 4 / x.planes());
    int points = window.resultPoints();
    int m = y.dim(1);
    int n = x.count();
    int multiplier = m / x.channels();
    boolean isPoint = one.isInPlace();
    if (!isPoint) {
      call.work(threads -> one.copy(x.value().data(), copy, threads.workers()));
    }
    call.work(threads ->
        threads.run(
            m * n,
            y.size() * taps,
            (task, worker) -> {
              int channel = task / n;
              int image = task % n;
              float[] from = threads.floats(worker, 0, plane + Patches.SLACK / 4);
              float[] to = threads.floats(worker, 1, points);
              float[] filter = threads.floats(worker, 2, taps);
              long at = x.plane(image, channel / multiplier) * plane;
              MemorySegment source = isPoint ? x.value().data() : copy;
              Pointwise.load(source, at, 1, from, plane);
              Pointwise.load(w.data(), (long) channel * taps, 1, filter, taps);
              slide(from, filter, taps, patches, to);
              Pointwise.store(to, y.data(), (long) task * points, 1, points);
            }));
  }

  private static void slide(float[] x, float[] w, int taps, Patches patches, float[] y) {
    int length = patches.lineLength();
    int[] lines = patches.lines();
    Arrays.fill(y, 0, lines.length * length, 0);
    for (int l = 0; l < lines.length; l++) {
      for (int t = 0; t < taps; t++) {
        HERE.addScaled(x, lines[l] + patches.features()[t], w[t], y, l * length, length);
      }
    }
  }
}
