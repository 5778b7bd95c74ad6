package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * All weights, in tiles of 16 rows: {@code values[tile][column][row in tile]}.
 *
 * <p>Columns are filled up with zeros to a multiple of 4: {@code [20, 3]} gives two tiles of 64
 * floats, the second with 12 rows of zeros.
 */
public record DenseTiles(int rows, int columns, MemorySegment values) implements Layout {
  public static DenseTiles pack(WeightMatrix w) {
    MemorySegment values = OffHeap.allocate(tileBytes(w.columns()) * Layout.tiles(w.rows()));
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < w.columns(); c++) {
        values.setAtIndex(ValueLayout.JAVA_FLOAT, index(r, c, w.columns()), w.at(r, c));
      }
    }
    return new DenseTiles(w.rows(), w.columns(), values);
  }

  private static long index(int row, int column, int columns) {
    return row / TILE * (tileBytes(columns) / 4) + (long) column * TILE + row % TILE;
  }

  /** Bytes from one tile of so many columns to the next. */
  public static long tileBytes(int columns) {
    return 16L * TILE * Math.ceilDiv(columns, 4);
  }

  /** Bytes from one tile to the next. */
  public long tileBytes() {
    return tileBytes(columns);
  }

  public float at(int row, int column) {
    return values.getAtIndex(ValueLayout.JAVA_FLOAT, index(row, column, columns));
  }

  @Override
  public long bytes() {
    return tileBytes() * Layout.tiles(rows);
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
  public int bits() {
    return 32;
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        w[r * columns + c] = at(r, c);
      }
    }
    return w;
  }
}
