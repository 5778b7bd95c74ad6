package compress.quantize;

import compress.model.Granularity;
import compress.model.Shape;

/**
 * Where the weights of each scale stand. Member {@code k} of scale {@code s} is entry {@code
 * start(s) + k / run * jump + k % run} of the tensor, row-major: one formula for all three kinds.
 *
 * @param count how many scales there are
 * @param members how many weights each has
 */
record Groups(
    Granularity granularity, int count, int members, int run, int jump, int inner, int length) {
  /**
   * @throws ArithmeticException if the tensor has more entries than an array holds
   */
  static Groups of(Shape shape, Granularity granularity) {
    int size = Math.toIntExact(shape.size());
    return switch (granularity) {
      case Granularity.PerTensor() -> new Groups(granularity, 1, size, Math.max(1, size), 0, 1, 1);
      case Granularity.PerAxis(int axis) -> {
        int length = (int) shape.dim(axis);
        int inner = inner(shape, axis);
        int members = length == 0 ? 0 : size / length;
        yield new Groups(
            granularity, length, members, Math.max(1, inner), inner * length, inner, length);
      }
      case Granularity.PerGroup(int axis, int group) -> {
        int length = (int) shape.dim(axis);
        int inner = inner(shape, axis);
        yield new Groups(granularity, size / group, group, 1, inner, inner, length);
      }
    };
  }

  private static int inner(Shape shape, int axis) {
    int inner = 1;
    for (int a = shape.rank() - 1; a > (axis < 0 ? axis + shape.rank() : axis); a--) {
      inner *= (int) shape.dim(a);
    }
    return inner;
  }

  /** The tensor that one number for each of these makes. */
  static Shape shapeOfScales(Shape shape, Granularity granularity) {
    return switch (granularity) {
      case Granularity.PerTensor() -> Shape.of();
      case Granularity.PerAxis(int axis) -> Shape.of(shape.dim(axis));
      case Granularity.PerGroup(int axis, int size) -> {
        long[] dims = shape.toArray();
        int at = axis < 0 ? axis + dims.length : axis;
        dims[at] /= size;
        yield Shape.of(dims);
      }
    };
  }

  private int start(int scale) {
    return switch (granularity) {
      case Granularity.PerTensor() -> 0;
      case Granularity.PerAxis _ -> scale * inner;
      case Granularity.PerGroup(int _, int size) -> {
        int groups = length / size;
        int outer = scale / (groups * inner);
        int group = scale / inner % groups;
        yield outer * length * inner + group * size * inner + scale % inner;
      }
    };
  }

  /** Which entry member {@code k} of {@code scale} is. */
  int entry(int scale, int k) {
    return start(scale) + k / run * jump + k % run;
  }

  /** The members of {@code scale}, copied into {@code to}. */
  void gather(float[] from, int scale, float[] to) {
    int at = start(scale);
    int k = 0;
    while (k < members) {
      int n = Math.min(run, members - k);
      System.arraycopy(from, at, to, k, n);
      k += n;
      at += jump;
    }
  }

  /** The reverse of {@link #gather}, for integers. */
  void scatter(int[] from, int scale, int[] to) {
    int at = start(scale);
    int k = 0;
    while (k < members) {
      int n = Math.min(run, members - k);
      System.arraycopy(from, k, to, at, n);
      k += n;
      at += jump;
    }
  }
}
