package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.Layout;
import compress.kernels.Linear;
import compress.kernels.Matrix;
import compress.kernels.PackedCodes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Weights of 8, 4 or 2 bits times one column of floats. A lane is a row; a word of it is shifted
 * until the next code is lowest. With {@code z} the zero and {@code s} the scale of a group, its
 * part is {@code s * (sum of code * x - z * sum of x)}, so that the loop over the codes knows
 * neither.
 */
final class LinearGemv implements Gemv.Micro<Linear> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final VectorSpecies<Integer> I = Simd.I;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long TILE_BYTES = 4L * Layout.TILE;

  @Override
  public long inputBytes(Linear w) {
    return groupBytes(w.codes()) * w.codes().groups() + 4L * w.codes().groups();
  }

  /** The activations, then their sum for each group. */
  @Override
  public void prepare(Linear w, Matrix x, int column, MemorySegment to) {
    PackedCodes codes = w.codes();
    Columns.copy(x, column, codes, to);
    long sumsAt = groupBytes(codes) * codes.groups();
    for (int g = 0; g < codes.groups(); g++) {
      double sum = 0;
      for (int c = g * codes.group(); c < Math.min(x.rows(), (g + 1) * codes.group()); c++) {
        sum += x.at(c, column);
      }
      to.set(JAVA_FLOAT, sumsAt + 4L * g, (float) sum);
    }
  }

  /** Bytes of the activations of a group. */
  private static long groupBytes(PackedCodes codes) {
    return 4L * codes.groupWords() * codes.perWord();
  }

  @Override
  public void run(Linear w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += Simd.L) {
      long to = 4L * (r - fromRow);
      switch (w.bits()) {
        case 8 -> rows8(w, r, x, out, to);
        case 4 -> rows4(w, r, x, out, to);
        default -> rows2(w, r, x, out, to);
      }
    }
  }

  private static void rows8(Linear w, int row, MemorySegment x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    MemorySegment scales = w.scales();
    MemorySegment zeros = w.zeros().words();
    int groups = w.codes().groups();
    int groupWords = w.codes().groupWords();
    int uniformZero = w.uniformZero();
    long lane = 4L * (row % Layout.TILE);
    long wordAt = TILE_BYTES * (row / Layout.TILE) * groups * groupWords + lane;
    long scaleAt = TILE_BYTES * (row / Layout.TILE) * groups + lane;
    long zeroAt = TILE_BYTES * (row / Layout.TILE) * w.zeros().groupWords() + lane;
    long sumsAt = 16L * groupWords * groups;
    long xAt = 0;
    FloatVector total = FloatVector.zero(F);
    for (int g = 0; g < groups; g++) {
      FloatVector s0 = FloatVector.zero(F);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int i = 0; i < groupWords; i++) {
        IntVector word = IntVector.fromMemorySegment(I, words, wordAt, LE);
        s0 =
            ((FloatVector) word.and(255).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt)), s0);
        s1 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 8).and(255).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 4)), s1);
        s2 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 16)
                        .and(255)
                        .convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 8)), s2);
        s3 =
            ((FloatVector) word.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 12)), s3);
        wordAt += TILE_BYTES;
        xAt += 16;
      }
      FloatVector zero;
      if (uniformZero >= 0) {
        zero = FloatVector.broadcast(F, uniformZero);
      } else {
        IntVector four = IntVector.fromMemorySegment(I, zeros, zeroAt + (g >> 2) * TILE_BYTES, LE);
        IntVector one = four.lanewise(VectorOperators.LSHR, 8 * (g & 3)).and(255);
        zero = (FloatVector) one.convert(VectorOperators.I2F, 0);
      }
      float sum = x.get(JAVA_FLOAT, sumsAt + 4L * g);
      FloatVector part = s0.add(s1).add(s2.add(s3)).sub(zero.mul(sum));
      total = FloatVector.fromMemorySegment(F, scales, scaleAt, LE).fma(part, total);
      scaleAt += TILE_BYTES;
    }
    total.intoMemorySegment(out, to, LE);
  }

  private static void rows4(Linear w, int row, MemorySegment x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    MemorySegment scales = w.scales();
    MemorySegment zeros = w.zeros().words();
    int groups = w.codes().groups();
    int groupWords = w.codes().groupWords();
    int uniformZero = w.uniformZero();
    long lane = 4L * (row % Layout.TILE);
    long wordAt = TILE_BYTES * (row / Layout.TILE) * groups * groupWords + lane;
    long scaleAt = TILE_BYTES * (row / Layout.TILE) * groups + lane;
    long zeroAt = TILE_BYTES * (row / Layout.TILE) * w.zeros().groupWords() + lane;
    long sumsAt = 32L * groupWords * groups;
    long xAt = 0;
    FloatVector total = FloatVector.zero(F);
    for (int g = 0; g < groups; g++) {
      FloatVector s0 = FloatVector.zero(F);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int i = 0; i < groupWords; i++) {
        IntVector word = IntVector.fromMemorySegment(I, words, wordAt, LE);
        s0 =
            ((FloatVector) word.and(15).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt)), s0);
        s1 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 4).and(15).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 4)), s1);
        s2 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 8).and(15).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 8)), s2);
        s3 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 12).and(15).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 12)), s3);
        s0 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 16).and(15).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 16)), s0);
        s1 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 20).and(15).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 20)), s1);
        s2 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 24).and(15).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 24)), s2);
        s3 =
            ((FloatVector) word.lanewise(VectorOperators.LSHR, 28).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 28)), s3);
        wordAt += TILE_BYTES;
        xAt += 32;
      }
      FloatVector zero;
      if (uniformZero >= 0) {
        zero = FloatVector.broadcast(F, uniformZero);
      } else {
        IntVector four = IntVector.fromMemorySegment(I, zeros, zeroAt + (g >> 2) * TILE_BYTES, LE);
        IntVector one = four.lanewise(VectorOperators.LSHR, 8 * (g & 3)).and(255);
        zero = (FloatVector) one.convert(VectorOperators.I2F, 0);
      }
      float sum = x.get(JAVA_FLOAT, sumsAt + 4L * g);
      FloatVector part = s0.add(s1).add(s2.add(s3)).sub(zero.mul(sum));
      total = FloatVector.fromMemorySegment(F, scales, scaleAt, LE).fma(part, total);
      scaleAt += TILE_BYTES;
    }
    total.intoMemorySegment(out, to, LE);
  }

  private static void rows2(Linear w, int row, MemorySegment x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    MemorySegment scales = w.scales();
    MemorySegment zeros = w.zeros().words();
    int groups = w.codes().groups();
    int groupWords = w.codes().groupWords();
    int uniformZero = w.uniformZero();
    long lane = 4L * (row % Layout.TILE);
    long wordAt = TILE_BYTES * (row / Layout.TILE) * groups * groupWords + lane;
    long scaleAt = TILE_BYTES * (row / Layout.TILE) * groups + lane;
    long zeroAt = TILE_BYTES * (row / Layout.TILE) * w.zeros().groupWords() + lane;
    long sumsAt = 64L * groupWords * groups;
    long xAt = 0;
    FloatVector total = FloatVector.zero(F);
    for (int g = 0; g < groups; g++) {
      FloatVector s0 = FloatVector.zero(F);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int i = 0; i < groupWords; i++) {
        IntVector word = IntVector.fromMemorySegment(I, words, wordAt, LE);
        s0 =
            ((FloatVector) word.and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt)), s0);
        s1 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 2).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 4)), s1);
        s2 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 4).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 8)), s2);
        s3 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 6).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 12)), s3);
        s0 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 8).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 16)), s0);
        s1 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 10).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 20)), s1);
        s2 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 12).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 24)), s2);
        s3 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 14).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 28)), s3);
        s0 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 16).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 32)), s0);
        s1 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 18).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 36)), s1);
        s2 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 20).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 40)), s2);
        s3 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 22).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 44)), s3);
        s0 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 24).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 48)), s0);
        s1 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 26).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 52)), s1);
        s2 =
            ((FloatVector)
                    word.lanewise(VectorOperators.LSHR, 28).and(3).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 56)), s2);
        s3 =
            ((FloatVector) word.lanewise(VectorOperators.LSHR, 30).convert(VectorOperators.I2F, 0))
                .fma(FloatVector.broadcast(F, x.get(JAVA_FLOAT, xAt + 60)), s3);
        wordAt += TILE_BYTES;
        xAt += 64;
      }
      FloatVector zero;
      if (uniformZero >= 0) {
        zero = FloatVector.broadcast(F, uniformZero);
      } else {
        IntVector four = IntVector.fromMemorySegment(I, zeros, zeroAt + (g >> 2) * TILE_BYTES, LE);
        IntVector one = four.lanewise(VectorOperators.LSHR, 8 * (g & 3)).and(255);
        zero = (FloatVector) one.convert(VectorOperators.I2F, 0);
      }
      float sum = x.get(JAVA_FLOAT, sumsAt + 4L * g);
      FloatVector part = s0.add(s1).add(s2.add(s3)).sub(zero.mul(sum));
      total = FloatVector.fromMemorySegment(F, scales, scaleAt, LE).fma(part, total);
      scaleAt += TILE_BYTES;
    }
    total.intoMemorySegment(out, to, LE);
  }
}
