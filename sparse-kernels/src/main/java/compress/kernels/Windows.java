package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The weights that are not zero, 16 rows in step: a step takes from each row at most one weight, of
 * a window of 32 or 64 columns that is the same for all rows. So the activations of a step fit in
 * two or four of the widest registers, and nothing is scattered. A row whose next weight lies
 * further on waits, and has a zero in the step; the wider the window, the fewer do.
 *
 * <p>Steps are chosen greedily: the window begins at the column, rounded down to a whole register,
 * where the row that lags most goes on. Steps of a tile come in pairs, so that two sums can be kept
 * apart; an odd number is filled up with a step of zeros.
 *
 * @param width columns of a window, {@value #NARROW} or {@value #WIDE}
 * @param starts {@code [tile]}, then the end: where a tile's steps begin
 * @param firsts {@code [step]}: the first column of its window, a multiple of {@value #REGISTER};
 *     the window may end past the last column
 * @param positions {@code [step][row in tile]} unsigned bytes: the column in the window; 0 for the
 *     filling
 * @param values {@code [step][row in tile]} floats
 */
public record Windows(
    int rows,
    int columns,
    int width,
    int[] starts,
    int[] firsts,
    MemorySegment positions,
    MemorySegment values,
    long nonZeros)
    implements Layout {
  /** A window that takes the fewest instructions. */
  public static final int NARROW = 32;

  /** A window that leaves fewer places empty, for weights that come from memory. */
  public static final int WIDE = 64;

  /** Floats of the widest register; windows begin at multiples of it. */
  public static final int REGISTER = 16;

  /** {@code width} is {@link #NARROW} or {@link #WIDE}. */
  public static Windows pack(WeightMatrix w, int width) {
    if (width != NARROW && width != WIDE) {
      throw new IllegalArgumentException("windows of " + width + " columns; 32 or 64");
    }
    int tiles = Layout.tiles(w.rows());
    int[] starts = new int[tiles + 1];
    int[] firsts = new int[16];
    byte[] positions = new byte[TILE * firsts.length];
    float[] values = new float[TILE * firsts.length];
    int step = 0;
    for (int t = 0; t < tiles; t++) {
      starts[t] = step;
      int[] next = new int[TILE];
      for (int r = 0; r < TILE; r++) {
        next[r] = next(w, t * TILE + r, 0);
      }
      int first = first(next);
      while (first < w.columns() || step % 2 != 0) {
        if (step == firsts.length) {
          firsts = Arrays.copyOf(firsts, 2 * step);
          positions = Arrays.copyOf(positions, TILE * firsts.length);
          values = Arrays.copyOf(values, TILE * firsts.length);
        }
        firsts[step] = first < w.columns() ? first : 0;
        for (int r = 0; r < TILE; r++) {
          if (next[r] < w.columns() && next[r] - first < width) {
            positions[TILE * step + r] = (byte) (next[r] - first);
            values[TILE * step + r] = w.at(t * TILE + r, next[r]);
            next[r] = next(w, t * TILE + r, next[r] + 1);
          }
        }
        step++;
        first = first(next);
      }
    }
    starts[tiles] = step;
    MemorySegment at = OffHeap.allocate((long) TILE * step);
    MemorySegment.copy(positions, 0, at, ValueLayout.JAVA_BYTE, 0, TILE * step);
    MemorySegment of = OffHeap.allocate(4L * TILE * step);
    MemorySegment.copy(values, 0, of, ValueLayout.JAVA_FLOAT, 0, TILE * step);
    return new Windows(
        w.rows(), w.columns(), width, starts, Arrays.copyOf(firsts, step), at, of, w.nonZeros());
  }

  /**
   * The column of a row's next weight from {@code column} on; past all columns if there is none.
   */
  private static int next(WeightMatrix w, int row, int column) {
    if (row >= w.rows()) {
      return Integer.MAX_VALUE;
    }
    for (int c = column; c < w.columns(); c++) {
      if (w.at(row, c) != 0) {
        return c;
      }
    }
    return Integer.MAX_VALUE;
  }

  private static int first(int[] next) {
    return Arrays.stream(next).min().getAsInt() / REGISTER * REGISTER;
  }

  /** The column of an entry, at the row {@code row} of a tile in step {@code step}. */
  public int column(int step, int row) {
    return firsts[step] + positions.get(ValueLayout.JAVA_BYTE, (long) TILE * step + row);
  }

  public float value(int step, int row) {
    return values.getAtIndex(ValueLayout.JAVA_FLOAT, (long) TILE * step + row);
  }

  @Override
  public long bytes() {
    return 4L * starts.length + (4L + 5 * TILE) * firsts.length;
  }

  @Override
  public String pattern() {
    return "unstructured";
  }

  @Override
  public int bits() {
    return 32;
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int s = starts[r / TILE]; s < starts[r / TILE + 1]; s++) {
        if (value(s, r % TILE) != 0) {
          w[r * columns + column(s, r % TILE)] = value(s, r % TILE);
        }
      }
    }
    return w;
  }
}
