package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One bit for each weight: {@code +scale} for 1, {@code -scale} for 0, with a scale for each row.
 *
 * @param scales {@code [tile][row in tile]}
 * @see <a href="https://arxiv.org/abs/1603.05279">Rastegari et al. 2016</a>, section 3.1
 */
public record Binary(PackedCodes codes, MemorySegment scales) implements Layout {
  /**
   * @throws IllegalArgumentException if the weights of a row have more than one magnitude
   */
  public static Binary pack(WeightMatrix w) {
    int[] codes = new int[w.values().length];
    MemorySegment scales = OffHeap.allocate(4L * Layout.tiles(w.rows()) * TILE);
    for (int r = 0; r < w.rows(); r++) {
      float scale = Math.abs(w.at(r, 0));
      scales.setAtIndex(ValueLayout.JAVA_FLOAT, r, scale);
      for (int c = 0; c < w.columns(); c++) {
        if (Math.abs(w.at(r, c)) != scale) {
          throw new IllegalArgumentException(
              "row %d has magnitudes %s and %s; binary weights have one in a row"
                  .formatted(r, scale, Math.abs(w.at(r, c))));
        }
        codes[r * w.columns() + c] = w.at(r, c) > 0 ? 1 : 0;
      }
    }
    return new Binary(PackedCodes.pack(w.rows(), w.columns(), 1, w.columns(), codes), scales);
  }

  public float scale(int row) {
    return scales.getAtIndex(ValueLayout.JAVA_FLOAT, row);
  }

  @Override
  public int rows() {
    return codes.rows();
  }

  @Override
  public int columns() {
    return codes.columns();
  }

  @Override
  public long bytes() {
    return codes.bytes() + 4L * Layout.tiles(rows()) * TILE;
  }

  @Override
  public long nonZeros() {
    return (long) rows() * columns();
  }

  @Override
  public String pattern() {
    return "dense";
  }

  @Override
  public int bits() {
    return 1;
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows() * columns()];
    for (int r = 0; r < rows(); r++) {
      for (int c = 0; c < columns(); c++) {
        w[r * columns() + c] = codes.code(r, c) == 1 ? scale(r) : -scale(r);
      }
    }
    return w;
  }
}
