package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Small unsigned integers, {@code 32 / bits} of one row in a word: {@code
 * words[tile][group][word][row in tile]}, the first column in the low bits. A group of columns
 * starts a word of its own; what fills up the last word of a group, and the last tile, is 0.
 *
 * <p>{@code [16, 10]} with 4 bits and groups of 5: a group takes one word of 8 codes, so 2 x 16
 * words.
 *
 * @param group columns that share a scale; the last group may be shorter, but takes as many words
 */
public record PackedCodes(int rows, int columns, int bits, int group, MemorySegment words) {
  private static final int TILE = Layout.TILE;

  /** {@code codes} is row-major. */
  static PackedCodes pack(int rows, int columns, int bits, int group, int[] codes) {
    if (32 % bits != 0 || bits > 8 || group < 1 || group > columns) {
      throw new IllegalArgumentException(
          bits + " bits in groups of " + group + "; 1, 2, 4 or 8 bits, groups of 1 to " + columns);
    }
    PackedCodes packed =
        new PackedCodes(
            rows,
            columns,
            bits,
            group,
            OffHeap.allocate(
                4L
                    * Layout.tiles(rows)
                    * TILE
                    * Math.ceilDiv(columns, group)
                    * Math.ceilDiv(group * bits, 32)));
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int code = codes[r * columns + c];
        if (code < 0 || code >= 1 << bits) {
          throw new IllegalArgumentException(
              "code %d of row %d, column %d does not fit %d bits".formatted(code, r, c, bits));
        }
        long i = packed.index(r, c);
        int old = packed.words.getAtIndex(ValueLayout.JAVA_INT, i);
        packed.words.setAtIndex(ValueLayout.JAVA_INT, i, old | code << packed.shift(c));
      }
    }
    return packed;
  }

  public int groups() {
    return Math.ceilDiv(columns, group);
  }

  /** Codes in a word. */
  public int perWord() {
    return 32 / bits;
  }

  /** Words that a group of one row takes. */
  public int groupWords() {
    return Math.ceilDiv(group * bits, 32);
  }

  private long index(int row, int column) {
    long word = (long) column / group * groupWords() + column % group / perWord();
    return ((long) (row / TILE) * groups() * groupWords() + word) * TILE + row % TILE;
  }

  private int shift(int column) {
    return column % group % perWord() * bits;
  }

  public int code(int row, int column) {
    return words.getAtIndex(ValueLayout.JAVA_INT, index(row, column)) >>> shift(column)
        & (1 << bits) - 1;
  }

  /** All codes, row-major. */
  int[] unpack() {
    int[] codes = new int[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        codes[r * columns + c] = code(r, c);
      }
    }
    return codes;
  }

  long bytes() {
    return 4L * Layout.tiles(rows) * TILE * groups() * groupWords();
  }
}
