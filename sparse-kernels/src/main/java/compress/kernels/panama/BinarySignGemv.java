package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import compress.kernels.Binary;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.SignColumn;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Weights of one bit times activations of one bit: where the bits differ the product is -1, so 32
 * products of a row are an exclusive or and a count.
 */
final class BinarySignGemv implements Gemv.Micro<Binary, SignColumn> {
  private static final VectorSpecies<Integer> I = Simd.I;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long TILE_BYTES = 4L * Layout.TILE;

  @Override
  public SignColumn prepare(Binary w, Matrix x, int column, Workers workers) {
    return SignColumn.of(x, column);
  }

  @Override
  public void run(Binary w, int fromRow, int toRow, SignColumn x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += Simd.L) {
      rows(w, r, x.bits(), out, 4L * (r - fromRow));
    }
    for (int r = fromRow; r < Math.min(toRow, w.rows()); r++) {
      int differing = out.get(JAVA_INT, 4L * (r - fromRow));
      float dot = w.columns() - 2 * differing;
      out.set(JAVA_FLOAT, 4L * (r - fromRow), dot * w.scale(r) * x.scale());
    }
  }

  private static void rows(Binary w, int row, int[] x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    int groupWords = w.codes().groupWords();
    long wordAt = TILE_BYTES * (row / Layout.TILE) * groupWords + 4L * (row % Layout.TILE);
    IntVector s0 = IntVector.zero(I);
    IntVector s1 = s0;
    int i = 0;
    for (; i <= groupWords - 2; i += 2) {
      IntVector w0 = IntVector.fromMemorySegment(I, words, wordAt + i * TILE_BYTES, LE);
      IntVector w1 = IntVector.fromMemorySegment(I, words, wordAt + (i + 1) * TILE_BYTES, LE);
      s0 = s0.add(w0.lanewise(VectorOperators.XOR, x[i]).lanewise(VectorOperators.BIT_COUNT));
      s1 = s1.add(w1.lanewise(VectorOperators.XOR, x[i + 1]).lanewise(VectorOperators.BIT_COUNT));
    }
    for (; i < groupWords; i++) {
      IntVector w0 = IntVector.fromMemorySegment(I, words, wordAt + i * TILE_BYTES, LE);
      s0 = s0.add(w0.lanewise(VectorOperators.XOR, x[i]).lanewise(VectorOperators.BIT_COUNT));
    }
    s0.add(s1).intoMemorySegment(out, to, LE);
  }
}
