package compress.kernels;

/**
 * The weights that are not zero, row by row with their columns (compressed sparse rows), in slabs
 * of at most 65,536 columns so that a column takes 16 bits.
 *
 * @param starts {@code [slab][rows + 1]}: where a row's entries begin in {@code values} and {@code
 *     positions}; the last of a slab is where the slab ends
 * @param positions unsigned 16-bit columns, counted from the slab's first; ascending in a row
 */
public record Csr(
    int rows,
    int columns,
    int slabWidth,
    int[] starts,
    short[] positions,
    float[] values,
    long nonZeros)
    implements Layout {
  /** The most columns that 16 bits tell apart. */
  public static final int WIDEST_SLAB = 1 << 16;

  public static Csr pack(WeightMatrix w) {
    return pack(w, WIDEST_SLAB);
  }

  /** {@code slabWidth} columns at a time, at most {@link #WIDEST_SLAB}. */
  public static Csr pack(WeightMatrix w, int slabWidth) {
    if (slabWidth < 1 || slabWidth > WIDEST_SLAB) {
      throw new IllegalArgumentException("slabs of " + slabWidth + " columns; 1 to " + WIDEST_SLAB);
    }
    int slabs = Math.ceilDiv(w.columns(), slabWidth);
    int nonZeros = Math.toIntExact(w.nonZeros());
    int[] starts = new int[slabs * (w.rows() + 1)];
    short[] positions = new short[nonZeros];
    float[] values = new float[nonZeros];
    int at = 0;
    for (int s = 0; s < slabs; s++) {
      int from = s * slabWidth;
      int to = Math.min(w.columns(), from + slabWidth);
      for (int r = 0; r < w.rows(); r++) {
        starts[s * (w.rows() + 1) + r] = at;
        for (int c = from; c < to; c++) {
          if (w.at(r, c) != 0) {
            positions[at] = (short) (c - from);
            values[at] = w.at(r, c);
            at++;
          }
        }
      }
      starts[s * (w.rows() + 1) + w.rows()] = at;
    }
    return new Csr(w.rows(), w.columns(), slabWidth, starts, positions, values, nonZeros);
  }

  public int slabs() {
    return Math.ceilDiv(columns, slabWidth);
  }

  /**
   * Where row {@code row} of slab {@code slab} begins; the row after the last is the slab's end.
   */
  public int start(int slab, int row) {
    return starts[slab * (rows + 1) + row];
  }

  /** The column of entry {@code i}, counted from the first of its slab. */
  public int position(int i) {
    return positions[i] & 0xffff;
  }

  public float value(int i) {
    return values[i];
  }

  @Override
  public long bytes() {
    return 6 * nonZeros + 4L * slabs() * (rows + 1);
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
    for (int s = 0; s < slabs(); s++) {
      for (int r = 0; r < rows; r++) {
        for (int i = start(s, r); i < start(s, r + 1); i++) {
          w[r * columns + s * slabWidth + position(i)] = value(i);
        }
      }
    }
    return w;
  }
}
