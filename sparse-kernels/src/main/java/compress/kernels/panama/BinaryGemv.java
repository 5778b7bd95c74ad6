package compress.kernels.panama;

import compress.kernels.Binary;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Weights of one bit times one column of floats: a bit, moved to the sign's place, turns the sign
 * of an activation. The sum is of {@code -x} where the bit is 1, and its sign is turned at the end.
 */
final class BinaryGemv implements Gemv.FloatMicro<Binary> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final VectorSpecies<Integer> I = Simd.I;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long TILE_BYTES = 4L * Layout.TILE;

  @Override
  public int inputFloats(Binary w) {
    return Columns.padded(w.codes());
  }

  @Override
  public void fill(Binary w, Matrix x, int column, float[] to) {
    Columns.copy(x, column, w.codes(), to);
  }

  @Override
  public void run(Binary w, int fromRow, int toRow, float[] x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += Simd.L) {
      rows(w, r, x, out, 4L * (r - fromRow));
    }
  }

  private static void rows(Binary w, int row, float[] x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    int groupWords = w.codes().groupWords();
    long wordAt = TILE_BYTES * (row / Layout.TILE) * groupWords + 4L * (row % Layout.TILE);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < groupWords; i++) {
      IntVector word = IntVector.fromMemorySegment(I, words, wordAt + i * TILE_BYTES, LE);
      for (int bit = 0; bit < 32; bit += 4) {
        int xAt = 32 * i + bit;
        IntVector x0 = IntVector.broadcast(I, Float.floatToRawIntBits(x[xAt]));
        s0 =
            s0.add(
                x0.lanewise(
                        VectorOperators.XOR,
                        word.lanewise(VectorOperators.LSHL, 31 - bit).and(Integer.MIN_VALUE))
                    .reinterpretAsFloats());
        IntVector x1 = IntVector.broadcast(I, Float.floatToRawIntBits(x[xAt + 1]));
        s1 =
            s1.add(
                x1.lanewise(
                        VectorOperators.XOR,
                        word.lanewise(VectorOperators.LSHL, 31 - bit - 1).and(Integer.MIN_VALUE))
                    .reinterpretAsFloats());
        IntVector x2 = IntVector.broadcast(I, Float.floatToRawIntBits(x[xAt + 2]));
        s2 =
            s2.add(
                x2.lanewise(
                        VectorOperators.XOR,
                        word.lanewise(VectorOperators.LSHL, 31 - bit - 2).and(Integer.MIN_VALUE))
                    .reinterpretAsFloats());
        IntVector x3 = IntVector.broadcast(I, Float.floatToRawIntBits(x[xAt + 3]));
        s3 =
            s3.add(
                x3.lanewise(
                        VectorOperators.XOR,
                        word.lanewise(VectorOperators.LSHL, 31 - bit - 3).and(Integer.MIN_VALUE))
                    .reinterpretAsFloats());
      }
    }
    FloatVector scale = FloatVector.fromMemorySegment(F, w.scales(), 4L * row, LE);
    s0.add(s1).add(s2.add(s3)).neg().mul(scale).intoMemorySegment(out, to, LE);
  }
}
