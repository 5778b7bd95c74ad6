package compress.runtime.op;

import compress.kernels.Convolution;
import compress.kernels.Epilogue;
import compress.kernels.Input;
import compress.kernels.Matrix;
import compress.kernels.OffHeap;
import compress.kernels.Patches;
import compress.model.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions as products: the pixels of all images are the columns. What a window sees is read
 * from a padded copy of the images, panel by panel; windows of one pixel read the images.
 */
final class Convolutions {
  static final Map<String, Operator> ALL =
      Map.of("Conv", Convolutions::conv, Ending.DOMAIN + ".Conv", Convolutions::conv);

  /** Below this share of features, those that are read are worth a list. */
  private static final double MOST_USED = 0.9;

  private Convolutions() {}

  private static void conv(Call call) {
    plan(call, call.in(0), call.in(1), y -> Ending.of(call, y, 2, 3, 1));
  }

  /** Plans a convolution without anything behind it, in new memory. */
  static Value sums(Call call, Value x, Value w) {
    Value[] sums = new Value[1];
    plan(
        call,
        x,
        w,
        y -> {
          sums[0] = y;
          return Ending.none();
        });
    return sums[0];
  }

  /**
   * @param endings what follows, given the result's memory
   */
  private static void plan(Call call, Value x, Value w, Function<Value, Ending> endings) {
    if (x.type() != DType.F32 || w.type() != DType.F32) {
      throw call.refuse("convolutions of " + x.type() + " by " + w.type() + " are not offered");
    }
    if (x.rank() < 3 || w.rank() != x.rank()) {
      throw call.refuse("weights " + w + " on " + x);
    }
    int groups = (int) call.intAttribute("group", 1);
    int c = x.dim(1);
    int m = w.dim(0);
    if (groups < 1 || c % groups != 0 || m % groups != 0 || w.dim(1) != c / groups) {
      throw call.refuse("weights " + w + " on " + x + " in " + groups + " groups");
    }
    Window window = Window.of(call, x, Arrays.copyOfRange(w.shape(), 2, w.rank()));
    int[] shape = window.resultShape(x.dim(0), m);
    if (x.size() == 0 || w.size() == 0) {
      throw call.refuse("nothing to multiply in " + x + " and " + w);
    }
    Images images = Images.of(call, x);
    // The product over all images has the images inside of the channels.
    int[] order = IntStream.range(0, shape.length).toArray();
    order[0] = 1;
    order[1] = 0;
    Value y = call.scratch(Value.of(DType.F32, shape, Value.ordered(shape, order)));
    Ending ending = endings.apply(y);
    if (c / groups == 1 && groups > 1) {
      Depthwise.plan(call, images, w, window, y);
      ending.finishAll(call, y);
      return;
    }
    int[][] used = used(call, w, groups);
    Views views = views(call, images, window, used);
    multiply(call, views, w, used, y, ending);
    ending.finish(call, y);
  }

  /**
   * The features that each group of weights reads. Those whose weights are all zero need not even
   * be copied, if there are enough of them.
   */
  private static int[][] used(Call call, Value w, int groups) {
    int rows = w.dim(0) / groups;
    int k = (int) (w.size() / w.dim(0));
    int[][] used = new int[groups][];
    for (int g = 0; g < groups; g++) {
      used[g] = IntStream.range(0, k).toArray();
      if (w.isKnown() && !call.setting().isDense()) {
        int[] found = Weights.used(w, g * rows, rows, k);
        used[g] = found.length > 0 && found.length < MOST_USED * k ? found : used[g];
      }
    }
    return used;
  }

  /** What each group of weights is multiplied with. */
  private interface Views {
    Input of(int group);
  }

  private static void multiply(
      Call call, Views views, Value w, int[][] used, Value y, Ending ending) {
    int groups = used.length;
    int rows = w.dim(0) / groups;
    int k = (int) (w.size() / w.dim(0));
    int columns = (int) (y.size() / w.dim(0));
    Factor[] factors = new Factor[groups];
    for (int g = 0; g < groups; g++) {
      int first = g * rows;
      int[] kept = used[g];
      factors[g] =
          w.isKnown()
              ? new Factor.Fixed(
                  call.product(
                      new Product(
                          call.setting()
                              .weights(
                                  w,
                                  "rows " + first + " to " + (first + rows),
                                  () ->
                                      kept.length == k
                                          ? Weights.rows(w, first, rows, k)
                                          : Weights.rows(w, first, rows, k, kept)),
                          columns,
                          1)))
              : new Factor.Varying(
                  call.dense(w).reshaped(w.dim(0), k).orElseThrow().sliced(0, first, 1, rows));
    }
    call.work(threads -> {
      for (int g = 0; g < groups; g++) {
        long at = 4L * g * rows * columns;
        Matrix result = new Matrix(y.data().asSlice(at), rows, columns);
        Epilogue end = ending.epilogue(g * rows, rows, columns);
        factors[g].multiply(views.of(g), result, end, threads.workers());
      }
    });
  }

  private static Views views(Call call, Images images, Window window, int[][] used) {
    int groups = used.length;
    Value x = images.value();
    int n = images.count();
    int c = images.channels();
    int per = c / groups;
    if (window.isPoint()) {
      int points = window.points();
      boolean all = Arrays.stream(used).allMatch(features -> features.length == per);
      if (all && (images.perImage() == 1 || n == 1)) {
        return g -> {
          long at = 4L * images.plane(0, g * per) * points;
          return new Matrix(x.data().asSlice(at), per, n * points);
        };
      }
      return new Windows(
          x::data,
          groups,
          g -> offsets(used[g], j -> images.plane(0, g * per + j) * points),
          offsets(n, i -> images.plane(i, 0) * points),
          points);
    }
    Convolution one =
        new Convolution(
            images.planes(),
            window.size(),
            window.kernel(),
            window.stride(),
            window.dilation(),
            window.before(),
            window.after());
    long plane = (one.bytes() - Patches.SLACK) / 4 / images.planes();
    MemorySegment copy = one.isInPlace() ? null : OffHeap.allocate(one.bytes());
    if (copy != null) {
      call.work(threads -> one.copy(x.data(), copy, threads.workers()));
    }
    Patches first = one.patches(OffHeap.allocate(one.bytes()), 0, 1);
    int taps = first.features().length;
    int lines = first.lines().length;
    Supplier<MemorySegment> data = copy == null ? x::data : () -> copy;
    return new Windows(
        data,
        groups,
        g ->
            offsets(
                used[g],
                i -> images.plane(0, g * per + i / taps) * plane + first.features()[i % taps]),
        offsets(n * lines, i -> images.plane(i / lines, 0) * plane + first.lines()[i % lines]),
        first.lineLength());
  }

  private interface Offset {
    long of(int index);
  }

  private static int[] offsets(int count, Offset offset) {
    return offsets(IntStream.range(0, count).toArray(), offset);
  }

  private static int[] offsets(int[] of, Offset offset) {
    return Arrays.stream(of).map(i -> Math.toIntExact(offset.of(i))).toArray();
  }

  private interface Features {
    int[] of(int group);
  }

  /** Patches of memory whose place is known once there is an arena. */
  private static final class Windows implements Views {
    private final Supplier<MemorySegment> data;
    private final int[][] features;
    private final int[] lines;
    private final int lineLength;
    private final @Nullable Patches[] kept;

    Windows(
        Supplier<MemorySegment> data, int groups, Features features, int[] lines, int lineLength) {
      this.data = data;
      this.features = new int[groups][];
      Arrays.setAll(this.features, features::of);
      this.lines = lines;
      this.lineLength = lineLength;
      this.kept = new Patches[groups];
    }

    @Override
    public Input of(int group) {
      MemorySegment at = data.get();
      Patches patches = kept[group];
      if (patches == null || !patches.data().equals(at)) {
        patches = new Patches(at, features[group], lines, lineLength);
        kept[group] = patches;
      }
      return patches;
    }
  }
}
