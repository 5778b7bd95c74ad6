package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Elements by numbers that say which. */
final class Indexing {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("Gather", Indexing::gather),
          entry("GatherElements", Indexing::gatherElements),
          entry("GatherND", Indexing::gatherNd),
          entry("ScatterElements", Indexing::scatterElements),
          entry("Scatter", Indexing::scatterElements),
          entry("ScatterND", Indexing::scatterNd),
          entry("TensorScatter", Indexing::tensorScatter),
          entry("Where", Indexing::where),
          entry("OneHot", Indexing::oneHot),
          entry("Trilu", Indexing::trilu),
          entry("Compress", Indexing::compress));

  private Indexing() {}

  /** An index into an axis, counted from its first element. */
  static long index(DType type, MemorySegment indices, long i, int length) {
    long index = Elements.getLong(type, indices, i);
    long from = index < 0 ? index + length : index;
    if (from < 0 || from >= length) {
      throw new IllegalArgumentException("index " + index + " into an axis of length " + length);
    }
    return from;
  }

  private static void checkIndices(Call call, int input) {
    if (!call.in(input).type().isInteger()) {
      throw call.refuse("indices of type " + call.in(input).type());
    }
  }

  private static void gather(Call call) {
    checkIndices(call, 1);
    Value x = call.in(0);
    Value indices = call.in(1);
    int axis = call.axis("axis", 0, x.rank());
    if (indices.isKnown() && indices.rank() == 0) {
      call.alias(0, x.at(axis, index(indices.type(), indices.data(), 0, x.dim(axis))));
      return;
    }
    Value which = call.dense(indices);
    Value from = call.dense(x);
    int[] shape =
        IntStream.of(
                concat(
                    Arrays.copyOf(x.shape(), axis),
                    indices.shape(),
                    Arrays.copyOfRange(x.shape(), axis + 1, x.rank())))
            .toArray();
    Value y = call.out(0, x.type(), shape);
    int n = (int) which.size();
    int length = x.dim(axis);
    int outer = (int) Value.size(Arrays.copyOf(x.shape(), axis));
    long bytes =
        Value.size(Arrays.copyOfRange(x.shape(), axis + 1, x.rank())) * Elements.bytes(x.type());
    call.work(threads ->
        threads.run(
            outer * n,
            y.size(),
            (task, worker) -> {
              long row = (long) (task / n) * length;
              long at = row + index(which.type(), which.data(), task % n, length);
              MemorySegment.copy(from.data(), at * bytes, y.data(), task * bytes, bytes);
            }));
  }

  private static int[] concat(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  private static void copy(Value from, long a, Value to, long b, long elements) {
    int bytes = Elements.bytes(from.type());
    MemorySegment.copy(from.data(), a * bytes, to.data(), b * bytes, elements * bytes);
  }

  /** Where an element of a value lies, by its number in row-major order. */
  private static long place(Value v, long number) {
    long at = 0;
    for (int axis = v.rank() - 1; axis >= 0; axis--) {
      at += number % v.dim(axis) * v.stride(axis);
      number /= v.dim(axis);
    }
    return at;
  }

  private static void gatherElements(Call call) {
    checkIndices(call, 1);
    Value x = call.in(0);
    Value which = call.dense(1);
    int axis = call.axis("axis", 0, x.rank());
    Value y = call.out(0, x.type(), which.shape());
    call.work(threads -> {
      for (long i = 0; i < which.size(); i++) {
        copy(x, along(x, which, axis, i), y, i, 1);
      }
    });
  }

  /** Element {@code i} of {@code which}, with its place along an axis as that element says. */
  private static long along(Value x, Value which, int axis, long i) {
    long at = index(which.type(), which.data(), i, x.dim(axis)) * x.stride(axis);
    long left = i;
    for (int a = which.rank() - 1; a >= 0; a--) {
      at += a == axis ? 0 : left % which.dim(a) * x.stride(a);
      left /= which.dim(a);
    }
    return at;
  }

  private static void gatherNd(Call call) {
    checkIndices(call, 1);
    Value x = call.dense(0);
    Value which = call.dense(1);
    int batch = (int) call.intAttribute("batch_dims", 0);
    int depth = which.dim(-1);
    if (batch + depth > x.rank()) {
      throw call.refuse(which + " as places in " + x);
    }
    int[] inner = Arrays.copyOfRange(x.shape(), batch + depth, x.rank());
    Value y = call.out(0, x.type(), concat(Arrays.copyOf(which.shape(), which.rank() - 1), inner));
    long size = Value.size(inner);
    long count =
        depth == 0
            ? Value.size(Arrays.copyOf(which.shape(), which.rank() - 1))
            : which.size() / depth;
    long batches = Value.size(Arrays.copyOf(x.shape(), batch));
    long per = Math.max(1, count / Math.max(1, batches));
    long perBatch = Value.size(Arrays.copyOfRange(x.shape(), batch, x.rank()));
    call.work(threads -> {
      for (long i = 0; i < count; i++) {
        copy(x, i / per * perBatch + tuple(x, which, batch, depth, i), y, i * size, size);
      }
    });
  }

  /** The place that tuple {@code i} of {@code which} says, in {@code x} from an axis on. */
  private static long tuple(Value x, Value which, int firstAxis, int depth, long i) {
    long at = 0;
    for (int d = 0; d < depth; d++) {
      int axis = firstAxis + d;
      at += index(which.type(), which.data(), i * depth + d, x.dim(axis)) * x.stride(axis);
    }
    return at;
  }

  private static void scatterElements(Call call) {
    checkIndices(call, 1);
    Value x = call.in(0);
    Value which = call.dense(1);
    Value updates = call.dense(2);
    int axis = call.axis("axis", 0, x.rank());
    Reduce reduce = reduce(call, x.type());
    Value y = call.out(0, x.type(), x.shape());
    call.work(Copies.of(x, y));
    call.work(threads -> {
      for (long i = 0; i < which.size(); i++) {
        reduce.put(y, along(y, which, axis, i), updates, i, 1);
      }
    });
  }

  private static void scatterNd(Call call) {
    checkIndices(call, 1);
    Value x = call.in(0);
    Value which = call.dense(1);
    Value updates = call.dense(2);
    int depth = which.dim(-1);
    if (depth > x.rank()) {
      throw call.refuse(which + " as places in " + x);
    }
    Reduce reduce = reduce(call, x.type());
    Value y = call.out(0, x.type(), x.shape());
    long size = Value.size(Arrays.copyOfRange(x.shape(), depth, x.rank()));
    long count = Value.size(Arrays.copyOf(which.shape(), which.rank() - 1));
    call.work(Copies.of(x, y));
    call.work(threads -> {
      for (long i = 0; i < count; i++) {
        reduce.put(y, tuple(y, which, 0, depth, i), updates, i * size, size);
      }
    });
  }

  private interface Reduce {
    void put(Value to, long at, Value from, long first, long n);
  }

  private static Reduce reduce(Call call, DType type) {
    String how = call.text("reduction", "none");
    if (how.equals("none")) {
      return (to, at, from, first, n) -> copy(from, first, to, at, n);
    }
    if (type.kind() == DType.Kind.COMPLEX || type.bits() < 8) {
      throw call.refuse("reduction of " + type + " is not offered");
    }
    return (to, at, from, first, n) -> {
      for (long i = 0; i < n; i++) {
        if (type.isFloat()) {
          double a = Elements.getDouble(type, to.data(), at + i);
          double b = Elements.getDouble(type, from.data(), first + i);
          Elements.putDouble(
              type,
              to.data(),
              at + i,
              switch (how) {
                case "add" -> a + b;
                case "mul" -> a * b;
                case "max" -> Math.max(a, b);
                default -> Math.min(a, b);
              });
        } else {
          long a = Elements.getLong(type, to.data(), at + i);
          long b = Elements.getLong(type, from.data(), first + i);
          Elements.putLong(
              type,
              to.data(),
              at + i,
              switch (how) {
                case "add" -> a + b;
                case "mul" -> a * b;
                case "max" -> Math.max(a, b);
                default -> Math.min(a, b);
              });
        }
      }
    };
  }

  /** Writes what is new into a cache of keys or values, from a place of each sequence's own. */
  private static void tensorScatter(Call call) {
    Value x = call.in(0);
    Value update = call.in(1);
    int axis = call.axis("axis", -2, x.rank());
    boolean circular = call.text("mode", "linear").equals("circular");
    int length = x.dim(axis);
    Value y = call.out(0, x.type(), x.shape());
    call.work(Copies.of(x, y));
    long[] starts = call.has(2) ? call.longs(2) : new long[x.dim(0)];
    for (int b = 0; b < x.dim(0); b++) {
      for (int i = 0; i < update.dim(axis); i++) {
        long at = starts[b] + i;
        if (!circular && at >= length) {
          throw call.refuse("place " + at + " of a cache of " + length);
        }
        Value from = update.sliced(0, b, 1, 1).sliced(axis, i, 1, 1);
        Value to = y.sliced(0, b, 1, 1).sliced(axis, at % length, 1, 1);
        call.work(Copies.of(from, to));
      }
    }
  }

  private static void where(Call call) {
    Value condition = call.in(0);
    Value a = call.in(1);
    Value b = call.in(2);
    if (condition.type() != DType.BOOL || a.type() != b.type()) {
      throw call.refuse(condition.type() + " to choose between " + a.type() + " and " + b.type());
    }
    int[] shape = Layouts.broadcast(call, condition.shape(), a.shape(), b.shape());
    Value y = call.out(0, Layouts.like(a.type(), shape, a, b));
    Value c = condition.expanded(shape);
    Value left = a.expanded(shape);
    Value right = b.expanded(shape);
    Nest nest = Nest.of(y, c, left, right);
    call.work(threads ->
        nest.run(
            threads,
            (worker, at, n) -> {
              for (int i = 0; i < n; i++) {
                boolean first =
                    Elements.getLong(DType.BOOL, c.data(), at[1] + i * nest.innerStride(1)) != 0;
                Value from = first ? left : right;
                int v = first ? 2 : 3;
                copy(from, at[v] + i * nest.innerStride(v), y, at[0] + i * nest.innerStride(0), 1);
              }
            }));
  }

  private static void oneHot(Call call) {
    Value which = call.dense(0);
    if (!call.in(1).isKnown()) {
      throw new NotYetKnown();
    }
    int depth = (int) Elements.getDouble(call.in(1).type(), call.in(1).data(), 0);
    Value values = call.dense(2);
    int rank = which.rank() + 1;
    int axis = call.axis("axis", -1, rank);
    int[] shape = new int[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = i < axis ? which.dim(i) : i == axis ? depth : which.dim(i - 1);
    }
    Value y = call.out(0, values.type(), shape);
    Value first = y.at(axis, 0);
    call.work(threads -> {
      for (long i = 0; i < y.size(); i++) {
        copy(values, 0, y, i, 1);
      }
      for (long i = 0; i < which.size(); i++) {
        double asked = Elements.getDouble(which.type(), which.data(), i);
        long hot = (long) (asked < 0 ? asked + depth : asked);
        if (hot >= 0 && hot < depth) {
          copy(values, 1, y, place(first, i) + hot * y.stride(axis), 1);
        }
      }
    });
  }

  /** The part of matrices above or below a diagonal; the rest is 0. */
  private static void trilu(Call call) {
    Value x = call.dense(0);
    boolean upper = call.flag("upper", true);
    long k = call.has(1) ? call.longs(1)[0] : 0;
    Value y = call.out(0, x.type(), x.shape());
    int rows = x.dim(-2);
    int columns = x.dim(-1);
    call.work(Fills.of(y, null, 0));
    call.work(threads -> {
      for (long i = 0; i < x.size(); i++) {
        long row = i / columns % rows;
        long column = i % columns;
        if (upper ? column - row >= k : column - row <= k) {
          copy(x, i, y, i, 1);
        }
      }
    });
  }

  private static void compress(Call call) {
    Value x = call.in(0);
    if (!call.in(1).isKnown()) {
      throw new NotYetKnown();
    }
    boolean flat = !call.hasAttribute("axis");
    Value from = flat ? Shapes.reshaped(call, x, (int) x.size()) : x;
    int axis = flat ? 0 : call.axis("axis", 0, x.rank());
    Value chosen = call.in(1);
    int[] places =
        IntStream.range(0, Math.min((int) chosen.size(), from.dim(axis)))
            .filter(i -> Elements.getLong(DType.BOOL, chosen.data(), i * chosen.stride(0)) != 0)
            .toArray();
    int[] shape = from.shape().clone();
    shape[axis] = places.length;
    Value y = call.out(0, x.type(), shape);
    for (int i = 0; i < places.length; i++) {
      call.work(Copies.of(from.sliced(axis, places[i], 1, 1), y.sliced(axis, i, 1, 1)));
    }
  }
}
