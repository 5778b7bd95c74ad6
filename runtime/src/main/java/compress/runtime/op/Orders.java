package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.DType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** What depends on the order of numbers, or on those before. */
final class Orders {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("TopK", Orders::topK),
          entry("CumSum", call -> cumulative(call, false)),
          entry("CumProd", call -> cumulative(call, true)),
          entry("NonZero", Orders::nonZero),
          entry("Unique", Orders::unique));

  private Orders() {}

  /** Of equal ones the first. */
  private static void topK(Call call) {
    Value x = call.in(0);
    int axis = call.axis("axis", -1, x.rank());
    int k = (int) (call.opset() < 10 ? call.intAttribute("k", 1) : call.longs(1)[0]);
    boolean largest = call.flag("largest", true);
    int n = x.dim(axis);
    if (k > n || k < 0) {
      throw call.refuse(k + " of " + n);
    }
    int[] shape = x.shape().clone();
    shape[axis] = k;
    Value values = call.out(0, x.type(), shape);
    Value places = call.out(1, DType.I64, shape);
    if (k == 0) {
      return;
    }
    DType type = x.type();
    Nest nest = Nest.of(values.at(axis, 0), x.at(axis, 0));
    call.work(threads ->
        nest.runLines(
            threads,
            (worker, at, count) -> {
              for (int j = 0; j < count; j++) {
                long from = at[1] + j * nest.innerStride(1);
                long to = at[0] + j * nest.innerStride(0);
                Comparator<Integer> byValue =
                    (a, b) ->
                        compare(type, x, from + a * x.stride(axis), from + b * x.stride(axis));
                Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
                Arrays.sort(order, largest ? byValue.reversed() : byValue);
                for (int i = 0; i < k; i++) {
                  long target = to + i * values.stride(axis);
                  put(x, from + order[i] * x.stride(axis), values, target);
                  Elements.putLong(DType.I64, places.data(), target, order[i]);
                }
              }
            }));
  }

  private static int compare(DType type, Value x, long a, long b) {
    if (type.isFloat()) {
      return Double.compare(
          Elements.getDouble(type, x.data(), a), Elements.getDouble(type, x.data(), b));
    }
    long u = Elements.getLong(type, x.data(), a);
    long v = Elements.getLong(type, x.data(), b);
    return type == DType.U64 ? Long.compareUnsigned(u, v) : Long.compare(u, v);
  }

  private static void put(Value from, long a, Value to, long b) {
    int bytes = Elements.bytes(from.type());
    java.lang.foreign.MemorySegment.copy(from.data(), a * bytes, to.data(), b * bytes, bytes);
  }

  private static void cumulative(Call call, boolean product) {
    Value x = call.in(0);
    int axis = call.axis(call.longs(1)[0], x.rank());
    boolean exclusive = call.flag("exclusive", false);
    boolean reverse = call.flag("reverse", false);
    Value y = call.out(0, x.type(), x.shape());
    if (x.size() == 0) {
      return;
    }
    int n = x.dim(axis);
    Nest nest = Nest.of(y.at(axis, 0), x.at(axis, 0));
    boolean floats = x.type().isFloat();
    call.work(threads ->
        nest.runLines(
            threads,
            (worker, at, count) -> {
              for (int j = 0; j < count; j++) {
                double sum = product ? 1 : 0;
                long whole = product ? 1 : 0;
                for (int k = 0; k < n; k++) {
                  int i = reverse ? n - 1 - k : k;
                  long a = at[1] + j * nest.innerStride(1) + i * x.stride(axis);
                  long b = at[0] + j * nest.innerStride(0) + i * y.stride(axis);
                  if (floats) {
                    double v = Elements.getDouble(x.type(), x.data(), a);
                    double next = product ? sum * v : sum + v;
                    Elements.putDouble(x.type(), y.data(), b, exclusive ? sum : next);
                    sum = next;
                  } else {
                    long v = Elements.getLong(x.type(), x.data(), a);
                    long next = product ? whole * v : whole + v;
                    Elements.putLong(x.type(), y.data(), b, exclusive ? whole : next);
                    whole = next;
                  }
                }
              }
            }));
  }

  private static void nonZero(Call call) {
    Value x = call.in(0);
    if (!x.isKnown()) {
      throw new NotYetKnown();
    }
    Value dense = call.dense(Value.constant(x.tensor()));
    int[] found =
        IntStream.range(0, (int) x.size())
            .filter(i -> Elements.getDouble(x.type(), dense.data(), i) != 0)
            .toArray();
    Value y = call.out(0, DType.I64, x.rank(), found.length);
    call.work(threads -> {
      for (int i = 0; i < found.length; i++) {
        int left = found[i];
        for (int axis = x.rank() - 1; axis >= 0; axis--) {
          long to = (long) axis * found.length + i;
          Elements.putLong(DType.I64, y.data(), to, left % x.dim(axis));
          left /= x.dim(axis);
        }
      }
    });
  }

  private static void unique(Call call) {
    Value x = call.in(0);
    if (!x.isKnown()) {
      throw new NotYetKnown();
    }
    boolean flat = !call.hasAttribute("axis");
    Value all = Value.constant(x.tensor());
    Value from = flat ? all.reshaped((int) x.size()).orElseThrow() : all;
    int axis = flat ? 0 : call.axis("axis", 0, x.rank());
    int n = from.dim(axis);
    int[] order = new int[from.rank()];
    order[0] = axis;
    for (int i = 1, a = 0; i < order.length; a++) {
      if (a != axis) {
        order[i++] = a;
      }
    }
    int size = (int) (from.size() / Math.max(1, n));
    Value rows = Value.constant(from.transposed(order).tensor()).reshaped(n, size).orElseThrow();
    Comparator<Integer> byRow =
        (a, b) -> {
          for (int i = 0; i < size; i++) {
            int c = compare(x.type(), rows, (long) a * size + i, (long) b * size + i);
            if (c != 0) {
              return c;
            }
          }
          return 0;
        };
    Map<Integer, Integer> firsts = new LinkedHashMap<>();
    int[] firstOf = new int[n];
    int[] counts = new int[n];
    for (int i = 0; i < n; i++) {
      int first = i;
      for (int f : firsts.keySet()) {
        if (byRow.compare(f, i) == 0) {
          first = f;
          break;
        }
      }
      firsts.putIfAbsent(first, 0);
      firstOf[i] = first;
      counts[first]++;
    }
    Integer[] kept = firsts.keySet().toArray(Integer[]::new);
    if (call.flag("sorted", true)) {
      Arrays.sort(kept, byRow);
    }
    int[] number = new int[n];
    for (int i = 0; i < kept.length; i++) {
      number[kept[i]] = i;
    }
    int[] shape = from.shape().clone();
    shape[axis] = kept.length;
    Value y = call.out(0, x.type(), shape);
    for (int i = 0; i < kept.length; i++) {
      call.work(Copies.of(from.sliced(axis, kept[i], 1, 1), y.sliced(axis, i, 1, 1)));
    }
    longs(call, 1, IntStream.range(0, kept.length).map(i -> kept[i]).toArray());
    longs(call, 2, Arrays.stream(firstOf).map(f -> number[f]).toArray());
    longs(call, 3, IntStream.range(0, kept.length).map(i -> counts[kept[i]]).toArray());
  }

  private static void longs(Call call, int output, int... values) {
    Value y = call.out(output, DType.I64, values.length);
    call.work(threads -> {
      for (int i = 0; i < values.length; i++) {
        Elements.putLong(DType.I64, y.data(), i, values[i]);
      }
    });
  }
}
