package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Blocks of {@code blockRows} x {@code blockColumns} weights that stay or go together. A block with
 * any weight that is not zero is stored whole, column after column, so that one position and a few
 * activations serve all its rows.
 *
 * @param starts {@code [block rows + 1]}: where a row of blocks begins in {@code positions}
 * @param positions 32-bit columns of blocks, ascending in a row of blocks
 * @param values {@code [block][column in block][row in block]}; zeros where a block reaches past
 *     the last row or column
 */
public record Blocks(
    int rows,
    int columns,
    int blockRows,
    int blockColumns,
    MemorySegment starts,
    MemorySegment positions,
    MemorySegment values,
    int blocks)
    implements Layout {
  public static Blocks pack(WeightMatrix w, int blockRows, int blockColumns) {
    if (blockRows < 1 || blockColumns < 1) {
      throw new IllegalArgumentException("blocks of " + blockRows + "x" + blockColumns);
    }
    int down = Math.ceilDiv(w.rows(), blockRows);
    int across = Math.ceilDiv(w.columns(), blockColumns);
    int blocks = 0;
    for (int i = 0; i < down; i++) {
      for (int j = 0; j < across; j++) {
        blocks += isEmpty(w, i, j, blockRows, blockColumns) ? 0 : 1;
      }
    }
    MemorySegment starts = OffHeap.allocate(4L * (down + 1));
    MemorySegment positions = OffHeap.allocate(4L * blocks);
    MemorySegment values = OffHeap.allocate(4L * blocks * blockRows * blockColumns);
    int at = 0;
    for (int i = 0; i < down; i++) {
      starts.setAtIndex(ValueLayout.JAVA_INT, i, at);
      for (int j = 0; j < across; j++) {
        if (!isEmpty(w, i, j, blockRows, blockColumns)) {
          positions.setAtIndex(ValueLayout.JAVA_INT, at, j);
          for (int c = 0; c < blockColumns && j * blockColumns + c < w.columns(); c++) {
            for (int r = 0; r < blockRows && i * blockRows + r < w.rows(); r++) {
              values.setAtIndex(
                  ValueLayout.JAVA_FLOAT,
                  ((long) at * blockColumns + c) * blockRows + r,
                  w.at(i * blockRows + r, j * blockColumns + c));
            }
          }
          at++;
        }
      }
    }
    starts.setAtIndex(ValueLayout.JAVA_INT, down, at);
    return new Blocks(
        w.rows(), w.columns(), blockRows, blockColumns, starts, positions, values, blocks);
  }

  private static boolean isEmpty(WeightMatrix w, int i, int j, int blockRows, int blockColumns) {
    int lastRow = Math.min(w.rows(), (i + 1) * blockRows);
    int lastColumn = Math.min(w.columns(), (j + 1) * blockColumns);
    for (int r = i * blockRows; r < lastRow; r++) {
      for (int c = j * blockColumns; c < lastColumn; c++) {
        if (w.at(r, c) != 0) {
          return false;
        }
      }
    }
    return true;
  }

  /** Rows of blocks. */
  public int down() {
    return Math.ceilDiv(rows, blockRows);
  }

  public int start(int blockRow) {
    return starts.getAtIndex(ValueLayout.JAVA_INT, blockRow);
  }

  /** Which column of blocks block {@code i} is in. */
  public int position(int i) {
    return positions.getAtIndex(ValueLayout.JAVA_INT, i);
  }

  public float value(int block, int row, int column) {
    return values.getAtIndex(
        ValueLayout.JAVA_FLOAT, ((long) block * blockColumns + column) * blockRows + row);
  }

  @Override
  public long bytes() {
    return blocks * (4L * blockRows * blockColumns + 4) + 4L * (down() + 1);
  }

  @Override
  public long nonZeros() {
    return (long) blocks * blockRows * blockColumns;
  }

  @Override
  public String pattern() {
    return "block:" + blockRows + "x" + blockColumns;
  }

  @Override
  public int bits() {
    return 32;
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows * columns];
    for (int i = 0; i < down(); i++) {
      for (int b = start(i); b < start(i + 1); b++) {
        int firstColumn = position(b) * blockColumns;
        for (int c = 0; c < blockColumns && firstColumn + c < columns; c++) {
          for (int r = 0; r < blockRows && i * blockRows + r < rows; r++) {
            w[(i * blockRows + r) * columns + firstColumn + c] = value(b, r, c);
          }
        }
      }
    }
    return w;
  }
}
