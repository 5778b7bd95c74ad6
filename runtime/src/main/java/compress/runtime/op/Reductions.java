package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Many numbers to one, along some axes. */
final class Reductions {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("ReduceSum", reduce(Kind.SUM)),
          entry("ReduceMean", reduce(Kind.MEAN)),
          entry("ReduceMax", reduce(Kind.MAX)),
          entry("ReduceMin", reduce(Kind.MIN)),
          entry("ReduceProd", reduce(Kind.PROD)),
          entry("ReduceL1", reduce(Kind.L1)),
          entry("ReduceL2", reduce(Kind.L2)),
          entry("ReduceSumSquare", reduce(Kind.SQUARES)),
          entry("ReduceLogSum", reduce(Kind.LOG)),
          entry("ReduceLogSumExp", reduce(Kind.LOG_EXP)),
          entry("ArgMax", call -> argument(call, true)),
          entry("ArgMin", call -> argument(call, false)));

  private Reductions() {}

  private enum Kind {
    SUM,
    MEAN,
    MAX,
    MIN,
    PROD,
    L1,
    L2,
    SQUARES,
    LOG,
    LOG_EXP
  }

  private static Operator reduce(Kind kind) {
    return call -> plan(call, kind);
  }

  /** The axes that stay, then the others. */
  static int[] keptFirst(boolean[] reduced) {
    return IntStream.concat(
            IntStream.range(0, reduced.length).filter(i -> !reduced[i]),
            IntStream.range(0, reduced.length).filter(i -> reduced[i]))
        .toArray();
  }

  private static void plan(Call call, Kind kind) {
    Value x = call.in(0);
    DType type = x.type();
    boolean computable = type.isFloat() ? type.bits() >= 16 : type.isInteger() && type.bits() >= 8;
    if (!computable) {
      throw call.refuse("tensors of " + type + " are not offered");
    }
    long[] asked = call.longs(1, "axes").orElseGet(() -> new long[0]);
    boolean all = asked.length == 0;
    if (all && call.flag("noop_with_empty_axes", false)) {
      asked = new long[0];
      all = false;
    }
    boolean[] reduced = new boolean[x.rank()];
    Arrays.fill(reduced, all);
    for (long a : asked) {
      reduced[call.axis(a, x.rank())] = true;
    }
    boolean keep = call.flag("keepdims", true);
    int[] kept = new int[x.rank()];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = reduced[i] ? 1 : x.dim(i);
    }
    int[] shape =
        keep
            ? kept
            : IntStream.range(0, kept.length).filter(i -> !reduced[i]).map(i -> kept[i]).toArray();
    Value y = call.out(0, type, shape);
    if (y.size() == 0) {
      return;
    }
    int[] order = keptFirst(reduced);
    int outer = (int) IntStream.range(0, kept.length).filter(i -> !reduced[i]).count();
    Value turned = x.transposed(order);
    int[] inner = Arrays.copyOfRange(turned.shape(), outer, x.rank());
    int count = (int) Value.size(inner);
    Value to = y.reshaped(Arrays.copyOf(turned.shape(), outer)).orElseThrow();
    Value from = first(turned, outer);
    // What is reduced for each result lies at these places after the first of it.
    long[] places = places(turned, outer, count);
    boolean row = type == DType.F32 && isRow(places);
    Nest nest = Nest.of(to, from);
    call.work(threads ->
        nest.runLines(
            threads,
            (worker, at, n) -> {
              for (int i = 0; i < n; i++) {
                long source = at[1] + i * nest.innerStride(1);
                long target = at[0] + i * nest.innerStride(0);
                if (row && (kind == Kind.SUM || kind == Kind.MEAN)) {
                  float[] v = threads.floats(worker, 0, count);
                  Pointwise.load(x.data(), source, 1, v, count);
                  float sum = Sums.of(v, count);
                  y.data()
                      .setAtIndex(Elements.FLOAT, target, kind == Kind.MEAN ? sum / count : sum);
                } else if (type.isFloat()) {
                  double v = floats(kind, x, source, places);
                  Elements.putDouble(type, y.data(), target, v);
                } else {
                  long v = integers(kind, x, source, places);
                  Elements.putLong(type, y.data(), target, v);
                }
              }
            }));
  }

  private static Value first(Value v, int axes) {
    Value first = v;
    while (first.rank() > axes) {
      first = first.at(axes, 0);
    }
    return first;
  }

  private static long[] places(Value v, int from, int count) {
    long[] places = new long[count];
    for (int i = 0; i < count; i++) {
      int left = i;
      for (int axis = v.rank() - 1; axis >= from; axis--) {
        places[i] += left % v.dim(axis) * v.stride(axis);
        left /= v.dim(axis);
      }
    }
    return places;
  }

  private static boolean isRow(long[] places) {
    return IntStream.range(0, places.length).allMatch(i -> places[i] == i);
  }

  private static double floats(Kind kind, Value x, long at, long[] places) {
    double sum =
        switch (kind) {
          case MAX, LOG_EXP -> Double.NEGATIVE_INFINITY;
          case MIN -> Double.POSITIVE_INFINITY;
          case PROD -> 1;
          default -> 0;
        };
    for (long p : places) {
      double v = Elements.getDouble(x.type(), x.data(), at + p);
      sum =
          switch (kind) {
            case SUM, MEAN, LOG -> sum + v;
            case MAX, LOG_EXP -> Math.max(sum, v);
            case MIN -> Math.min(sum, v);
            case PROD -> sum * v;
            case L1 -> sum + Math.abs(v);
            case L2, SQUARES -> sum + v * v;
          };
    }
    return switch (kind) {
      case MEAN -> sum / places.length;
      case L2 -> Math.sqrt(sum);
      case LOG -> Math.log(sum);
      case LOG_EXP -> {
        double rest = 0;
        double max = Double.isInfinite(sum) ? 0 : sum;
        for (long p : places) {
          rest += Math.exp(Elements.getDouble(x.type(), x.data(), at + p) - max);
        }
        yield max + Math.log(rest);
      }
      default -> sum;
    };
  }

  private static long integers(Kind kind, Value x, long at, long[] places) {
    boolean unsigned = x.type() == DType.U64;
    long sum =
        switch (kind) {
          case MAX -> unsigned || x.type() == DType.BOOL ? 0 : lowest(x.type());
          case MIN -> highest(x.type());
          case PROD -> 1;
          default -> 0;
        };
    for (long p : places) {
      long v = Elements.getLong(x.type(), x.data(), at + p);
      sum =
          switch (kind) {
            case SUM, MEAN, LOG, LOG_EXP -> sum + v;
            case MAX -> unsigned ? Long.compareUnsigned(v, sum) > 0 ? v : sum : Math.max(sum, v);
            case MIN -> unsigned ? Long.compareUnsigned(v, sum) < 0 ? v : sum : Math.min(sum, v);
            case PROD -> sum * v;
            case L1 -> sum + Math.abs(v);
            case L2, SQUARES -> sum + v * v;
          };
    }
    return switch (kind) {
      case MEAN -> sum / places.length;
      case L2 -> (long) Math.sqrt((double) sum);
      case LOG -> (long) Math.log((double) sum);
      case LOG_EXP -> (long) floats(kind, x, at, places);
      default -> sum;
    };
  }

  /** The smallest integer of a type. */
  static long lowest(DType type) {
    return type.kind() == DType.Kind.SIGNED ? -1L << type.bits() - 1 : 0;
  }

  /** The largest integer of a type; of U64 as its bits. */
  static long highest(DType type) {
    return type == DType.BOOL
        ? 1
        : type == DType.U64
            ? -1
            : type.kind() == DType.Kind.SIGNED ? ~lowest(type) : (1L << type.bits()) - 1;
  }

  private static void argument(Call call, boolean largest) {
    Value x = call.in(0);
    int axis = call.axis("axis", 0, x.rank());
    boolean last = call.flag("select_last_index", false);
    int[] kept = x.shape().clone();
    kept[axis] = 1;
    Value keeping = Value.of(DType.I64, kept);
    Value y = call.scratch(keeping);
    call.alias(0, call.flag("keepdims", true) ? y : y.at(axis, 0));
    Value to = y.at(axis, 0);
    Nest nest = Nest.of(to, x.at(axis, 0));
    int n = x.dim(axis);
    call.work(threads ->
        nest.runLines(
            threads,
            (worker, at, count) -> {
              for (int i = 0; i < count; i++) {
                long from = at[1] + i * nest.innerStride(1);
                int best = 0;
                double value = Elements.getDouble(x.type(), x.data(), from);
                for (int j = 1; j < n; j++) {
                  double v = Elements.getDouble(x.type(), x.data(), from + j * x.stride(axis));
                  boolean better = largest ? v > value : v < value;
                  if (better || last && v == value) {
                    value = v;
                    best = j;
                  }
                }
                Elements.putLong(DType.I64, y.data(), at[0] + i * nest.innerStride(0), best);
              }
            }));
  }
}
