package compress.encode;

import java.util.Arrays;

/**
 * Entries in the order that they are coded in.
 *
 * @param mask by rows, 1 for an entry that is kept
 * @param values by rows; those of entries that are not kept mean nothing
 */
record Matrix(int rows, int columns, byte[] mask, char[] values) {
  static final int NEAREST_PERIOD = 4;
  private static final int PAIRS = 1 << 22;

  static Matrix empty(int rows, int columns) {
    return new Matrix(rows, columns, new byte[rows * columns], new char[rows * columns]);
  }

  /** The same entries by columns. */
  Matrix transposed() {
    Matrix turned = empty(columns, rows);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        turned.mask[c * rows + r] = mask[r * columns + c];
        turned.values[c * rows + r] = values[r * columns + c];
      }
    }
    return turned;
  }

  /**
   * The distance at which kept entries of a row most often have a kept entry, next neighbours
   * apart; 0 if rows are too short to have one. Images in rows show their width.
   */
  int period() {
    long[] pairs = new long[columns / 2 + 1];
    int budget = PAIRS;
    int[] kept = new int[columns];
    for (int r = 0; r < rows && budget > 0; r++) {
      int count = 0;
      for (int c = 0; c < columns; c++) {
        if (mask[r * columns + c] != 0) {
          for (int k = count - 1; k >= 0 && c - kept[k] < pairs.length; k--) {
            pairs[c - kept[k]]++;
            budget--;
          }
          kept[count++] = c;
        }
      }
    }
    int best = 0;
    double most = 0;
    for (int p = NEAREST_PERIOD; p < pairs.length; p++) {
      double share = (double) pairs[p] / (columns - p);
      if (share > most) {
        most = share;
        best = p;
      }
    }
    return best;
  }

  /** All entries kept. */
  Matrix dense() {
    byte[] all = new byte[mask.length];
    Arrays.fill(all, (byte) 1);
    return new Matrix(rows, columns, all, values);
  }
}
