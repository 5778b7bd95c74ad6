package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Each weight is one of a few shared values: codes of 4 bits for up to 16 values, of 8 bits for up
 * to 256.
 *
 * @param table the values, ascending, and zeros up to 16 or 256
 */
public record Shared(PackedCodes codes, MemorySegment table) implements Layout {
  /**
   * @throws IllegalArgumentException if there are more than 256 different weights
   */
  public static Shared pack(WeightMatrix w) {
    SharedValues shared = SharedValues.of(w.values(), false);
    int bits = shared.values().length <= 16 ? 4 : 8;
    MemorySegment table = OffHeap.allocate(4L << bits);
    for (int i = 0; i < shared.values().length; i++) {
      table.setAtIndex(ValueLayout.JAVA_FLOAT, i, shared.values()[i]);
    }
    return new Shared(
        PackedCodes.pack(w.rows(), w.columns(), bits, w.columns(), shared.codes()), table);
  }

  public float value(int code) {
    return table.getAtIndex(ValueLayout.JAVA_FLOAT, code);
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
    return codes.bytes() + table.byteSize();
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
    return codes.bits();
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows() * columns()];
    int[] all = codes.unpack();
    for (int i = 0; i < w.length; i++) {
      w[i] = value(all[i]);
    }
    return w;
  }
}
