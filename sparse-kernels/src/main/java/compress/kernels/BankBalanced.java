package compress.kernels;

/**
 * Every row keeps as many weights in each bank of {@code bankWidth} columns, so that rows can go in
 * step and a position fits a byte. {@code kept} is the most that any bank of any row has; a bank
 * with fewer is filled up with zeros.
 *
 * @param values {@code [tile][bank][entry][row in tile]}, with {@code kept} entries for a bank
 * @param positions unsigned bytes in the order of {@code values}: the column in its bank, ascending
 *     for a row; 0 for the filling
 * @see <a href="https://doi.org/10.1145/3289602.3293898">Cao et al. 2019</a>, bank-balanced
 *     sparsity
 */
public record BankBalanced(
    int rows, int columns, int bankWidth, int kept, float[] values, byte[] positions)
    implements Layout {
  /** The widest bank whose columns a byte tells apart. */
  public static final int WIDEST_BANK = 256;

  public static BankBalanced pack(WeightMatrix w, int bankWidth) {
    if (bankWidth < 1 || bankWidth > WIDEST_BANK) {
      throw new IllegalArgumentException("banks of " + bankWidth + " columns; 1 to " + WIDEST_BANK);
    }
    int banks = Math.ceilDiv(w.columns(), bankWidth);
    int kept = 0;
    for (int r = 0; r < w.rows(); r++) {
      for (int b = 0; b < banks; b++) {
        int n = 0;
        for (int c = b * bankWidth; c < Math.min(w.columns(), (b + 1) * bankWidth); c++) {
          n += w.at(r, c) != 0 ? 1 : 0;
        }
        kept = Math.max(kept, n);
      }
    }
    int entries = Math.toIntExact((long) Layout.tiles(w.rows()) * banks * kept * TILE);
    float[] values = new float[entries];
    byte[] positions = new byte[entries];
    for (int r = 0; r < w.rows(); r++) {
      for (int b = 0; b < banks; b++) {
        int at = (r / TILE * banks + b) * kept * TILE + r % TILE;
        for (int c = b * bankWidth; c < Math.min(w.columns(), (b + 1) * bankWidth); c++) {
          if (w.at(r, c) != 0) {
            values[at] = w.at(r, c);
            positions[at] = (byte) (c - b * bankWidth);
            at += TILE;
          }
        }
      }
    }
    return new BankBalanced(w.rows(), w.columns(), bankWidth, kept, values, positions);
  }

  public int banks() {
    return Math.ceilDiv(columns, bankWidth);
  }

  /** Where entry {@code entry} of a row's bank is in {@code values} and {@code positions}. */
  public int index(int row, int bank, int entry) {
    return ((row / TILE * banks() + bank) * kept + entry) * TILE + row % TILE;
  }

  public int position(int index) {
    return positions[index] & 0xff;
  }

  public float value(int index) {
    return values[index];
  }

  @Override
  public long bytes() {
    return 5L * values.length;
  }

  @Override
  public long nonZeros() {
    return (long) rows * banks() * kept;
  }

  @Override
  public String pattern() {
    return "bank:" + bankWidth;
  }

  @Override
  public int bits() {
    return 32;
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int b = 0; b < banks(); b++) {
        for (int e = 0; e < kept; e++) {
          int i = index(r, b, e);
          if (value(i) != 0) {
            w[r * columns + b * bankWidth + position(i)] = value(i);
          }
        }
      }
    }
    return w;
  }
}
