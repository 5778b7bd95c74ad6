package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Pruned and shared weights in {@link Windows} of {@value Windows#WIDE} columns, with a byte for a
 * weight that says which of at most {@value #MOST} shared values it is: the values fill four of the
 * widest registers, and are chosen as the activations are.
 *
 * @param starts {@code [tile]}, then the end: where a tile's steps begin
 * @param firsts {@code [step]}: the first column of its window
 * @param entries {@code [step][2][row in tile]} bytes: the columns in the window, then the codes
 * @param table 64 floats; the first is 0, which is what places that stay empty have
 */
public record SharedWindows(
    int rows,
    int columns,
    int[] starts,
    int[] firsts,
    MemorySegment entries,
    MemorySegment table,
    long nonZeros)
    implements Layout {
  /** The most different weights beside zero. */
  public static final int MOST = 63;

  /**
   * @throws IllegalArgumentException if there are more than {@value #MOST} different weights beside
   *     zero
   */
  public static SharedWindows pack(WeightMatrix w) {
    SharedValues shared = SharedValues.of(w.values(), true);
    if (shared.values().length > MOST) {
      throw new IllegalArgumentException(
          "%d different weights beside zero; at most %d".formatted(shared.values().length, MOST));
    }
    float[] table = new float[MOST + 1];
    System.arraycopy(shared.values(), 0, table, 1, shared.values().length);
    Windows full = Windows.pack(w, Windows.WIDE);
    int steps = full.firsts().length;
    MemorySegment entries = OffHeap.allocate(2L * TILE * steps);
    for (int t = 0; t + 1 < full.starts().length; t++) {
      for (int s = full.starts()[t]; s < full.starts()[t + 1]; s++) {
        for (int r = 0; r < TILE; r++) {
          if (full.value(s, r) != 0) {
            int column = full.column(s, r);
            int code = shared.codes()[(t * TILE + r) * w.columns() + column] + 1;
            long at = 2L * TILE * s + r;
            entries.set(ValueLayout.JAVA_BYTE, at, (byte) (column - full.firsts()[s]));
            entries.set(ValueLayout.JAVA_BYTE, at + TILE, (byte) code);
          }
        }
      }
    }
    return new SharedWindows(
        w.rows(),
        w.columns(),
        full.starts(),
        full.firsts(),
        entries,
        OffHeap.of(table),
        full.nonZeros());
  }

  /** The column of an entry, at the row {@code row} of a tile in step {@code step}. */
  public int column(int step, int row) {
    return firsts[step] + entries.get(ValueLayout.JAVA_BYTE, 2L * TILE * step + row);
  }

  public float value(int step, int row) {
    int code = entries.get(ValueLayout.JAVA_BYTE, 2L * TILE * step + TILE + row);
    return table.getAtIndex(ValueLayout.JAVA_FLOAT, code);
  }

  @Override
  public long bytes() {
    return 4L * starts.length + (4L + 2 * TILE) * firsts.length + 4L * (MOST + 1);
  }

  @Override
  public String pattern() {
    return "unstructured";
  }

  @Override
  public int bits() {
    return 8;
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
