package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import compress.kernels.BitPlanes;
import compress.kernels.Int8Column;
import compress.kernels.Matrix;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Bit planes times one column of 8-bit activations: the 16 sums that four activations can have are
 * a table in a register, and four bits of a weight's row choose one. No multiplication is left;
 * time goes with the bits.
 *
 * <p>Sums of four activations lie within 508, so 16 bits hold those of {@link #SECTION} chunks, 256
 * columns; then they are added up in 32 bits. The answer is exact, as {@code PlainLoops} has it.
 */
final class LookupGemv implements Gemv.Micro<BitPlanes, LookupGemv.Tables> {
  private static final VectorSpecies<Short> S =
      ShortVector.SPECIES_PREFERRED.length() > BitPlanes.LANES
          ? ShortVector.SPECIES_512
          : ShortVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, S.vectorShape());
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = BitPlanes.LANES;

  /** Bytes of a table: the 16 sums, twice. */
  private static final int TABLE = 2 * LANES;

  private static final short[][] HAS_BIT = hasBit();

  /** Chunks whose sums fit 16 bits. */
  private static final int SECTION = 16;

  @Override
  public int lanes() {
    return 8;
  }

  @Override
  public int unit(BitPlanes w) {
    return w.stripRows();
  }

  /**
   * A column as tables.
   *
   * @param tables {@code [group][chunk][four columns][32]}: the 16 sums, twice
   * @param sums of the integers of each group
   * @param scale of the integers
   */
  record Tables(MemorySegment tables, int[] sums, float scale) {}

  @Override
  public Tables prepare(BitPlanes w, Matrix x, int column, Workers workers) {
    Int8Column q = Int8Column.of(x, column);
    long bytes = (long) w.groups() * w.chunks() * 4 * TABLE;
    MemorySegment tables = workers.scratch(0, Gemv.FIRST_COLUMN + column, bytes);
    int[] sums = new int[w.groups()];
    byte[] four = new byte[16 * w.chunks()];
    for (int g = 0; g < sums.length; g++) {
      int from = g * w.group();
      int length = Math.min(w.columns() - from, w.group());
      System.arraycopy(q.values(), from, four, 0, length);
      Arrays.fill(four, length, four.length, (byte) 0);
      for (int i = 0; i < length; i++) {
        sums[g] += four[i];
      }
      long at = (long) g * w.chunks() * 4 * TABLE;
      for (int c = 0; c < four.length; c += 4, at += TABLE) {
        for (int lane = 0; lane < LANES; lane += S.length()) {
          table(four, c, lane).intoMemorySegment(tables, at + 2L * lane, LE);
        }
      }
    }
    return new Tables(tables, sums, q.scale());
  }

  /** Lane {@code i} is the sum of those of four integers whose bit in {@code i} is 1. */
  private static ShortVector table(byte[] four, int at, int lane) {
    return ShortVector.fromArray(S, HAS_BIT[0], lane)
        .and(four[at])
        .add(ShortVector.fromArray(S, HAS_BIT[1], lane).and(four[at + 1]))
        .add(ShortVector.fromArray(S, HAS_BIT[2], lane).and(four[at + 2]))
        .add(ShortVector.fromArray(S, HAS_BIT[3], lane).and(four[at + 3]));
  }

  /** {@code [bit][i]}: all ones if {@code i} has the bit, else 0. */
  private static short[][] hasBit() {
    short[][] masks = new short[4][LANES];
    for (int bit = 0; bit < 4; bit++) {
      for (int i = 0; i < LANES; i++) {
        masks[bit][i] = (short) -(i >> bit & 1);
      }
    }
    return masks;
  }

  @Override
  public void run(BitPlanes w, int fromRow, int toRow, Tables x, MemorySegment out) {
    int rows = w.stripRows();
    int streams = 4 * w.quads();
    int[] dots = new int[streams * LANES];
    float[] totals = new float[rows];
    for (int r = fromRow; r < toRow; r += rows) {
      int strip = r / rows;
      Arrays.fill(totals, 0);
      for (int g = 0; g < w.groups(); g++) {
        Arrays.fill(dots, 0);
        for (int quad = 0; quad < w.quads(); quad++) {
          for (int chunk = 0; chunk < w.chunks(); chunk += SECTION) {
            int chunks = Math.min(SECTION, w.chunks() - chunk);
            long tables = ((long) g * w.chunks() + chunk) * 4 * TABLE;
            for (int lane = 0; lane < LANES; lane += S.length()) {
              long words = 2 * (w.wordIndex(strip, g, quad, chunk) + lane);
              int to = quad * 4 * LANES + lane;
              section(w.words(), words, chunks, x.tables, tables, dots, to);
            }
          }
        }
        addGroup(w, strip, g, dots, x.sums[g], totals);
      }
      for (int i = 0; i < rows; i++) {
        out.set(JAVA_FLOAT, 4L * (r - fromRow + i), totals[i] * x.scale);
      }
    }
  }

  /** Adds a group's part to the rows of a strip. */
  private static void addGroup(
      BitPlanes w, int strip, int g, int[] dots, int xSum, float[] totals) {
    long at = 4L * ((long) strip * w.groups() + g) * totals.length;
    for (int block = 0; block < totals.length; block += LANES) {
      int first = block * w.bits();
      for (int i = 0; i < LANES; i++) {
        int dot = 0;
        for (int bit = 0; bit < w.bits(); bit++) {
          dot += dots[first + bit * LANES + i] << bit;
        }
        int zero = w.zeros().get(JAVA_INT, at + 4L * (block + i));
        float s = w.scales().get(JAVA_FLOAT, at + 4L * (block + i));
        totals[block + i] += (w.step() * dot - zero * xSum) * s;
      }
    }
  }

  /** Adds the sums of four streams over some chunks, for as many rows as a vector has lanes. */
  private static void section(
      MemorySegment words,
      long wordsAt,
      int chunks,
      MemorySegment x,
      long tablesAt,
      int[] dots,
      int to) {
    ShortVector s0 = ShortVector.zero(S);
    ShortVector s1 = ShortVector.zero(S);
    ShortVector s2 = ShortVector.zero(S);
    ShortVector s3 = ShortVector.zero(S);
    for (int chunk = 0; chunk < chunks; chunk++) {
      ShortVector t0 = ShortVector.fromMemorySegment(S, x, tablesAt, LE);
      ShortVector t1 = ShortVector.fromMemorySegment(S, x, tablesAt + 1 * TABLE, LE);
      ShortVector t2 = ShortVector.fromMemorySegment(S, x, tablesAt + 2 * TABLE, LE);
      ShortVector t3 = ShortVector.fromMemorySegment(S, x, tablesAt + 3 * TABLE, LE);
      tablesAt += 4 * TABLE;
      ShortVector w0 = ShortVector.fromMemorySegment(S, words, wordsAt, LE);
      s0 =
          s0.add(w0.selectFrom(t0))
              .add(w0.lanewise(VectorOperators.LSHR, 4).selectFrom(t1))
              .add(w0.lanewise(VectorOperators.LSHR, 8).selectFrom(t2))
              .add(w0.lanewise(VectorOperators.LSHR, 12).selectFrom(t3));
      ShortVector w1 = ShortVector.fromMemorySegment(S, words, wordsAt + 64, LE);
      s1 =
          s1.add(w1.selectFrom(t0))
              .add(w1.lanewise(VectorOperators.LSHR, 4).selectFrom(t1))
              .add(w1.lanewise(VectorOperators.LSHR, 8).selectFrom(t2))
              .add(w1.lanewise(VectorOperators.LSHR, 12).selectFrom(t3));
      ShortVector w2 = ShortVector.fromMemorySegment(S, words, wordsAt + 128, LE);
      s2 =
          s2.add(w2.selectFrom(t0))
              .add(w2.lanewise(VectorOperators.LSHR, 4).selectFrom(t1))
              .add(w2.lanewise(VectorOperators.LSHR, 8).selectFrom(t2))
              .add(w2.lanewise(VectorOperators.LSHR, 12).selectFrom(t3));
      ShortVector w3 = ShortVector.fromMemorySegment(S, words, wordsAt + 192, LE);
      s3 =
          s3.add(w3.selectFrom(t0))
              .add(w3.lanewise(VectorOperators.LSHR, 4).selectFrom(t1))
              .add(w3.lanewise(VectorOperators.LSHR, 8).selectFrom(t2))
              .add(w3.lanewise(VectorOperators.LSHR, 12).selectFrom(t3));
      wordsAt += 4 * 2 * LANES;
    }
    add(s0, dots, to);
    add(s1, dots, to + LANES);
    add(s2, dots, to + 2 * LANES);
    add(s3, dots, to + 3 * LANES);
  }

  private static void add(ShortVector sums, int[] dots, int to) {
    IntVector low = (IntVector) sums.convertShape(VectorOperators.S2I, I, 0);
    IntVector high = (IntVector) sums.convertShape(VectorOperators.S2I, I, 1);
    IntVector.fromArray(I, dots, to).add(low).intoArray(dots, to);
    IntVector.fromArray(I, dots, to + I.length()).add(high).intoArray(dots, to + I.length());
  }
}
