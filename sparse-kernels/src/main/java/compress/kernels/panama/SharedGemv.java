package compress.kernels.panama;

import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.Shared;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Shared values times one column. Up to 16: the table is a vector (two, where vectors have 8
 * floats), and the lowest four bits of a lane choose from it. A lane is a row; its word is shifted
 * until the next code is lowest.
 */
final class SharedGemv implements Gemv.FloatMicro<Shared> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final VectorSpecies<Integer> I = Simd.I;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long TILE_BYTES = 4L * Layout.TILE;

  /** Tables of 256 need the registers of vectors of 512 bits. */
  static boolean takes(Shared w) {
    return w.bits() == 4 || Simd.L == 16;
  }

  @Override
  public int lanes() {
    return 8;
  }

  @Override
  public int inputFloats(Shared w) {
    return Columns.padded(w.codes());
  }

  @Override
  public void fill(Shared w, Matrix x, int column, float[] to) {
    Columns.copy(x, column, w.codes(), to);
  }

  @Override
  public void run(Shared w, int fromRow, int toRow, float[] x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += Simd.L) {
      if (w.bits() == 8) {
        rowsOf256(w, r, x, out, 4L * (r - fromRow));
      } else if (Simd.L == 16) {
        rows16(w, r, x, out, 4L * (r - fromRow));
      } else {
        rows8(w, r, x, out, 4L * (r - fromRow));
      }
    }
  }

  /**
   * Sixteen registers are the table: five bits of a code choose from each two of them, and the
   * other three which of the eight choices it is.
   */
  private static void rowsOf256(Shared w, int row, float[] x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    int groupWords = w.codes().groupWords();
    long wordAt = TILE_BYTES * (row / Layout.TILE) * groupWords + 4L * (row % Layout.TILE);
    IntVector t0 = IntVector.fromMemorySegment(I, w.table(), 0, LE);
    IntVector t1 = IntVector.fromMemorySegment(I, w.table(), 64, LE);
    IntVector t2 = IntVector.fromMemorySegment(I, w.table(), 128, LE);
    IntVector t3 = IntVector.fromMemorySegment(I, w.table(), 192, LE);
    IntVector t4 = IntVector.fromMemorySegment(I, w.table(), 256, LE);
    IntVector t5 = IntVector.fromMemorySegment(I, w.table(), 320, LE);
    IntVector t6 = IntVector.fromMemorySegment(I, w.table(), 384, LE);
    IntVector t7 = IntVector.fromMemorySegment(I, w.table(), 448, LE);
    IntVector t8 = IntVector.fromMemorySegment(I, w.table(), 512, LE);
    IntVector t9 = IntVector.fromMemorySegment(I, w.table(), 576, LE);
    IntVector ta = IntVector.fromMemorySegment(I, w.table(), 640, LE);
    IntVector tb = IntVector.fromMemorySegment(I, w.table(), 704, LE);
    IntVector tc = IntVector.fromMemorySegment(I, w.table(), 768, LE);
    IntVector td = IntVector.fromMemorySegment(I, w.table(), 832, LE);
    IntVector te = IntVector.fromMemorySegment(I, w.table(), 896, LE);
    IntVector tf = IntVector.fromMemorySegment(I, w.table(), 960, LE);
    FloatVector s = FloatVector.zero(F);
    for (int i = 0; i < groupWords; i++) {
      IntVector word = IntVector.fromMemorySegment(I, words, wordAt + i * TILE_BYTES, LE);
      for (int c = 0; c < 4; c++) {
        VectorMask<Integer> bit5 = word.and(32).compare(VectorOperators.NE, 0);
        VectorMask<Integer> bit6 = word.and(64).compare(VectorOperators.NE, 0);
        VectorMask<Integer> bit7 = word.and(128).compare(VectorOperators.NE, 0);
        IntVector c0 = word.selectFrom(t0, t1).blend(word.selectFrom(t2, t3), bit5);
        IntVector c1 = word.selectFrom(t4, t5).blend(word.selectFrom(t6, t7), bit5);
        IntVector c2 = word.selectFrom(t8, t9).blend(word.selectFrom(ta, tb), bit5);
        IntVector c3 = word.selectFrom(tc, td).blend(word.selectFrom(te, tf), bit5);
        IntVector chosen = c0.blend(c1, bit6).blend(c2.blend(c3, bit6), bit7);
        s = chosen.reinterpretAsFloats().fma(FloatVector.broadcast(F, x[4 * i + c]), s);
        word = word.lanewise(VectorOperators.LSHR, 8);
      }
    }
    s.intoMemorySegment(out, to, LE);
  }

  private static void rows16(Shared w, int row, float[] x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    int groupWords = w.codes().groupWords();
    long wordAt = TILE_BYTES * (row / Layout.TILE) * groupWords + 4L * (row % Layout.TILE);
    IntVector low = IntVector.fromMemorySegment(I, w.table(), 0, LE);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < groupWords; i++) {
      IntVector word = IntVector.fromMemorySegment(I, words, wordAt + i * TILE_BYTES, LE);
      int xAt = 8 * i;
      s0 = word.selectFrom(low).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt]), s0);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s1 = word.selectFrom(low).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt + 1]), s1);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s2 = word.selectFrom(low).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt + 2]), s2);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s3 = word.selectFrom(low).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt + 3]), s3);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s0 = word.selectFrom(low).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt + 4]), s0);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s1 = word.selectFrom(low).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt + 5]), s1);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s2 = word.selectFrom(low).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt + 6]), s2);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s3 = word.selectFrom(low).reinterpretAsFloats().fma(FloatVector.broadcast(F, x[xAt + 7]), s3);
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, to, LE);
  }

  private static void rows8(Shared w, int row, float[] x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    int groupWords = w.codes().groupWords();
    long wordAt = TILE_BYTES * (row / Layout.TILE) * groupWords + 4L * (row % Layout.TILE);
    IntVector low = IntVector.fromMemorySegment(I, w.table(), 0, LE);
    IntVector high = IntVector.fromMemorySegment(I, w.table(), 32, LE);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < groupWords; i++) {
      IntVector word = IntVector.fromMemorySegment(I, words, wordAt + i * TILE_BYTES, LE);
      int xAt = 8 * i;
      s0 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt]), s0);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s1 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt + 1]), s1);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s2 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt + 2]), s2);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s3 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt + 3]), s3);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s0 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt + 4]), s0);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s1 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt + 5]), s1);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s2 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt + 6]), s2);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s3 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[xAt + 7]), s3);
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, to, LE);
  }
}
