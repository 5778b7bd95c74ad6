package compress.runtime.op;

import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Parts of tensors, and tensors put together from parts. */
final class Slices {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("Slice", Slices::slice),
          entry("Concat", Slices::concat),
          entry("Split", Slices::split),
          entry("Pad", Slices::pad),
          entry("CenterCropPad", Slices::centerCropPad),
          entry("ReverseSequence", Slices::reverseSequence));

  private Slices() {}

  private static void slice(Call call) {
    Value x = call.in(0);
    long[] starts =
        call.longs(1, "starts").orElseThrow(() -> call.refuse("the starts are missing"));
    long[] ends = call.longs(2, "ends").orElseThrow(() -> call.refuse("the ends are missing"));
    long[] axes =
        call.longs(3, "axes")
            .orElseGet(() -> IntStream.range(0, starts.length).asLongStream().toArray());
    long[] steps = new long[starts.length];
    Arrays.fill(steps, 1);
    if (call.has(4)) {
      steps = call.longs(4);
    }
    Value y = x;
    for (int i = 0; i < starts.length; i++) {
      int axis = call.axis(axes[i], x.rank());
      long n = x.dim(axis);
      long step = steps[i];
      if (step == 0) {
        throw call.refuse("a step of 0");
      }
      long last = step > 0 ? n : n - 1;
      long before = step > 0 ? 0 : -1;
      long start = starts[i] < 0 ? starts[i] + n : starts[i];
      long end = ends[i] < 0 ? ends[i] + n : ends[i];
      long length = 0;
      if (n > 0) {
        start = Math.clamp(start, 0, last);
        length = Math.max(0, Math.ceilDiv(Math.clamp(end, before, last) - start, step));
      }
      int count = Math.toIntExact(length);
      y =
          step > 0
              ? y.sliced(axis, start, step, count)
              : backwards(call, y, axis, start, step, count);
    }
    call.alias(0, y);
  }

  /** Memory is not walked through backwards: a copy. */
  private static Value backwards(Call call, Value x, int axis, long start, long step, int count) {
    int[] shape = x.shape().clone();
    shape[axis] = count;
    Value y = call.scratch(Value.of(x.type(), shape));
    for (int i = 0; i < count && y.size() > 0; i++) {
      Value from = x.sliced(axis, start + i * step, 1, 1);
      call.work(Copies.of(from, y.sliced(axis, i, 1, 1)));
    }
    return y;
  }

  private static void concat(Call call) {
    Value first = call.in(0);
    int axis = call.axis("axis", 1, first.rank());
    int[] shape = first.shape().clone();
    shape[axis] = 0;
    for (int i = 0; i < call.inputs(); i++) {
      Value v = call.in(i);
      boolean fits = v.rank() == first.rank() && v.type() == first.type();
      for (int d = 0; fits && d < shape.length; d++) {
        fits = d == axis || v.dim(d) == shape[d];
      }
      if (!fits) {
        throw call.refuse(first + " and " + v + " along axis " + axis);
      }
      shape[axis] += v.dim(axis);
    }
    Value y = call.out(0, inOrder(first, shape));
    int at = 0;
    for (int i = 0; i < call.inputs(); i++) {
      Value v = call.in(i);
      if (v.size() > 0) {
        call.work(Copies.of(v, y.sliced(axis, at, 1, v.dim(axis))));
      }
      at += v.dim(axis);
    }
  }

  /** Memory whose axes lie in the order of those of {@code x}. */
  private static Value inOrder(Value x, int... shape) {
    return x.isPermuted()
        ? Value.of(x.type(), shape, Value.ordered(shape, x.order()))
        : Value.of(x.type(), shape);
  }

  private static void split(Call call) {
    Value x = call.in(0);
    int axis = call.axis("axis", 0, x.rank());
    int n = x.dim(axis);
    int count =
        call.hasAttribute("num_outputs")
            ? (int) call.intAttribute("num_outputs", 1)
            : call.node().outputs().size();
    int each = Math.ceilDiv(n, count);
    long[] lengths =
        call.longs(1, "split")
            .orElseGet(() ->
                IntStream.range(0, count)
                    .mapToLong(i -> Math.clamp((long) n - (long) i * each, 0, each))
                    .toArray());
    if (Arrays.stream(lengths).sum() != n || Arrays.stream(lengths).anyMatch(l -> l < 0)) {
      throw call.refuse(Arrays.toString(lengths) + " as parts of " + n);
    }
    long at = 0;
    for (int i = 0; i < lengths.length; i++) {
      call.alias(i, x.sliced(axis, at, 1, (int) lengths[i]));
      at += lengths[i];
    }
  }

  private static void pad(Call call) {
    Value x = call.in(0);
    int rank = x.rank();
    long[] asked =
        call.longs(1, call.opset() < 2 ? "paddings" : "pads")
            .orElseThrow(() -> call.refuse("the padding is missing"));
    long[] axes = call.has(3) ? call.longs(3) : IntStream.range(0, rank).asLongStream().toArray();
    if (asked.length != 2 * axes.length) {
      throw call.refuse(asked.length + " pads for " + axes.length + " axes");
    }
    int[] before = new int[rank];
    int[] after = new int[rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = call.axis(axes[i], rank);
      before[axis] = Math.toIntExact(asked[i]);
      after[axis] = Math.toIntExact(asked[i + axes.length]);
    }
    String mode = call.text("mode", "constant");
    if (!mode.equals("constant")) {
      Value y = x;
      for (int axis = 0; axis < rank; axis++) {
        y = mirrored(call, y, axis, before[axis], after[axis], mode);
      }
      call.alias(0, y);
      return;
    }
    if (call.has(2) && !call.in(2).isKnown()) {
      throw new NotYetKnown();
    }
    padded(call, x, before, after, call.has(2) ? call.in(2) : null, call.number("value", 0));
  }

  /** With a constant around it; negative padding cuts off. */
  private static void padded(
      Call call,
      Value x,
      int[] before,
      int[] after,
      @org.jspecify.annotations.Nullable Value constant,
      float otherwise) {
    Value inner = x;
    int[] shape = new int[x.rank()];
    for (int axis = 0; axis < shape.length; axis++) {
      int cutBefore = Math.max(0, -before[axis]);
      int cutAfter = Math.max(0, -after[axis]);
      int left = x.dim(axis) - cutBefore - cutAfter;
      if (left < 0) {
        throw call.refuse("padding cuts off more than there is of " + x);
      }
      inner = inner.sliced(axis, cutBefore, 1, left);
      shape[axis] = left + Math.max(0, before[axis]) + Math.max(0, after[axis]);
    }
    Value y = call.out(0, inOrder(x, shape));
    Value target = y;
    for (int axis = 0; axis < shape.length; axis++) {
      target = target.sliced(axis, Math.max(0, before[axis]), 1, inner.dim(axis));
    }
    call.work(Fills.of(y, constant, otherwise));
    if (inner.size() > 0) {
      call.work(Copies.of(inner, target));
    }
  }

  /** Padded along one axis by what is there already. */
  private static Value mirrored(Call call, Value x, int axis, int before, int after, String mode) {
    if (before == 0 && after == 0) {
      return x;
    }
    int n = x.dim(axis);
    int[] shape = x.shape().clone();
    shape[axis] = n + before + after;
    if (n == 0 || shape[axis] < 0) {
      throw call.refuse("padding of " + before + " and " + after + " of " + x);
    }
    Value y = call.out(0, x.type(), shape);
    for (int i = 0; i < shape[axis]; i++) {
      int from =
          switch (mode) {
            case "edge" -> Math.clamp(i - before, 0, n - 1);
            case "wrap" -> Math.floorMod(i - before, n);
            case "reflect" -> {
              int period = Math.max(1, 2 * (n - 1));
              int at = Math.floorMod(i - before, period);
              yield at < n ? at : period - at;
            }
            default -> throw call.refuse("mode '" + mode + "' is not offered");
          };
      call.work(Copies.of(x.sliced(axis, from, 1, 1), y.sliced(axis, i, 1, 1)));
    }
    return y;
  }

  private static void centerCropPad(Call call) {
    Value x = call.in(0);
    long[] target = call.longs(1);
    long[] axes = call.ints("axes");
    if (axes.length == 0) {
      axes = IntStream.range(0, x.rank()).asLongStream().toArray();
    }
    int[] before = new int[x.rank()];
    int[] after = new int[x.rank()];
    for (int i = 0; i < axes.length; i++) {
      int axis = call.axis(axes[i], x.rank());
      int more = Math.toIntExact(target[i]) - x.dim(axis);
      before[axis] = more >= 0 ? more / 2 : -(-more / 2);
      after[axis] = more - before[axis];
    }
    padded(call, x, before, after, null, 0);
  }

  private static void reverseSequence(Call call) {
    Value x = call.in(0);
    long[] lengths = call.longs(1);
    int batch = (int) call.intAttribute("batch_axis", 1);
    int time = (int) call.intAttribute("time_axis", 0);
    Value y = call.out(0, x.type(), x.shape());
    call.work(Copies.of(x, y));
    for (int i = 0; i < lengths.length; i++) {
      int n = Math.toIntExact(lengths[i]);
      Value of = backwards(call, x.sliced(batch, i, 1, 1), time, n - 1L, -1, n);
      if (of.size() > 0) {
        call.work(Copies.of(of, y.sliced(batch, i, 1, 1).sliced(time, 0, 1, n)));
      }
    }
  }
}
