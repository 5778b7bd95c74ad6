package compress.kernels;

import java.util.Arrays;

/**
 * Pruned and shared weights as they are (Han et al. 2016): compressed sparse rows whose values are
 * bytes that say which of at most 256 shared values it is. Slabs are those of {@link Csr}.
 *
 * @param starts {@code [slab][rows + 1]}
 * @param positions unsigned 16-bit columns, counted from the slab's first
 * @param codes unsigned bytes
 * @param table 256 values, those not used 0
 */
public record SharedCsr(
    int rows,
    int columns,
    int slabWidth,
    int[] starts,
    short[] positions,
    byte[] codes,
    float[] table,
    long nonZeros)
    implements Layout {
  /**
   * @throws IllegalArgumentException if there are more than 256 different weights beside zero
   */
  public static SharedCsr pack(WeightMatrix w) {
    SharedValues shared = SharedValues.of(w.values(), true);
    Csr csr = Csr.pack(w);
    float[] table = Arrays.copyOf(shared.values(), SharedValues.MOST);
    byte[] codes = new byte[Math.toIntExact(csr.nonZeros())];
    for (int s = 0; s < csr.slabs(); s++) {
      for (int r = 0; r < w.rows(); r++) {
        for (int i = csr.start(s, r); i < csr.start(s, r + 1); i++) {
          int column = s * csr.slabWidth() + csr.position(i);
          codes[i] = (byte) shared.codes()[r * w.columns() + column];
        }
      }
    }
    return new SharedCsr(
        w.rows(),
        w.columns(),
        csr.slabWidth(),
        csr.starts(),
        csr.positions(),
        codes,
        table,
        csr.nonZeros());
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

  public int position(int i) {
    return positions[i] & 0xffff;
  }

  public float value(int i) {
    return table[codes[i] & 0xff];
  }

  @Override
  public long bytes() {
    return 3 * nonZeros + 4L * slabs() * (rows + 1) + 4L * table.length;
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
