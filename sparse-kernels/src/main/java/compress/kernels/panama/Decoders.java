package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import compress.kernels.Binary;
import compress.kernels.Layout;
import compress.kernels.Linear;
import compress.kernels.PackedCodes;
import compress.kernels.Shared;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Tiles of few-bit weights as floats, {@code [column][row in tile]}. */
final class Decoders {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final VectorSpecies<Integer> I = Simd.I;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long TILE_BYTES = 4L * Layout.TILE;

  private Decoders() {}

  /** {@code (code - zero) * scale}, rounded once, as the model has it. */
  static void linear(Linear w, int tile, MemorySegment to) {
    PackedCodes codes = w.codes();
    MemorySegment words = codes.words();
    int mask = (1 << codes.bits()) - 1;
    long groupBytes = TILE_BYTES * codes.groupWords();
    for (int g = 0; g < codes.groups(); g++) {
      int end = Math.min(w.columns(), (g + 1) * codes.group());
      long zeroAt = TILE_BYTES * ((long) tile * w.zeros().groupWords() + g / 4);
      for (int lane = 0; lane < Layout.TILE; lane += Simd.L) {
        FloatVector scale =
            FloatVector.fromMemorySegment(
                F, w.scales(), TILE_BYTES * ((long) tile * codes.groups() + g) + 4L * lane, LE);
        IntVector zero =
            IntVector.fromMemorySegment(I, w.zeros().words(), zeroAt + 4L * lane, LE)
                .lanewise(VectorOperators.LSHR, 8 * (g % 4))
                .and(255);
        long wordAt = groupBytes * ((long) tile * codes.groups() + g) + 4L * lane;
        for (int c = g * codes.group(); c < end; wordAt += TILE_BYTES) {
          IntVector word = IntVector.fromMemorySegment(I, words, wordAt, LE);
          int wordEnd = Math.min(end, c + codes.perWord());
          for (; c < wordEnd; c++) {
            FloatVector value =
                (FloatVector) word.and(mask).sub(zero).convert(VectorOperators.I2F, 0);
            value.mul(scale).intoMemorySegment(to, TILE_BYTES * c + 4L * lane, LE);
            word = word.lanewise(VectorOperators.LSHR, codes.bits());
          }
        }
      }
    }
  }

  /** {@code scale} or {@code -scale}. */
  static void binary(Binary w, int tile, MemorySegment to) {
    MemorySegment words = w.codes().words();
    long wordAt = TILE_BYTES * tile * w.codes().groupWords();
    for (int lane = 0; lane < Layout.TILE; lane += Simd.L) {
      IntVector scale =
          IntVector.fromMemorySegment(I, w.scales(), TILE_BYTES * tile + 4L * lane, LE);
      for (int c = 0; c < w.columns(); ) {
        IntVector word =
            IntVector.fromMemorySegment(I, words, wordAt + TILE_BYTES * (c / 32) + 4L * lane, LE)
                .not();
        int wordEnd = Math.min(w.columns(), c + 32);
        for (; c < wordEnd; c++) {
          // The lowest bit, turned, is the sign.
          IntVector sign = word.lanewise(VectorOperators.LSHL, 31);
          scale
              .lanewise(VectorOperators.XOR, sign)
              .intoMemorySegment(to, TILE_BYTES * c + 4L * lane, LE);
          word = word.lanewise(VectorOperators.LSHR, 1);
        }
      }
    }
  }

  /** Up to 16 values are looked up by a vector, more one by one from the first cache. */
  static void shared(Shared w, int tile, MemorySegment to) {
    if (w.bits() == 4 && Simd.L == Layout.TILE) {
      shared16(w, tile, to);
      return;
    }
    MemorySegment words = w.codes().words();
    MemorySegment table = w.table();
    int bits = w.bits();
    int perWord = 32 / bits;
    int mask = (1 << bits) - 1;
    long wordAt = TILE_BYTES * tile * w.codes().groupWords();
    for (int c = 0; c < w.columns(); c++) {
      long from = wordAt + TILE_BYTES * (c / perWord);
      int shift = c % perWord * bits;
      for (int lane = 0; lane < Layout.TILE; lane++) {
        int code = words.get(JAVA_INT, from + 4L * lane) >>> shift & mask;
        to.set(JAVA_FLOAT, TILE_BYTES * c + 4L * lane, table.get(JAVA_FLOAT, 4L * code));
      }
    }
  }

  private static void shared16(Shared w, int tile, MemorySegment to) {
    IntVector table = IntVector.fromMemorySegment(I, w.table(), 0, LE);
    long wordAt = TILE_BYTES * tile * w.codes().groupWords();
    for (int c = 0; c < w.columns(); wordAt += TILE_BYTES) {
      IntVector word = IntVector.fromMemorySegment(I, w.codes().words(), wordAt, LE);
      int wordEnd = Math.min(w.columns(), c + 8);
      for (; c < wordEnd; c++) {
        word.and(15).selectFrom(table).intoMemorySegment(to, TILE_BYTES * c, LE);
        word = word.lanewise(VectorOperators.LSHR, 4);
      }
    }
  }
}
