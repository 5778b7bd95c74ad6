package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * At most {@code n} weights that are not zero in every run of {@code m} along a row, each with its
 * place in the run: 2 bits when {@code m} is at most 4, else 4. A run with fewer is filled up with
 * zeros at place 0.
 *
 * @param values {@code [tile][run][entry][row in tile]}, {@code n} entries for a run
 * @param positions {@code [tile][word][row in tile]}: 32-bit words, each with the places of the
 *     next 16 (or 8) entries of one row, the first in the low bits
 * @see <a href="https://arxiv.org/abs/2104.08378">Mishra et al. 2021</a>, 2:4 sparsity
 */
public record NofM(
    int rows, int columns, int n, int m, MemorySegment values, MemorySegment positions)
    implements Layout {
  /**
   * @throws IllegalArgumentException if a run has more than {@code n} weights that are not zero
   */
  public static NofM pack(WeightMatrix w, int n, int m) {
    if (n < 1 || n > m || m > 16) {
      throw new IllegalArgumentException(n + ":" + m + "; from 1:1 to 16:16");
    }
    NofM packed =
        new NofM(
            w.rows(),
            w.columns(),
            n,
            m,
            OffHeap.allocate(4L * Layout.tiles(w.rows()) * TILE * Math.ceilDiv(w.columns(), m) * n),
            OffHeap.allocate(4L * Layout.tiles(w.rows()) * TILE * words(w.columns(), n, m)));
    for (int r = 0; r < w.rows(); r++) {
      for (int run = 0; run < packed.runs(); run++) {
        int entry = run * n;
        for (int c = run * m; c < Math.min(w.columns(), (run + 1) * m); c++) {
          if (w.at(r, c) != 0) {
            if (entry == (run + 1) * n) {
              throw new IllegalArgumentException(
                  "row %d keeps more than %d of columns %d to %d; not %d:%d"
                      .formatted(r, n, run * m, run * m + m - 1, n, m));
            }
            packed.put(r, entry++, w.at(r, c), c % m);
          }
        }
      }
    }
    return packed;
  }

  private static int words(int columns, int n, int m) {
    return Math.ceilDiv(Math.ceilDiv(columns, m) * n, m <= 4 ? 16 : 8);
  }

  private void put(int row, int entry, float value, int position) {
    values.setAtIndex(ValueLayout.JAVA_FLOAT, index(row, entry), value);
    long word = wordIndex(row, entry);
    int old = positions.getAtIndex(ValueLayout.JAVA_INT, word);
    int shift = entry % perWord() * positionBits();
    positions.setAtIndex(ValueLayout.JAVA_INT, word, old | position << shift);
  }

  /** Runs in a row. */
  public int runs() {
    return Math.ceilDiv(columns, m);
  }

  /** Bits of a place. */
  public int positionBits() {
    return m <= 4 ? 2 : 4;
  }

  /** Entries that share a word of {@code positions}. */
  public int perWord() {
    return 32 / positionBits();
  }

  /** Words of {@code positions} for a row. */
  public int words() {
    return words(columns, n, m);
  }

  /** Where entry {@code entry} of a row, counted over all its runs, is in {@code values}. */
  public long index(int row, int entry) {
    return ((long) (row / TILE) * runs() * n + entry) * TILE + row % TILE;
  }

  /** Where the place of entry {@code entry} of a row is in {@code positions}. */
  public long wordIndex(int row, int entry) {
    return ((long) (row / TILE) * words() + entry / perWord()) * TILE + row % TILE;
  }

  public float value(int row, int entry) {
    return values.getAtIndex(ValueLayout.JAVA_FLOAT, index(row, entry));
  }

  /** The column of an entry; may lie past the last for filling, whose value is 0. */
  public int column(int row, int entry) {
    int word = positions.getAtIndex(ValueLayout.JAVA_INT, wordIndex(row, entry));
    int place = word >>> entry % perWord() * positionBits() & (1 << positionBits()) - 1;
    return entry / n * m + place;
  }

  @Override
  public long bytes() {
    return 4L * Layout.tiles(rows) * TILE * ((long) runs() * n + words());
  }

  @Override
  public long nonZeros() {
    return (long) rows * runs() * n;
  }

  @Override
  public String pattern() {
    return n + ":" + m;
  }

  @Override
  public int bits() {
    return 32;
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int e = 0; e < runs() * n; e++) {
        if (value(r, e) != 0) {
          w[r * columns + column(r, e)] = value(r, e);
        }
      }
    }
    return w;
  }
}
