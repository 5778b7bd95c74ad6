package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.Shared;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Up to 16 shared values times one column: the table is a vector (two, where vectors have 8
 * floats), and the lowest four bits of a lane choose from it. A lane is a row; its word is shifted
 * until the next code is lowest.
 */
final class SharedGemv implements Gemv.Micro<Shared> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final VectorSpecies<Integer> I = Simd.I;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long TILE_BYTES = 4L * Layout.TILE;

  static boolean takes(Shared w) {
    return w.bits() == 4;
  }

  @Override
  public int lanes() {
    return 8;
  }

  @Override
  public long inputBytes(Shared w) {
    return 4L * w.codes().groupWords() * 8;
  }

  @Override
  public void prepare(Shared w, Matrix x, int column, MemorySegment to) {
    Columns.copy(x, column, w.codes(), to);
  }

  @Override
  public void run(Shared w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += Simd.L) {
      if (Simd.L == 16) {
        rows16(w, r, x, out, 4L * (r - fromRow));
      } else {
        rows8(w, r, x, out, 4L * (r - fromRow));
      }
    }
  }

  private static void rows16(Shared w, int row, MemorySegment x, MemorySegment out, long to) {
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
      long xAt = 32L * i;
      s0 =
          word.selectFrom(low)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt)), s0);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s1 =
          word.selectFrom(low)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 4)), s1);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s2 =
          word.selectFrom(low)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 8)), s2);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s3 =
          word.selectFrom(low)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 12)), s3);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s0 =
          word.selectFrom(low)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 16)), s0);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s1 =
          word.selectFrom(low)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 20)), s1);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s2 =
          word.selectFrom(low)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 24)), s2);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s3 =
          word.selectFrom(low)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 28)), s3);
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, to, LE);
  }

  private static void rows8(Shared w, int row, MemorySegment x, MemorySegment out, long to) {
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
      long xAt = 32L * i;
      s0 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt)), s0);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s1 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 4)), s1);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s2 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 8)), s2);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s3 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 12)), s3);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s0 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 16)), s0);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s1 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 20)), s1);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s2 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 24)), s2);
      word = word.lanewise(VectorOperators.LSHR, 4);
      s3 =
          word.selectFrom(low)
              .blend(word.selectFrom(high), word.and(8).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 28)), s3);
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, to, LE);
  }
}
