package compress.runtime.op;

import compress.model.DType;
import compress.model.Dense;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of a network that is being planned: its type, its shape, and how it lies in a {@link
 * Storage}. Strides are free, so transposing, slicing and repeating along an axis are other views
 * of the same memory, and a product may write its result in the order that suits it. Whoever needs
 * row-major memory asks {@link Call#dense} for it.
 */
public final class Value {
  private final DType type;
  private final int[] shape;
  private final long[] strides;
  private final long offset;
  private final Storage storage;
  private final @Nullable Param param;
  private @Nullable MemorySegment base;
  private @Nullable MemorySegment data;

  private Value(
      DType type,
      int[] shape,
      long[] strides,
      long offset,
      Storage storage,
      @Nullable Param param) {
    this.type = type;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.storage = storage;
    this.param = param;
  }

  /** In new memory. The strides say in which order the axes lie; together they leave no gaps. */
  public static Value of(DType type, int[] shape, long[] strides) {
    long size = size(shape);
    return new Value(type, shape, strides, 0, Storage.of(size * Elements.bytes(type)), null);
  }

  /** Row-major in new memory. */
  public static Value of(DType type, int... shape) {
    return of(type, shape, rowMajor(shape));
  }

  public static Value constant(Tensor tensor) {
    int[] shape = shape(tensor.shape());
    Storage storage = Storage.constant(tensor.type(), tensor.size(), () -> tensor);
    return new Value(tensor.type(), shape, rowMajor(shape), 0, storage, null);
  }

  /** A constant that remembers how its entries are stored, and unfolds them only if it must. */
  public static Value constant(Param param) {
    int[] shape = shape(param.shape());
    Storage storage = Storage.constant(param.type(), param.size(), () -> unfolded(param));
    return new Value(param.type(), shape, rowMajor(shape), 0, storage, param);
  }

  private static Tensor unfolded(Param param) {
    return param.values() instanceof Dense(Tensor t) && t.type() == param.type()
        ? t
        : Tensor.ofFloats(param.type(), param.shape(), param.values().toFloats());
  }

  static int[] shape(Shape shape) {
    return Arrays.stream(shape.toArray()).mapToInt(Math::toIntExact).toArray();
  }

  static long size(int... shape) {
    long size = 1;
    for (int d : shape) {
      size *= d;
    }
    return size;
  }

  static long[] rowMajor(int... shape) {
    return ordered(shape, IntStream.range(0, shape.length).toArray());
  }

  /** Strides without gaps, the axes in this order, outermost first. */
  static long[] ordered(int[] shape, int... order) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = order.length - 1; i >= 0; i--) {
      strides[order[i]] = stride;
      stride *= Math.max(1, shape[order[i]]);
    }
    return strides;
  }

  public DType type() {
    return type;
  }

  public int rank() {
    return shape.length;
  }

  /** Not to be changed. */
  public int[] shape() {
    return shape;
  }

  /** The length of an axis; a negative one counts from the last. */
  public int dim(int axis) {
    return shape[axis < 0 ? axis + shape.length : axis];
  }

  /** Elements from one index of an axis to the next. Not to be changed. */
  public long[] strides() {
    return strides;
  }

  long stride(int axis) {
    return strides[axis < 0 ? axis + shape.length : axis];
  }

  public long size() {
    return size(shape);
  }

  public Storage storage() {
    return storage;
  }

  public boolean isKnown() {
    return storage.isKnown();
  }

  public Shape tensorShape() {
    return Shape.of(Arrays.stream(shape).asLongStream().toArray());
  }

  /** How a constant's entries are stored, if it is a param as the file has it. */
  public Optional<Param> param() {
    return Optional.ofNullable(param);
  }

  /** The memory from the first element on. */
  public MemorySegment data() {
    MemorySegment s = storage.segment();
    MemorySegment d = data;
    if (d == null || !s.equals(base)) {
      d = offset == 0 ? s : s.asSlice(offset * Elements.bytes(type));
      base = s;
      data = d;
    }
    return d;
  }

  /** Whether the elements lie in row-major order without gaps. */
  public boolean isDense() {
    return hasStrides(rowMajor(shape));
  }

  /** Whether the axes that are longer than 1 have these strides. */
  public boolean hasStrides(long... wanted) {
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] > 1 && strides[i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether no element lies twice and there are no gaps: row-major, but for the order of axes. */
  boolean isPermuted() {
    return hasStrides(ordered(shape, order()));
  }

  /** The axes by how far their indices lie apart, the farthest first; of equal ones the outer. */
  int[] order() {
    return IntStream.range(0, shape.length)
        .boxed()
        .sorted((a, b) -> Long.compare(strides[b], strides[a]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The same elements with other lengths of axes, if no element has to move for that. */
  Optional<Value> reshaped(int... to) {
    if (isDense()) {
      return Optional.of(view(to, rowMajor(to), offset));
    }
    long[] newStrides = new long[to.length];
    int from = 0;
    int at = 0;
    while (from < shape.length || at < to.length) {
      // Axes that multiply up to the same number of elements on both sides.
      int firstFrom = from;
      int firstAt = at;
      long have = from < shape.length ? shape[from++] : 1;
      long want = at < to.length ? to[at++] : 1;
      while (have != want) {
        if (have < want && from < shape.length) {
          have *= shape[from++];
        } else if (at < to.length) {
          want *= to[at++];
        } else {
          return Optional.empty();
        }
      }
      long stride = 0;
      long expected = -1;
      for (int i = from - 1; i >= firstFrom; i--) {
        if (shape[i] == 1) {
          continue;
        }
        if (expected >= 0 && strides[i] != expected) {
          return Optional.empty();
        }
        stride = expected < 0 ? strides[i] : stride;
        expected = strides[i] * shape[i];
      }
      for (int i = at - 1; i >= firstAt; i--) {
        newStrides[i] = stride;
        stride *= to[i];
      }
    }
    return Optional.of(view(to, newStrides, offset));
  }

  /** Axis {@code i} of the result is axis {@code axes[i]}. */
  Value transposed(int... axes) {
    int[] to = new int[axes.length];
    long[] s = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      to[i] = shape[axes[i]];
      s[i] = strides[axes[i]];
    }
    return view(to, s, offset);
  }

  /** {@code length} elements along an axis, {@code step} apart, at least 1. */
  Value sliced(int axis, long start, long step, int length) {
    int[] to = shape.clone();
    long[] s = strides.clone();
    to[axis] = length;
    s[axis] *= step;
    return view(to, s, length == 0 ? offset : offset + start * strides[axis]);
  }

  /** Without an axis: what is there at {@code index}. */
  Value at(int axis, long index) {
    int[] to = new int[shape.length - 1];
    long[] s = new long[shape.length - 1];
    for (int i = 0, j = 0; i < shape.length; i++) {
      if (i != axis) {
        to[j] = shape[i];
        s[j++] = strides[i];
      }
    }
    return view(to, s, offset + index * strides[axis]);
  }

  /**
   * Repeated along axes of length 1, and with more axes in front, as NumPy broadcasts.
   *
   * @throws IllegalArgumentException if the shapes do not fit
   */
  Value expanded(int... to) {
    long[] s = new long[to.length];
    int more = to.length - shape.length;
    for (int i = 0; i < to.length; i++) {
      int mine = i < more ? 1 : shape[i - more];
      if (more < 0 || mine != to[i] && mine != 1) {
        throw new IllegalArgumentException(
            Arrays.toString(shape) + " does not broadcast to " + Arrays.toString(to));
      }
      s[i] = mine == 1 ? 0 : strides[i - more];
    }
    return view(to.clone(), s, offset);
  }

  /** The same bytes as another type of the same size. */
  Value as(DType other) {
    return new Value(other, shape, strides, offset, storage, null);
  }

  private Value view(int[] to, long[] s, long at) {
    return new Value(type, to, s, at, storage, null);
  }

  /** This value with the numbers that it has at the moment. */
  public Value asKnown() {
    return storage.isKnown()
        ? this
        : new Value(type, shape, strides, offset, Storage.known(storage), param);
  }

  /** Receives the numbers of a tensor of its type and shape; row-major. */
  public void put(Tensor tensor) {
    Elements.unpack(tensor, data());
  }

  /** A copy of a value that {@link #isKnown}. */
  public Tensor tensor() {
    Value dense = this;
    if (!isDense()) {
      dense = Value.of(type, shape);
      dense.storage.placeApart();
      Copies.of(this, dense).run(Threads.NONE);
    }
    return Elements.pack(type, tensorShape(), dense.data());
  }

  @Override
  public String toString() {
    return type + " " + Arrays.toString(shape);
  }
}
