package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.DType;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Windows that take the largest, the mean or a norm of what they see of a channel. */
final class Pools {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("MaxPool", Pools::max),
          entry("AveragePool", Pools::average),
          entry("LpPool", Pools::lp),
          entry("GlobalAveragePool", call -> global(call, Kind.MEAN)),
          entry("GlobalMaxPool", call -> global(call, Kind.MAX)),
          entry("GlobalLpPool", call -> global(call, Kind.NORM)));

  private Pools() {}

  private enum Kind {
    MAX,
    MEAN,
    NORM
  }

  private static int[] kernel(Call call) {
    long[] kernel = call.ints("kernel_shape");
    return Arrays.stream(kernel).mapToInt(Math::toIntExact).toArray();
  }

  private static void max(Call call) {
    Window window = Window.of(call, call.in(0), kernel(call));
    plan(call, window, Kind.MAX, false, 0);
  }

  private static void average(Call call) {
    Window window = Window.of(call, call.in(0), kernel(call));
    plan(call, window, Kind.MEAN, call.flag("count_include_pad", false), 0);
  }

  private static void lp(Call call) {
    Window window = Window.of(call, call.in(0), kernel(call));
    plan(call, window, Kind.NORM, false, call.intAttribute("p", 2));
  }

  private static void global(Call call, Kind kind) {
    Value x = call.in(0);
    if (x.rank() < 3) {
      throw call.refuse("no axes of space in " + x);
    }
    int[] kernel = Arrays.copyOfRange(x.shape(), 2, x.rank());
    int[] ones = new int[kernel.length];
    Arrays.fill(ones, 1);
    int[] none = new int[kernel.length];
    Window window = new Window(kernel, kernel, ones, ones, none, none, none, ones);
    plan(call, window, kind, false, call.intAttribute("p", 2));
  }

  private static void plan(Call call, Window w, Kind kind, boolean countPadding, long p) {
    Value x = call.in(0);
    boolean indices = kind == Kind.MAX && call.wants(1);
    boolean columnMajor = call.flag("storage_order", false);
    Images images = Images.of(call, x);
    int[] shape = w.resultShape(x.dim(0), x.dim(1));
    Value y = call.out(0, indices ? Value.of(x.type(), shape) : like(images, x.type(), shape));
    Value places = indices ? call.out(1, DType.I64, shape) : null;
    if (kind != Kind.MAX && !x.type().isFloat()) {
      throw call.refuse("means of " + x.type() + " are not offered");
    }
    Images from = indices ? Images.of(call, call.dense(x)) : images;
    Value source = from.value();
    int points = w.points();
    int results = w.resultPoints();
    boolean fast = x.type() == DType.F32 && !indices && kind != Kind.NORM;
    call.work(threads ->
        threads.run(
            images.planes(),
            x.size() * 4,
            (plane, worker) -> {
              if (fast) {
                float[] in = threads.floats(worker, 0, points);
                float[] out = threads.floats(worker, 1, results);
                Pointwise.load(source.data(), (long) plane * points, 1, in, points);
                if (w.kernel().length == 2) {
                  int width = w.size()[1];
                  Planes.Line line =
                      new Planes.Line(
                          threads.floats(worker, 2, width),
                          threads.floats(worker, 3, width / 2 + 1),
                          threads.floats(worker, 4, width / 2 + 1));
                  Planes.pool(in, out, line, w, kind == Kind.MAX, countPadding);
                } else {
                  for (int r = 0; r < results; r++) {
                    out[r] = (float) window(w, r, kind, countPadding, p, i -> in[i], null);
                  }
                }
                Pointwise.store(out, y.data(), (long) plane * results, 1, results);
                return;
              }
              long at = (long) plane * points;
              long[] place = new long[1];
              for (int r = 0; r < results; r++) {
                long to = (long) plane * results + r;
                Element element = i -> Elements.getDouble(x.type(), source.data(), at + i);
                double v = window(w, r, kind, countPadding, p, element, place);
                if (x.type().isFloat()) {
                  Elements.putDouble(x.type(), y.data(), to, v);
                } else {
                  Elements.putLong(x.type(), y.data(), to, (long) v);
                }
                if (places != null) {
                  long index = columnMajor ? turned(place[0], w.size()) : place[0];
                  Elements.putLong(DType.I64, places.data(), to, at + index);
                }
              }
            }));
  }

  private static Value like(Images x, DType type, int[] shape) {
    Value value = Images.like(x, shape);
    return value.type() == type ? value : Value.of(type, shape);
  }

  private interface Element {
    double at(int index);
  }

  /** Counted with the first axis of space innermost. */
  private static long turned(long index, int[] size) {
    long place = 0;
    long stride = 1;
    int[] at = new int[size.length];
    for (int d = size.length - 1; d >= 0; d--) {
      at[d] = (int) (index % size[d]);
      index /= size[d];
    }
    for (int d = 0; d < size.length; d++) {
      place += at[d] * stride;
      stride *= size[d];
    }
    return place;
  }

  /**
   * @param result which of the window's stops, row-major
   * @param place receives where the largest is
   */
  private static double window(
      Window w,
      int result,
      Kind kind,
      boolean countPadding,
      long p,
      Element x,
      long @Nullable [] place) {
    int dims = w.kernel().length;
    int[] start = new int[dims];
    for (int d = dims - 1, left = result; d >= 0; d--) {
      start[d] = left % w.result()[d] * w.stride()[d] - w.before()[d];
      left /= w.result()[d];
    }
    double best = Double.NEGATIVE_INFINITY;
    double sum = 0;
    int counted = 0;
    int taps = (int) Value.size(w.kernel());
    for (int t = 0; t < taps; t++) {
      int index = 0;
      boolean inside = true;
      boolean declared = true;
      for (int d = 0; d < dims; d++) {
        int tap = t;
        for (int e = dims - 1; e > d; e--) {
          tap /= w.kernel()[e];
        }
        int at = start[d] + tap % w.kernel()[d] * w.dilation()[d];
        inside &= at >= 0 && at < w.size()[d];
        declared &= at < w.size()[d] + w.declared()[d];
        index = index * w.size()[d] + at;
      }
      counted += inside || countPadding && declared ? 1 : 0;
      if (!inside) {
        continue;
      }
      double v = x.at(index);
      if (v > best || Double.isNaN(v)) {
        best = v;
        if (place != null) {
          place[0] = index;
        }
      }
      sum += kind == Kind.NORM ? Math.pow(Math.abs(v), (double) p) : v;
    }
    return switch (kind) {
      case MAX -> best;
      case MEAN -> sum / counted;
      case NORM -> Math.pow(sum, 1.0 / p);
    };
  }
}
