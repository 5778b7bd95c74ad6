package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The codes of {@link Linear} or {@link Binary} bit by bit, for kernels that look up the sum of
 * four activations by the four bits that say which of them a weight takes.
 *
 * <p>A strip is as many rows as make four streams: 128 rows of one bit, 64 of two, 32 of four; with
 * eight bits, 32 rows make two quads of streams. A stream is one bit of 32 rows. A chunk is 16
 * columns, 16 bits of one row and stream. The order is {@code
 * words[strip][group][quad][chunk][stream of the quad][row of 32]}, 16 bits each, first column
 * lowest. A weight is {@code (step * code - zero) * scale}.
 *
 * @param bits 1, 2, 4 or 8
 * @param group columns that share a scale; each group starts a chunk of its own
 * @param step 1, and 2 for binary weights, whose zero is 1
 * @param scales {@code [strip][group][row in strip]}
 * @param zeros 32-bit integers in the order of {@code scales}
 * @see <a href="https://arxiv.org/abs/2407.00088">Wei et al. 2024</a>, T-MAC
 */
public record BitPlanes(
    int rows,
    int columns,
    int bits,
    int group,
    int step,
    MemorySegment words,
    MemorySegment scales,
    MemorySegment zeros)
    implements Layout {
  /** Columns in a chunk. */
  public static final int CHUNK = 16;

  /** Rows of a stream. */
  public static final int LANES = 32;

  /** The most columns of a group for which 32 bits hold the sum. */
  private static final int WIDEST_GROUP = 1 << 16;

  public static BitPlanes pack(Linear w) {
    int groups = w.codes().groups();
    BitPlanes planes = empty(w.codes(), 1);
    for (int r = 0; r < w.rows(); r++) {
      for (int g = 0; g < groups; g++) {
        planes.setScale(r, g, w.scale(r, g), w.zero(r, g));
      }
    }
    return planes;
  }

  public static BitPlanes pack(Binary w) {
    BitPlanes planes = empty(w.codes(), 2);
    for (int r = 0; r < w.rows(); r++) {
      planes.setScale(r, 0, w.scale(r), 1);
    }
    return planes;
  }

  private static BitPlanes empty(PackedCodes codes, int step) {
    if (codes.group() > WIDEST_GROUP) {
      throw new IllegalArgumentException(
          "groups of " + codes.group() + " columns; at most " + WIDEST_GROUP);
    }
    int stripRows = LANES * Math.max(1, 4 / codes.bits());
    int strips = Math.ceilDiv(codes.rows(), stripRows);
    int quads = Math.max(1, codes.bits() / 4);
    int chunks = Math.ceilDiv(codes.group(), CHUNK);
    long scales = (long) strips * codes.groups() * stripRows;
    BitPlanes planes =
        new BitPlanes(
            codes.rows(),
            codes.columns(),
            codes.bits(),
            codes.group(),
            step,
            OffHeap.allocate(2L * strips * codes.groups() * quads * chunks * 4 * LANES),
            OffHeap.allocate(4 * scales),
            OffHeap.allocate(4 * scales));
    for (int r = 0; r < codes.rows(); r++) {
      for (int c = 0; c < codes.columns(); c++) {
        int code = codes.code(r, c);
        for (int bit = 0; bit < codes.bits(); bit++) {
          if ((code >>> bit & 1) != 0) {
            long i = planes.wordIndex(r, c, bit);
            int old = planes.words.getAtIndex(ValueLayout.JAVA_SHORT, i);
            int set = old | 1 << c % codes.group() % CHUNK;
            planes.words.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) set);
          }
        }
      }
    }
    return planes;
  }

  private void setScale(int row, int group, float scale, int zero) {
    scales.setAtIndex(ValueLayout.JAVA_FLOAT, scaleIndex(row, group), scale);
    zeros.setAtIndex(ValueLayout.JAVA_INT, scaleIndex(row, group), zero);
  }

  /** Rows of a strip. */
  public int stripRows() {
    return LANES * Math.max(1, 4 / bits);
  }

  public int strips() {
    return Math.ceilDiv(rows, stripRows());
  }

  public int groups() {
    return Math.ceilDiv(columns, group);
  }

  /** Quads of streams in a strip. */
  public int quads() {
    return Math.max(1, bits / 4);
  }

  /** Chunks that a group of columns takes. */
  public int chunks() {
    return Math.ceilDiv(group, CHUNK);
  }

  /** Where the words of the streams of a strip's group begin, counted in words. */
  public long wordIndex(int strip, int g, int quad, int chunk) {
    return ((((long) strip * groups() + g) * quads() + quad) * chunks() + chunk) * 4 * LANES;
  }

  private long wordIndex(int row, int column, int bit) {
    int stream = row % stripRows() / LANES * bits + bit;
    return wordIndex(row / stripRows(), column / group, stream / 4, column % group / CHUNK)
        + (long) stream % 4 * LANES
        + row % LANES;
  }

  private long scaleIndex(int row, int g) {
    return ((long) (row / stripRows()) * groups() + g) * stripRows() + row % stripRows();
  }

  public float scale(int row, int g) {
    return scales.getAtIndex(ValueLayout.JAVA_FLOAT, scaleIndex(row, g));
  }

  public int zero(int row, int g) {
    return zeros.getAtIndex(ValueLayout.JAVA_INT, scaleIndex(row, g));
  }

  public int code(int row, int column) {
    int code = 0;
    for (int bit = 0; bit < bits; bit++) {
      int word = words.getAtIndex(ValueLayout.JAVA_SHORT, wordIndex(row, column, bit));
      code |= (word >>> column % group % CHUNK & 1) << bit;
    }
    return code;
  }

  @Override
  public long bytes() {
    return words.byteSize() + scales.byteSize();
  }

  @Override
  public long nonZeros() {
    return (long) rows * columns;
  }

  @Override
  public String pattern() {
    return "dense";
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int g = c / group;
        w[r * columns + c] = (step * code(r, c) - zero(r, g)) * scale(r, g);
      }
    }
    return w;
  }
}
