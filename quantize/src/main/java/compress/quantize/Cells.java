package compress.quantize;

import compress.model.Codebook;
import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The line of numbers cut into runs, each with one value that stands for it. A number belongs to
 * the first cell whose bound it does not exceed.
 *
 * @param values ascending, all different, none of them zero; one for each cell
 * @param bounds the greatest number of each cell but the last, ascending
 */
record Cells(float[] values, float[] bounds) {
  /** Each number is given the nearest of {@code centroids}, of two equally near ones the lower. */
  static Cells nearest(float[] centroids) {
    double[] bounds = new double[Math.max(0, centroids.length - 1)];
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = ((double) centroids[i] + centroids[i + 1]) / 2;
    }
    return of(centroids, bounds);
  }

  /** Bounds are rounded down to floats, which for floats cuts the line at the same places. */
  static Cells of(float[] centroids, double[] bounds) {
    float[] rounded = new float[bounds.length];
    for (int i = 0; i < bounds.length; i++) {
      float bound = (float) bounds[i];
      rounded[i] = bound > bounds[i] ? Math.nextDown(bound) : bound;
    }
    return new Cells(withoutZero(centroids), rounded);
  }

  /**
   * A mean that happens to be exactly 0 would make its weights look pruned: it becomes the smallest
   * normal float instead, about 1.2e-38.
   */
  private static float[] withoutZero(float[] centroids) {
    float[] values = centroids.clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] == 0 ? Float.MIN_NORMAL : values[i];
    }
    return values;
  }

  /** Which cell {@code weight} is in. */
  int cell(float weight) {
    int low = 0;
    int length = bounds.length;
    // The answer is among the length + 1 cells from low on.
    while (length > 0) {
      int half = (length + 1) >>> 1;
      low += bounds[low + half - 1] < weight ? half : 0;
      length -= half;
    }
    return low;
  }

  /**
   * Shares these values among {@code weights}. If some weights are 0, entry 0 of the codebook is 0
   * and theirs alone; if none is, there is no such entry.
   */
  Codebook share(float[] weights, Shape shape) {
    int zeros = hasZero(weights) ? 1 : 0;
    float[] shared = new float[values.length + zeros];
    System.arraycopy(values, 0, shared, zeros, values.length);
    if (shared.length == 0) {
      // No weights at all; a codebook has at least one value.
      shared = new float[1];
    }
    DType type = shared.length <= 256 ? DType.U8 : DType.U16;
    MemorySegment indices = Arena.ofAuto().allocate(type.bytesFor(weights.length));
    for (int i = 0; i < weights.length; i++) {
      int index = weights[i] == 0 ? 0 : cell(weights[i]) + zeros;
      if (type == DType.U8) {
        indices.set(ValueLayout.JAVA_BYTE, i, (byte) index);
      } else {
        indices.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short) index);
      }
    }
    return new Codebook(
        Tensor.of(Shape.of(shared.length), shared), new Tensor(type, shape, indices));
  }

  static boolean hasZero(float[] weights) {
    for (float w : weights) {
      if (w == 0) {
        return true;
      }
    }
    return false;
  }

  /** The weights that are not zero, in order; {@code weights} itself if none is. */
  static float[] nonZeros(float[] weights) {
    if (!hasZero(weights)) {
      return weights;
    }
    float[] kept = new float[weights.length];
    int n = 0;
    for (float w : weights) {
      if (w != 0) {
        kept[n++] = w;
      }
    }
    return Arrays.copyOf(kept, n);
  }
}
