package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Other shapes of the same numbers; most are views that cost nothing. */
final class Shapes {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("Identity", call -> call.alias(0, call.in(0))),
          entry("Shape", Shapes::shape),
          entry("Size", Shapes::size),
          entry("Reshape", Shapes::reshape),
          entry("Flatten", Shapes::flatten),
          entry("Transpose", Shapes::transpose),
          entry("Squeeze", Shapes::squeeze),
          entry("Unsqueeze", Shapes::unsqueeze),
          entry("Expand", Shapes::expand),
          entry("Tile", Shapes::tile),
          entry("DepthToSpace", Shapes::depthToSpace),
          entry("SpaceToDepth", Shapes::spaceToDepth),
          entry("Dropout", Shapes::dropout));

  private Shapes() {}

  /** A view under another shape, or a copy that has one. */
  static Value reshaped(Call call, Value x, int... shape) {
    return x.reshaped(shape).orElseGet(() -> call.dense(x).reshaped(shape).orElseThrow());
  }

  private static void shape(Call call) {
    int rank = call.in(0).rank();
    int start = clamp(call.intAttribute("start", 0), rank);
    int end = clamp(call.intAttribute("end", rank), rank);
    long[] dims = IntStream.range(start, Math.max(start, end)).mapToLong(call.in(0)::dim).toArray();
    call.alias(0, Value.constant(Tensor.ofLongs(Shape.of(dims.length), dims)));
  }

  private static int clamp(long axis, int rank) {
    return (int) Math.clamp(axis < 0 ? axis + rank : axis, 0L, rank);
  }

  private static void size(Call call) {
    call.alias(0, Value.constant(Tensor.ofLongs(Shape.of(), call.in(0).size())));
  }

  private static void reshape(Call call) {
    Value x = call.in(0);
    long[] asked =
        call.longs(1, "shape").orElseThrow(() -> call.refuse("the new shape is missing"));
    boolean zeroMeansZero = call.flag("allowzero", false);
    int[] to = new int[asked.length];
    int open = -1;
    long known = 1;
    for (int i = 0; i < asked.length; i++) {
      if (asked[i] == -1) {
        open = i;
        continue;
      }
      boolean copied = asked[i] == 0 && !zeroMeansZero;
      if (asked[i] < -1 || copied && i >= x.rank()) {
        throw call.refuse(Arrays.toString(asked) + " as a shape of " + x);
      }
      to[i] = copied ? x.dim(i) : Math.toIntExact(asked[i]);
      known *= to[i];
    }
    if (open >= 0) {
      to[open] = known == 0 ? 0 : (int) (x.size() / known);
    }
    if (Value.size(to) != x.size()) {
      throw call.refuse("%s cannot become %s".formatted(x, Arrays.toString(asked)));
    }
    call.alias(0, reshaped(call, x, to));
  }

  private static void flatten(Call call) {
    Value x = call.in(0);
    long asked = call.intAttribute("axis", 1);
    int axis = (int) (asked < 0 ? asked + x.rank() : asked);
    if (axis < 0 || axis > x.rank()) {
      throw call.refuse("there is no axis " + asked + " of " + x);
    }
    int rows = (int) Value.size(Arrays.copyOf(x.shape(), axis));
    int columns = (int) Value.size(Arrays.copyOfRange(x.shape(), axis, x.rank()));
    call.alias(0, reshaped(call, x, rows, columns));
  }

  private static void transpose(Call call) {
    Value x = call.in(0);
    int[] backwards = IntStream.range(0, x.rank()).map(i -> x.rank() - 1 - i).toArray();
    int[] axes = call.hasAttribute("perm") ? call.ints("perm", x.rank(), 0) : backwards;
    if (!Arrays.equals(
        Arrays.stream(axes).sorted().toArray(), IntStream.range(0, x.rank()).toArray())) {
      throw call.refuse(Arrays.toString(axes) + " are not the axes of " + x);
    }
    call.alias(0, x.transposed(axes));
  }

  private static void squeeze(Call call) {
    Value x = call.in(0);
    boolean[] goes = new boolean[x.rank()];
    long[] asked =
        call.longs(1, "axes")
            .orElseGet(() ->
                IntStream.range(0, x.rank()).filter(i -> x.dim(i) == 1).asLongStream().toArray());
    for (long axis : asked) {
      int i = call.axis(axis, x.rank());
      if (x.dim(i) != 1) {
        throw call.refuse("axis " + axis + " of " + x + " is not of length 1");
      }
      goes[i] = true;
    }
    int[] to = IntStream.range(0, x.rank()).filter(i -> !goes[i]).map(x::dim).toArray();
    call.alias(0, reshaped(call, x, to));
  }

  private static void unsqueeze(Call call) {
    Value x = call.in(0);
    long[] asked = call.longs(1, "axes").orElseThrow(() -> call.refuse("the new axes are missing"));
    int rank = x.rank() + asked.length;
    boolean[] isNew = new boolean[rank];
    for (long axis : asked) {
      isNew[call.axis(axis, rank)] = true;
    }
    int[] to = new int[rank];
    int from = 0;
    for (int i = 0; i < rank; i++) {
      to[i] = isNew[i] || from >= x.rank() ? 1 : x.dim(from++);
    }
    call.alias(0, reshaped(call, x, to));
  }

  private static void expand(Call call) {
    Value x = call.in(0);
    int[] asked = Arrays.stream(call.longs(1)).mapToInt(Math::toIntExact).toArray();
    call.alias(0, x.expanded(Layouts.broadcast(call, x.shape(), asked)));
  }

  private static void tile(Call call) {
    Value x = call.in(0);
    long[] times = call.longs(1);
    if (times.length != x.rank()) {
      throw call.refuse(times.length + " repeats of " + x);
    }
    int[] split = new int[2 * x.rank()];
    int[] repeated = new int[2 * x.rank()];
    int[] joined = new int[x.rank()];
    for (int i = 0; i < x.rank(); i++) {
      split[2 * i] = 1;
      split[2 * i + 1] = x.dim(i);
      repeated[2 * i] = Math.toIntExact(times[i]);
      repeated[2 * i + 1] = x.dim(i);
      joined[i] = Math.multiplyExact(repeated[2 * i], x.dim(i));
    }
    Value many = reshaped(call, x, split).expanded(repeated);
    call.alias(0, reshaped(call, many, joined));
  }

  private static void depthToSpace(Call call) {
    Value x = call.in(0);
    int b = (int) call.intAttribute("blocksize", 1);
    if (x.rank() != 4 || b < 1 || x.dim(1) % (b * b) != 0) {
      throw call.refuse("blocks of " + b + " of " + x);
    }
    int n = x.dim(0);
    int c = x.dim(1) / (b * b);
    int h = x.dim(2);
    int w = x.dim(3);
    Value apart =
        call.text("mode", "DCR").equals("DCR")
            ? reshaped(call, x, n, b, b, c, h, w).transposed(0, 3, 4, 1, 5, 2)
            : reshaped(call, x, n, c, b, b, h, w).transposed(0, 1, 4, 2, 5, 3);
    call.alias(0, reshaped(call, apart, n, c, h * b, w * b));
  }

  private static void spaceToDepth(Call call) {
    Value x = call.in(0);
    int b = (int) call.intAttribute("blocksize", 1);
    if (x.rank() != 4 || b < 1 || x.dim(2) % b != 0 || x.dim(3) % b != 0) {
      throw call.refuse("blocks of " + b + " of " + x);
    }
    int n = x.dim(0);
    int c = x.dim(1);
    int h = x.dim(2) / b;
    int w = x.dim(3) / b;
    Value apart = reshaped(call, x, n, c, h, b, w, b).transposed(0, 3, 5, 1, 2, 4);
    call.alias(0, reshaped(call, apart, n, c * b * b, h, w));
  }

  /** Nothing is dropped where nothing is trained. */
  private static void dropout(Call call) {
    Value x = call.in(0);
    if (call.has(2)) {
      if (!call.in(2).isKnown()) {
        throw new NotYetKnown();
      }
      boolean training = Elements.getLong(DType.BOOL, call.in(2).data(), 0) != 0;
      boolean none =
          call.has(1)
              && call.in(1).isKnown()
              && Elements.getDouble(call.in(1).type(), call.in(1).data(), 0) == 0;
      if (training && !none) {
        throw call.refuse("dropping while running is not offered");
      }
    }
    call.alias(0, x);
    if (call.wants(1)) {
      byte[] ones = new byte[Math.toIntExact(x.size())];
      Arrays.fill(ones, (byte) 1);
      call.alias(1, Value.constant(Tensor.of(DType.BOOL, x.tensorShape(), ones)));
    }
  }
}
