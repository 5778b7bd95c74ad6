package compress.model;

import java.util.Optional;

/**
 * Each entry is an integer that stands for {@code (integer - zeroPoint) * scale}, as {@code
 * DequantizeLinear} has it. That operator takes floats of 8 bits in place of integers too, and so
 * does this; these have no zero point.
 *
 * @param integers of type I2 to I32 or U2 to U16, or one of the floats of 8 bits
 * @param scale floats: a scalar or one element for {@link Granularity.PerTensor}, a vector for
 *     {@link Granularity.PerAxis}, the shape of the weights with the axis divided for {@link
 *     Granularity.PerGroup}
 * @param zeroPoint in the shape of {@code scale} and the type of {@code integers}; absent means 0
 * @see <a href="https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html">DequantizeLinear</a>
 */
public record Affine(
    Tensor integers, Tensor scale, Optional<Tensor> zeroPoint, Granularity granularity)
    implements Values {
  public Affine {
    checkAxis(integers.shape(), granularity);
    long scales = scalesFor(integers.shape(), granularity);
    if (!isStorage(integers.type())) {
      throw new IllegalArgumentException("integers are needed, not " + integers.type());
    }
    if (integers.type().isFloat() && zeroPoint.isPresent()) {
      throw new IllegalArgumentException(integers.type() + " has no zero point");
    }
    if (scale.size() != scales) {
      throw new IllegalArgumentException(
          "%s %s needs %d scales, not %d"
              .formatted(granularity, integers.shape(), scales, scale.size()));
    }
    if (zeroPoint.isPresent() && zeroPoint.get().size() != scales) {
      throw new IllegalArgumentException(
          "%d scales but %d zero points".formatted(scales, zeroPoint.get().size()));
    }
  }

  /** Whether entries may be stored as {@code type}: integers, and floats of 8 bits. */
  public static boolean isStorage(DType type) {
    return type.isInteger() || type.isFloat() && type.bits() == Byte.SIZE && type != DType.F8_E8M0;
  }

  private static void checkAxis(Shape shape, Granularity granularity) {
    int axis =
        switch (granularity) {
          case Granularity.PerTensor() -> 0;
          case Granularity.PerAxis(int a) -> a;
          case Granularity.PerGroup(int a, int size) -> {
            if (size < 1) {
              throw new IllegalArgumentException("a group of " + size + " weights");
            }
            yield a;
          }
        };
    boolean needsNone = granularity instanceof Granularity.PerTensor;
    if (!needsNone && (axis < -shape.rank() || axis >= shape.rank())) {
      throw new IllegalArgumentException(shape + " has no axis " + axis);
    }
  }

  private static long scalesFor(Shape shape, Granularity granularity) {
    return switch (granularity) {
      case Granularity.PerTensor() -> 1;
      case Granularity.PerAxis(int axis) -> shape.dim(axis);
      case Granularity.PerGroup(int axis, int size) ->
          shape.dim(axis) == 0
              ? 0
              : shape.size() / shape.dim(axis) * Math.ceilDiv(shape.dim(axis), (long) size);
    };
  }

  @Override
  public Shape shape() {
    return integers.shape();
  }

  @Override
  public float[] toFloats() {
    float[] scales = scale.toFloats();
    long[] zeros = zeroPoint.map(Tensor::toLongs).orElseGet(() -> new long[scales.length]);
    float[] values = new float[Math.toIntExact(integers.size())];
    for (int i = 0; i < values.length; i++) {
      int s = scaleOf(i);
      values[i] =
          integers.type().isFloat()
              ? integers.floatAt(i) * scales[s]
              : (integers.longAt(i) - zeros[s]) * scales[s];
    }
    return values;
  }

  /** Which of {@link #scale} entry {@code i} has, in row-major order. */
  public int scaleOf(long i) {
    return switch (granularity) {
      case Granularity.PerTensor() -> 0;
      case Granularity.PerAxis(int axis) -> (int) (i / stride(axis) % shape().dim(axis));
      case Granularity.PerGroup(int axis, int size) -> {
        long stride = stride(axis);
        long length = shape().dim(axis);
        long groups = Math.ceilDiv(length, (long) size);
        yield (int)
            (i / (stride * length) * groups * stride
                + i / stride % length / size * stride
                + i % stride);
      }
    };
  }

  /** Elements from one index of {@code axis} to the next. */
  private long stride(int axis) {
    long stride = 1;
    for (int a = shape().rank() - 1; a > (axis < 0 ? axis + shape().rank() : axis); a--) {
      stride *= shape().dim(a);
    }
    return stride;
  }

  @Override
  public int bits() {
    return integers.type().bits();
  }
}
