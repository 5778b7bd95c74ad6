package compress.kernels.panama;

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
 * until the code is where the highest bits of a float's fraction are, and with the exponent of 1
 * that is the float {@code 1 + code / 2^bits}, without a conversion. With {@code z} the zero and
 * {@code s} the scale of a group, and {@code S} the sum of those floats times {@code x}, its part
 * is {@code s * (2^bits * S - (2^bits + z) * sum of x)}, so that the loop over the codes knows
 * neither.
 */
final class LinearGemv implements Gemv.FloatMicro<Linear> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final VectorSpecies<Integer> I = Simd.I;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long TILE_BYTES = 4L * Layout.TILE;

  /** The bits of 1f. */
  private static final int ONE = 0x3F800000;

  @Override
  public int inputFloats(Linear w) {
    return Columns.padded(w.codes()) + w.codes().groups();
  }

  /** The activations, then their sum for each group. */
  @Override
  public void fill(Linear w, Matrix x, int column, float[] to) {
    PackedCodes codes = w.codes();
    Columns.copy(x, column, codes, to);
    int padded = codes.groupWords() * codes.perWord();
    for (int g = 0; g < codes.groups(); g++) {
      double sum = 0;
      for (int i = g * padded; i < (g + 1) * padded; i++) {
        sum += to[i];
      }
      to[codes.groups() * padded + g] = (float) sum;
    }
  }

  @Override
  public void run(Linear w, int fromRow, int toRow, float[] x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += Simd.L) {
      long to = 4L * (r - fromRow);
      switch (w.bits()) {
        case 8 -> rows8(w, r, x, out, to);
        case 4 -> rows4(w, r, x, out, to);
        default -> rows2(w, r, x, out, to);
      }
    }
  }

  /** The zeros of a group, plus {@code codes}. */
  private static FloatVector zeros(MemorySegment zeros, long at, int g, int codes) {
    IntVector four = IntVector.fromMemorySegment(I, zeros, at + (g >> 2) * TILE_BYTES, LE);
    IntVector one = four.lanewise(VectorOperators.LSHR, 8 * (g & 3)).and(255);
    return (FloatVector) one.add(codes).convert(VectorOperators.I2F, 0);
  }

  private static void rows8(Linear w, int row, float[] x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    int groupWords = w.codes().groupWords();
    int all = w.codes().groups() * groupWords;
    MemorySegment scales = w.scales();
    MemorySegment zeros = w.zeros().words();
    int uniform = w.uniformZero();
    FloatVector sameZero = FloatVector.broadcast(F, uniform + 256);
    long lane = 4L * (row % Layout.TILE);
    long tile = row / Layout.TILE;
    long wordAt = TILE_BYTES * tile * all + lane;
    long scaleAt = TILE_BYTES * tile * w.codes().groups() + lane;
    long zeroAt = TILE_BYTES * tile * w.zeros().groupWords() + lane;
    FloatVector total = FloatVector.zero(F);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    int g = 0;
    int left = groupWords;
    for (int i = 0; i < all; i++) {
      IntVector word = IntVector.fromMemorySegment(I, words, wordAt, LE);
      wordAt += TILE_BYTES;
      s0 =
          word.lanewise(VectorOperators.LSHL, 15)
              .and(0x7f8000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[4 * i]), s0);
      s1 =
          word.lanewise(VectorOperators.LSHL, 7)
              .and(0x7f8000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[4 * i + 1]), s1);
      s2 =
          word.lanewise(VectorOperators.LSHR, 1)
              .and(0x7f8000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[4 * i + 2]), s2);
      s3 =
          word.lanewise(VectorOperators.LSHR, 9)
              .and(0x7f8000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[4 * i + 3]), s3);
      if (--left == 0) {
        FloatVector zero = uniform >= 0 ? sameZero : zeros(zeros, zeroAt, g, 256);
        FloatVector sum = s0.add(s1).add(s2.add(s3)).mul(256).sub(zero.mul(x[4 * all + g]));
        total = FloatVector.fromMemorySegment(F, scales, scaleAt, LE).fma(sum, total);
        scaleAt += TILE_BYTES;
        s0 = FloatVector.zero(F);
        s1 = FloatVector.zero(F);
        s2 = FloatVector.zero(F);
        s3 = FloatVector.zero(F);
        left = groupWords;
        g++;
      }
    }
    total.intoMemorySegment(out, to, LE);
  }

  private static void rows4(Linear w, int row, float[] x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    int groupWords = w.codes().groupWords();
    int all = w.codes().groups() * groupWords;
    MemorySegment scales = w.scales();
    MemorySegment zeros = w.zeros().words();
    int uniform = w.uniformZero();
    FloatVector sameZero = FloatVector.broadcast(F, uniform + 16);
    long lane = 4L * (row % Layout.TILE);
    long tile = row / Layout.TILE;
    long wordAt = TILE_BYTES * tile * all + lane;
    long scaleAt = TILE_BYTES * tile * w.codes().groups() + lane;
    long zeroAt = TILE_BYTES * tile * w.zeros().groupWords() + lane;
    FloatVector total = FloatVector.zero(F);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    int g = 0;
    int left = groupWords;
    for (int i = 0; i < all; i++) {
      IntVector word = IntVector.fromMemorySegment(I, words, wordAt, LE);
      wordAt += TILE_BYTES;
      s0 =
          word.lanewise(VectorOperators.LSHL, 19)
              .and(0x780000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[8 * i]), s0);
      s1 =
          word.lanewise(VectorOperators.LSHL, 15)
              .and(0x780000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[8 * i + 1]), s1);
      s2 =
          word.lanewise(VectorOperators.LSHL, 11)
              .and(0x780000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[8 * i + 2]), s2);
      s3 =
          word.lanewise(VectorOperators.LSHL, 7)
              .and(0x780000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[8 * i + 3]), s3);
      s0 =
          word.lanewise(VectorOperators.LSHL, 3)
              .and(0x780000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[8 * i + 4]), s0);
      s1 =
          word.lanewise(VectorOperators.LSHR, 1)
              .and(0x780000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[8 * i + 5]), s1);
      s2 =
          word.lanewise(VectorOperators.LSHR, 5)
              .and(0x780000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[8 * i + 6]), s2);
      s3 =
          word.lanewise(VectorOperators.LSHR, 9)
              .and(0x780000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[8 * i + 7]), s3);
      if (--left == 0) {
        FloatVector zero = uniform >= 0 ? sameZero : zeros(zeros, zeroAt, g, 16);
        FloatVector sum = s0.add(s1).add(s2.add(s3)).mul(16).sub(zero.mul(x[8 * all + g]));
        total = FloatVector.fromMemorySegment(F, scales, scaleAt, LE).fma(sum, total);
        scaleAt += TILE_BYTES;
        s0 = FloatVector.zero(F);
        s1 = FloatVector.zero(F);
        s2 = FloatVector.zero(F);
        s3 = FloatVector.zero(F);
        left = groupWords;
        g++;
      }
    }
    total.intoMemorySegment(out, to, LE);
  }

  private static void rows2(Linear w, int row, float[] x, MemorySegment out, long to) {
    MemorySegment words = w.codes().words();
    int groupWords = w.codes().groupWords();
    int all = w.codes().groups() * groupWords;
    MemorySegment scales = w.scales();
    MemorySegment zeros = w.zeros().words();
    int uniform = w.uniformZero();
    FloatVector sameZero = FloatVector.broadcast(F, uniform + 4);
    long lane = 4L * (row % Layout.TILE);
    long tile = row / Layout.TILE;
    long wordAt = TILE_BYTES * tile * all + lane;
    long scaleAt = TILE_BYTES * tile * w.codes().groups() + lane;
    long zeroAt = TILE_BYTES * tile * w.zeros().groupWords() + lane;
    FloatVector total = FloatVector.zero(F);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    int g = 0;
    int left = groupWords;
    for (int i = 0; i < all; i++) {
      IntVector word = IntVector.fromMemorySegment(I, words, wordAt, LE);
      wordAt += TILE_BYTES;
      s0 =
          word.lanewise(VectorOperators.LSHL, 21)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i]), s0);
      s1 =
          word.lanewise(VectorOperators.LSHL, 19)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 1]), s1);
      s2 =
          word.lanewise(VectorOperators.LSHL, 17)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 2]), s2);
      s3 =
          word.lanewise(VectorOperators.LSHL, 15)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 3]), s3);
      s0 =
          word.lanewise(VectorOperators.LSHL, 13)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 4]), s0);
      s1 =
          word.lanewise(VectorOperators.LSHL, 11)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 5]), s1);
      s2 =
          word.lanewise(VectorOperators.LSHL, 9)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 6]), s2);
      s3 =
          word.lanewise(VectorOperators.LSHL, 7)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 7]), s3);
      s0 =
          word.lanewise(VectorOperators.LSHL, 5)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 8]), s0);
      s1 =
          word.lanewise(VectorOperators.LSHL, 3)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 9]), s1);
      s2 =
          word.lanewise(VectorOperators.LSHL, 1)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 10]), s2);
      s3 =
          word.lanewise(VectorOperators.LSHR, 1)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 11]), s3);
      s0 =
          word.lanewise(VectorOperators.LSHR, 3)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 12]), s0);
      s1 =
          word.lanewise(VectorOperators.LSHR, 5)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 13]), s1);
      s2 =
          word.lanewise(VectorOperators.LSHR, 7)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 14]), s2);
      s3 =
          word.lanewise(VectorOperators.LSHR, 9)
              .and(0x600000)
              .or(ONE)
              .reinterpretAsFloats()
              .fma(FloatVector.broadcast(F, x[16 * i + 15]), s3);
      if (--left == 0) {
        FloatVector zero = uniform >= 0 ? sameZero : zeros(zeros, zeroAt, g, 4);
        FloatVector sum = s0.add(s1).add(s2.add(s3)).mul(4).sub(zero.mul(x[16 * all + g]));
        total = FloatVector.fromMemorySegment(F, scales, scaleAt, LE).fma(sum, total);
        scaleAt += TILE_BYTES;
        s0 = FloatVector.zero(F);
        s1 = FloatVector.zero(F);
        s2 = FloatVector.zero(F);
        s3 = FloatVector.zero(F);
        left = groupWords;
        g++;
      }
    }
    total.intoMemorySegment(out, to, LE);
  }
}
