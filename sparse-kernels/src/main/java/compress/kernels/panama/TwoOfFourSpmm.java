package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import compress.kernels.Layout;
import compress.kernels.NofM;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * 2:4 weights times a panel, 128 columns of weights at a time, so that their activations stay in
 * the first cache while all rows use them; two rows in step. Each weight still loads its
 * activations anew, and a load takes as long as a product: that bounds the gain below 2.
 */
final class TwoOfFourSpmm implements Spmm.Micro<NofM> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long BYTES = Simd.BYTES;
  private static final int TILE = Layout.TILE;

  /** Entries whose places share a word. */
  private static final int PER_WORD = 16;

  /** Words for whose columns the activations stay in the first cache. */
  private static final int WORDS_AT_ONCE = 4;

  static boolean takes(NofM w) {
    return w.n() == 2 && w.m() == 4;
  }

  @Override
  public void run(
      NofM w,
      int fromRow,
      int toRow,
      MemorySegment panel,
      long panelAt,
      int vectors,
      MemorySegment out,
      long outAt,
      long outStride) {
    for (int word = 0; word < w.words(); word += WORDS_AT_ONCE) {
      int end = Math.min(w.words(), word + WORDS_AT_ONCE);
      for (int r = fromRow; r < toRow; r += 2) {
        long to = outAt + (r - fromRow) * outStride;
        switch (vectors) {
          case 4 -> pair4(w, r, word, end, panel, panelAt, out, to, outStride);
          case 2 -> pair2(w, r, word, end, panel, panelAt, out, to, outStride);
          default -> pair1(w, r, word, end, panel, panelAt, out, to, outStride);
        }
      }
    }
  }

  private static void pair4(
      NofM w,
      int row,
      int fromWord,
      int toWord,
      MemorySegment panel,
      long panelAt,
      MemorySegment out,
      long outAt,
      long outStride) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    long wordAt = 4 * (w.wordIndex(row, 0) + (long) fromWord * TILE);
    long at = 4 * w.index(row, fromWord * PER_WORD);
    long next = outAt + outStride;
    boolean first = fromWord == 0;
    FloatVector s00 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt, LE);
    FloatVector s01 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt + BYTES, LE);
    FloatVector s02 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt + 2 * BYTES, LE);
    FloatVector s03 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt + 3 * BYTES, LE);
    FloatVector s10 = first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next, LE);
    FloatVector s11 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next + BYTES, LE);
    FloatVector s12 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next + 2 * BYTES, LE);
    FloatVector s13 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next + 3 * BYTES, LE);
    for (int word = fromWord; word < toWord; word++) {
      int place0 = positions.get(JAVA_INT, wordAt);
      int place1 = positions.get(JAVA_INT, wordAt + 4);
      wordAt += 4 * TILE;
      int entries = Math.min(PER_WORD, 2 * w.runs() - word * PER_WORD);
      long run = panelAt + (long) word * (2 * PER_WORD) * (4 * BYTES);
      for (int i = 0; i < entries; i++) {
        long group = run + (i >> 1) * (4 * 4 * BYTES);
        long p = group + (place0 & 3) * (4 * BYTES);
        long q = group + (place1 & 3) * (4 * BYTES);
        place0 >>>= 2;
        place1 >>>= 2;
        FloatVector w0 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, at));
        FloatVector w1 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, at + 4));
        at += 4 * TILE;
        s00 = w0.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s00);
        s01 = w0.fma(FloatVector.fromMemorySegment(F, panel, p + BYTES, LE), s01);
        s02 = w0.fma(FloatVector.fromMemorySegment(F, panel, p + 2 * BYTES, LE), s02);
        s03 = w0.fma(FloatVector.fromMemorySegment(F, panel, p + 3 * BYTES, LE), s03);
        s10 = w1.fma(FloatVector.fromMemorySegment(F, panel, q, LE), s10);
        s11 = w1.fma(FloatVector.fromMemorySegment(F, panel, q + BYTES, LE), s11);
        s12 = w1.fma(FloatVector.fromMemorySegment(F, panel, q + 2 * BYTES, LE), s12);
        s13 = w1.fma(FloatVector.fromMemorySegment(F, panel, q + 3 * BYTES, LE), s13);
      }
    }
    s00.intoMemorySegment(out, outAt, LE);
    s01.intoMemorySegment(out, outAt + BYTES, LE);
    s02.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    s03.intoMemorySegment(out, outAt + 3 * BYTES, LE);
    s10.intoMemorySegment(out, next, LE);
    s11.intoMemorySegment(out, next + BYTES, LE);
    s12.intoMemorySegment(out, next + 2 * BYTES, LE);
    s13.intoMemorySegment(out, next + 3 * BYTES, LE);
  }

  private static void pair2(
      NofM w,
      int row,
      int fromWord,
      int toWord,
      MemorySegment panel,
      long panelAt,
      MemorySegment out,
      long outAt,
      long outStride) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    long wordAt = 4 * (w.wordIndex(row, 0) + (long) fromWord * TILE);
    long at = 4 * w.index(row, fromWord * PER_WORD);
    long next = outAt + outStride;
    boolean first = fromWord == 0;
    FloatVector s00 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt, LE);
    FloatVector s01 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt + BYTES, LE);
    FloatVector s10 = first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next, LE);
    FloatVector s11 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next + BYTES, LE);
    for (int word = fromWord; word < toWord; word++) {
      int place0 = positions.get(JAVA_INT, wordAt);
      int place1 = positions.get(JAVA_INT, wordAt + 4);
      wordAt += 4 * TILE;
      int entries = Math.min(PER_WORD, 2 * w.runs() - word * PER_WORD);
      long run = panelAt + (long) word * (2 * PER_WORD) * (2 * BYTES);
      for (int i = 0; i < entries; i++) {
        long group = run + (i >> 1) * (4 * 2 * BYTES);
        long p = group + (place0 & 3) * (2 * BYTES);
        long q = group + (place1 & 3) * (2 * BYTES);
        place0 >>>= 2;
        place1 >>>= 2;
        FloatVector w0 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, at));
        FloatVector w1 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, at + 4));
        at += 4 * TILE;
        s00 = w0.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s00);
        s01 = w0.fma(FloatVector.fromMemorySegment(F, panel, p + BYTES, LE), s01);
        s10 = w1.fma(FloatVector.fromMemorySegment(F, panel, q, LE), s10);
        s11 = w1.fma(FloatVector.fromMemorySegment(F, panel, q + BYTES, LE), s11);
      }
    }
    s00.intoMemorySegment(out, outAt, LE);
    s01.intoMemorySegment(out, outAt + BYTES, LE);
    s10.intoMemorySegment(out, next, LE);
    s11.intoMemorySegment(out, next + BYTES, LE);
  }

  private static void pair1(
      NofM w,
      int row,
      int fromWord,
      int toWord,
      MemorySegment panel,
      long panelAt,
      MemorySegment out,
      long outAt,
      long outStride) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    long wordAt = 4 * (w.wordIndex(row, 0) + (long) fromWord * TILE);
    long at = 4 * w.index(row, fromWord * PER_WORD);
    long next = outAt + outStride;
    boolean first = fromWord == 0;
    FloatVector s00 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt, LE);
    FloatVector s10 = first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next, LE);
    for (int word = fromWord; word < toWord; word++) {
      int place0 = positions.get(JAVA_INT, wordAt);
      int place1 = positions.get(JAVA_INT, wordAt + 4);
      wordAt += 4 * TILE;
      int entries = Math.min(PER_WORD, 2 * w.runs() - word * PER_WORD);
      long run = panelAt + (long) word * (2 * PER_WORD) * (1 * BYTES);
      for (int i = 0; i < entries; i++) {
        long group = run + (i >> 1) * (4 * 1 * BYTES);
        long p = group + (place0 & 3) * (1 * BYTES);
        long q = group + (place1 & 3) * (1 * BYTES);
        place0 >>>= 2;
        place1 >>>= 2;
        FloatVector w0 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, at));
        FloatVector w1 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, at + 4));
        at += 4 * TILE;
        s00 = w0.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s00);
        s10 = w1.fma(FloatVector.fromMemorySegment(F, panel, q, LE), s10);
      }
    }
    s00.intoMemorySegment(out, outAt, LE);
    s10.intoMemorySegment(out, next, LE);
  }
}
