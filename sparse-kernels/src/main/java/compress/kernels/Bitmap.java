package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One bit for each weight, and the weights that are not zero: smaller than {@link Csr} while more
 * than a sixteenth of the weights stays.
 *
 * @param bitmap {@code [rows][words]} of 64 bits, the first column in the lowest bit
 * @param starts {@code [rows + 1]}: where a row begins in {@code values}
 * @param values the kept weights, row by row, and one cache line of zeros
 */
public record Bitmap(
    int rows,
    int columns,
    MemorySegment bitmap,
    MemorySegment starts,
    MemorySegment values,
    long nonZeros)
    implements Layout {
  public static Bitmap pack(WeightMatrix w) {
    int words = Math.ceilDiv(w.columns(), Long.SIZE);
    int nonZeros = Math.toIntExact(w.nonZeros());
    MemorySegment bitmap = OffHeap.allocate(8L * w.rows() * words);
    MemorySegment starts = OffHeap.allocate(4L * (w.rows() + 1));
    MemorySegment values = OffHeap.allocate(4L * nonZeros + OffHeap.LINE);
    int at = 0;
    for (int r = 0; r < w.rows(); r++) {
      starts.setAtIndex(ValueLayout.JAVA_INT, r, at);
      for (int c = 0; c < w.columns(); c++) {
        if (w.at(r, c) != 0) {
          long word = (long) r * words + c / Long.SIZE;
          long old = bitmap.getAtIndex(ValueLayout.JAVA_LONG, word);
          bitmap.setAtIndex(ValueLayout.JAVA_LONG, word, old | 1L << c % Long.SIZE);
          values.setAtIndex(ValueLayout.JAVA_FLOAT, at++, w.at(r, c));
        }
      }
    }
    starts.setAtIndex(ValueLayout.JAVA_INT, w.rows(), at);
    return new Bitmap(w.rows(), w.columns(), bitmap, starts, values, nonZeros);
  }

  /** Words of the bitmap for a row. */
  public int words() {
    return Math.ceilDiv(columns, Long.SIZE);
  }

  public long word(int row, int word) {
    return bitmap.getAtIndex(ValueLayout.JAVA_LONG, (long) row * words() + word);
  }

  public int start(int row) {
    return starts.getAtIndex(ValueLayout.JAVA_INT, row);
  }

  public float value(int i) {
    return values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
  }

  @Override
  public long bytes() {
    return 8L * rows * words() + 4 * nonZeros + 4L * (rows + 1);
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
      int at = start(r);
      for (int c = 0; c < columns; c++) {
        if ((word(r, c / Long.SIZE) >>> c % Long.SIZE & 1) != 0) {
          w[r * columns + c] = value(at++);
        }
      }
    }
    return w;
  }
}
