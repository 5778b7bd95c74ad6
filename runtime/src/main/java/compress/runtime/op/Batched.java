package compress.runtime.op;

import compress.kernels.DenseTiles;
import compress.kernels.Epilogue;
import compress.kernels.Input;
import compress.kernels.Kernel;
import compress.kernels.Matrix;
import compress.kernels.OffHeap;
import compress.kernels.Patches;
import compress.kernels.Workers;
import compress.model.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Products of matrices that the network computes, as attention has them: one after the other, or
 * one for each thread. One side is packed as weights are; the other is read where it lies, if its
 * rows or its columns are without gaps. Which is which decides how the result lies.
 */
final class Batched {
  private Batched() {}

  /** Plans a product of {@code shape} in new memory, in the order that suits. */
  static Value plan(Call call, Value a, Value b, int[] shape) {
    boolean turned =
        a.type() == DType.F32 && a.dim(-2) > 1 && a.stride(-2) == 1 && a.stride(-1) != 1;
    int[] order = IntStream.range(0, shape.length).toArray();
    if (turned) {
      order[shape.length - 2] = shape.length - 1;
      order[shape.length - 1] = shape.length - 2;
    }
    Value y = call.scratch(Value.of(a.type(), shape, Value.ordered(shape, order)));
    if (turned) {
      plan(call, swapped(b), swapped(a), swapped(y));
    } else {
      plan(call, a, b, y);
    }
    return y;
  }

  private static Value swapped(Value v) {
    int[] axes = IntStream.range(0, v.rank()).toArray();
    axes[v.rank() - 2] = v.rank() - 1;
    axes[v.rank() - 1] = v.rank() - 2;
    return v.transposed(axes);
  }

  /** Plans {@code y = a b}, {@code y} row-major. */
  static void plan(Call call, Value a, Value b, Value y) {
    if (y.size() == 0) {
      return;
    }
    int[] outer = Arrays.copyOf(y.shape(), y.rank() - 2);
    Value left = a.expanded(with(outer, a.dim(-2), a.dim(-1)));
    if (a.type() != DType.F32 || a.dim(-1) == 0) {
      slow(call, left, b.expanded(with(outer, b.dim(-2), b.dim(-1))), y);
      return;
    }
    boolean readable = b.dim(-1) == 1 ? b.dim(-2) == 1 || b.stride(-2) == 1 : b.stride(-1) == 1;
    Value straight = readable ? b : call.dense(b);
    Value right = straight.expanded(with(outer, b.dim(-2), b.dim(-1)));
    int batch = (int) Value.size(outer);
    call.work(new Run(left, right, y, batch)::run);
  }

  private static int[] with(int[] outer, int rows, int columns) {
    int[] shape = Arrays.copyOf(outer, outer.length + 2);
    shape[outer.length] = rows;
    shape[outer.length + 1] = columns;
    return shape;
  }

  /** All products of one node. */
  private static final class Run {
    private final Value left;
    private final Value right;
    private final Value y;
    private final int batch;
    private final int rows;
    private final int k;
    private final int columns;
    private final long[] leftAt;
    private final long[] rightAt;
    private final int[] features;
    private DenseTiles[] tiles = new DenseTiles[0];

    Run(Value left, Value right, Value y, int batch) {
      this.left = left;
      this.right = right;
      this.y = y;
      this.batch = batch;
      this.rows = y.dim(-2);
      this.k = left.dim(-1);
      this.columns = y.dim(-1);
      this.leftAt = places(left, batch);
      this.rightAt = places(right, batch);
      long pitch = right.stride(-2);
      this.features = IntStream.range(0, k).map(i -> Math.toIntExact(i * pitch)).toArray();
    }

    /** Where each matrix begins. */
    private static long[] places(Value v, int batch) {
      long[] at = new long[batch];
      for (int i = 0; i < batch; i++) {
        int left = i;
        for (int axis = v.rank() - 3; axis >= 0; axis--) {
          at[i] += left % v.dim(axis) * v.stride(axis);
          left /= v.dim(axis);
        }
      }
      return at;
    }

    void run(Threads threads) {
      if (tiles.length < threads.count()) {
        tiles = new DenseTiles[threads.count()];
        long bytes = new DenseTiles(rows, k, MemorySegment.NULL).bytes();
        Arrays.setAll(tiles, i -> new DenseTiles(rows, k, OffHeap.allocate(bytes)));
      }
      if (batch >= threads.count() && threads.count() > 1) {
        threads.run(batch, y.size() * k, (i, worker) -> multiply(i, worker, threads.alone(worker)));
      } else {
        for (int i = 0; i < batch; i++) {
          multiply(i, 0, threads.workers());
        }
      }
    }

    private void multiply(int i, int worker, Workers workers) {
      DenseTiles w = tiles[worker];
      Tiles.pack(left.data(), leftAt[i], left.stride(-2), left.stride(-1), w);
      MemorySegment from = right.data().asSlice(4 * rightAt[i]);
      boolean plain = columns == 1 || right.stride(-2) == columns || k == 1;
      Input x =
          plain
              ? new Matrix(from, k, columns)
              : new Patches(from, features, new int[] {0}, columns);
      Matrix to = new Matrix(y.data().asSlice(4L * i * rows * columns), rows, columns);
      Kernel<?> kernel = Weights.dense(w, columns);
      kernel.multiply(w, x, to, Epilogue.NONE, workers);
    }
  }

  /** Types that no kernel multiplies. */
  private static void slow(Call call, Value a, Value b, Value y) {
    DType type = a.type();
    if (type.bits() < 8
        || type.kind() == DType.Kind.COMPLEX
        || type.isFloat() && type.bits() < 16) {
      throw call.refuse("products of " + type + " are not offered");
    }
    int batch = (int) Value.size(Arrays.copyOf(y.shape(), y.rank() - 2));
    long[] p = Run.places(a, batch);
    long[] q = Run.places(b, batch);
    int rows = y.dim(-2);
    int columns = y.dim(-1);
    int k = a.dim(-1);
    call.work(threads ->
        threads.run(
            batch * rows,
            y.size() * k,
            (task, worker) -> {
              int i = task / rows;
              int r = task % rows;
              for (int c = 0; c < columns; c++) {
                double sum = 0;
                long whole = 0;
                for (int j = 0; j < k; j++) {
                  long u = p[i] + r * a.stride(-2) + j * a.stride(-1);
                  long v = q[i] + j * b.stride(-2) + c * b.stride(-1);
                  if (type.isFloat()) {
                    sum +=
                        Elements.getDouble(type, a.data(), u)
                            * Elements.getDouble(type, b.data(), v);
                  } else {
                    whole +=
                        Elements.getLong(type, a.data(), u) * Elements.getLong(type, b.data(), v);
                  }
                }
                long to = (long) task * columns + c;
                if (type.isFloat()) {
                  Elements.putDouble(type, y.data(), to, sum);
                } else {
                  Elements.putLong(type, y.data(), to, whole);
                }
              }
            }));
  }
}
