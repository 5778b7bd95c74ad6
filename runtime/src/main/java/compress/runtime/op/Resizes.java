package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.Attribute;
import compress.model.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Images in other sizes. Each axis is interpolated on its own, one after the other. */
final class Resizes {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("Resize", Resizes::resize), entry("Upsample", Resizes::upsample));

  private Resizes() {}

  /** For each index of a result the indices it is taken from, and how much of each. */
  private record Taps(int[][] from, double[][] weights) {}

  private static void upsample(Call call) {
    Value x = call.in(0);
    float[] scales =
        call.has(1) ? call.floats(1) : floats(call.node().attributes().get("scales"), x.rank());
    Value y = x;
    for (int axis = 0; axis < x.rank(); axis++) {
      double scale = scales[axis];
      int n = (int) Math.floor(x.dim(axis) * scale);
      boolean linear = !call.text("mode", "nearest").equals("nearest");
      y = along(call, y, axis, n, i -> i / scale, linear ? "linear" : "floor", scale);
    }
    call.alias(0, y);
  }

  private static float[] floats(@Nullable Attribute attribute, int rank) {
    float[] scales = new float[rank];
    Arrays.fill(scales, 1);
    if (attribute instanceof Attribute.Floats f) {
      for (int i = 0; i < rank; i++) {
        scales[i] = f.values().get(i);
      }
    }
    return scales;
  }

  private interface Coordinate {
    double of(int result);
  }

  private static void resize(Call call) {
    Value x = call.in(0);
    String coordinates = call.text("coordinate_transformation_mode", "half_pixel");
    if (coordinates.equals("tf_crop_and_resize")) {
      throw call.refuse("coordinates '" + coordinates + "' are not offered");
    }
    int rank = x.rank();
    long[] named = call.ints("axes");
    int[] axes =
        named.length == 0
            ? IntStream.range(0, rank).toArray()
            : Arrays.stream(named).mapToInt(a -> call.axis(a, rank)).toArray();
    double[] scales = new double[rank];
    int[] sizes = x.shape().clone();
    Arrays.fill(scales, 1);
    int scaleInput = call.opset() < 11 ? 1 : 2;
    if (call.has(3) && call.in(3).size() > 0) {
      long[] asked = call.longs(3);
      String policy = call.text("keep_aspect_ratio_policy", "stretch");
      double common = policy.equals("not_larger") ? Double.POSITIVE_INFINITY : 0;
      for (int i = 0; i < axes.length; i++) {
        double s = (double) asked[i] / x.dim(axes[i]);
        common = policy.equals("not_larger") ? Math.min(common, s) : Math.max(common, s);
      }
      for (int i = 0; i < axes.length; i++) {
        boolean stretch = policy.equals("stretch");
        sizes[axes[i]] = stretch ? (int) asked[i] : (int) Math.floor(common * x.dim(axes[i]) + 0.5);
        scales[axes[i]] = stretch ? (double) asked[i] / x.dim(axes[i]) : common;
      }
    } else {
      float[] asked = call.floats(scaleInput);
      for (int i = 0; i < axes.length; i++) {
        scales[axes[i]] = asked[i];
        sizes[axes[i]] = (int) Math.floor(x.dim(axes[i]) * (double) asked[i]);
      }
    }
    String mode = call.text("mode", "nearest");
    String how = mode.equals("nearest") ? call.text("nearest_mode", "round_prefer_floor") : mode;
    Value y = x;
    for (int axis : axes) {
      int n = sizes[axis];
      double scale = scales[axis];
      int length = x.dim(axis);
      Coordinate c =
          switch (coordinates) {
            case "asymmetric" -> i -> i / scale;
            case "align_corners" -> i -> n == 1 ? 0 : i * (length - 1.0) / (scale * length - 1);
            case "pytorch_half_pixel" -> i -> n > 1 ? (i + 0.5) / scale - 0.5 : 0;
            case "half_pixel_symmetric" -> {
              double center = length / 2.0;
              double offset = center * (1 - n / (scale * length));
              yield i -> offset + (i + 0.5) / scale - 0.5;
            }
            default -> i -> (i + 0.5) / scale - 0.5;
          };
      y = along(call, y, axis, n, c, how, scale);
    }
    call.alias(0, y);
  }

  private static Value along(
      Call call, Value x, int axis, int n, Coordinate c, String how, double scale) {
    if (n == x.dim(axis) && scale == 1) {
      return x;
    }
    if (!x.type().isFloat() && (how.equals("linear") || how.equals("cubic"))) {
      throw call.refuse("interpolation of " + x.type() + " is not offered");
    }
    Taps taps = taps(call, x.dim(axis), n, c, how, scale);
    int[] shape = x.shape().clone();
    shape[axis] = n;
    Value y = call.scratch(Value.of(x.type(), shape));
    if (y.size() == 0) {
      return y;
    }
    DType type = x.type();
    Nest nest = Nest.of(y.at(axis, 0), x.at(axis, 0));
    call.work(threads ->
        nest.runLines(
            threads,
            (worker, at, count) -> {
              for (int j = 0; j < count; j++) {
                long from = at[1] + j * nest.innerStride(1);
                long to = at[0] + j * nest.innerStride(0);
                for (int i = 0; i < n; i++) {
                  double sum = 0;
                  for (int t = 0; t < taps.from[i].length; t++) {
                    long place = from + taps.from[i][t] * x.stride(axis);
                    sum += taps.weights[i][t] * Elements.getDouble(type, x.data(), place);
                  }
                  long place = to + i * y.stride(axis);
                  if (type.isFloat()) {
                    Elements.putDouble(type, y.data(), place, sum);
                  } else {
                    Elements.putLong(type, y.data(), place, (long) sum);
                  }
                }
              }
            }));
    return y;
  }

  private static Taps taps(Call call, int length, int n, Coordinate c, String how, double scale) {
    boolean antialias = call.flag("antialias", false) && scale < 1;
    boolean exclude = call.flag("exclude_outside", false);
    double a = call.number("cubic_coeff_a", -0.75f);
    int[][] from = new int[n][];
    double[][] weights = new double[n][];
    for (int i = 0; i < n; i++) {
      double at = c.of(i);
      if (!how.equals("linear") && !how.equals("cubic")) {
        from[i] = new int[] {Math.clamp(nearest(at, how), 0, length - 1)};
        weights[i] = new double[] {1};
        continue;
      }
      double stretch = antialias ? scale : 1;
      double reach = (how.equals("cubic") ? 2 : 1) / stretch;
      int first = (int) Math.floor(at - reach) + 1;
      int last = (int) Math.ceil(at + reach) - 1;
      from[i] = new int[last - first + 1];
      weights[i] = new double[last - first + 1];
      double sum = 0;
      for (int p = first; p <= last; p++) {
        double distance = Math.abs(p - at) * stretch;
        double w = how.equals("cubic") ? cubic(distance, a) : Math.max(0, 1 - distance);
        boolean outside = p < 0 || p >= length;
        w = outside && exclude ? 0 : w;
        from[i][p - first] = Math.clamp(p, 0, length - 1);
        weights[i][p - first] = w;
        sum += w;
      }
      if (exclude || antialias) {
        for (int t = 0; t < weights[i].length; t++) {
          weights[i][t] /= sum;
        }
      }
    }
    return new Taps(from, weights);
  }

  private static int nearest(double at, String how) {
    return (int)
        switch (how) {
          case "round_prefer_ceil" -> Math.floor(at + 0.5);
          case "floor" -> Math.floor(at);
          case "ceil" -> Math.ceil(at);
          default -> Math.ceil(at - 0.5);
        };
  }

  private static double cubic(double d, double a) {
    return d <= 1
        ? ((a + 2) * d - (a + 3)) * d * d + 1
        : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
  }
}
