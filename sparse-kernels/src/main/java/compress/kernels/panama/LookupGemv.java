package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import compress.kernels.BitPlanes;
import compress.kernels.Int8Column;
import compress.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
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
final class LookupGemv implements Gemv.Micro<BitPlanes> {
  private static final VectorSpecies<Short> S =
      ShortVector.SPECIES_PREFERRED.length() > BitPlanes.LANES
          ? ShortVector.SPECIES_512
          : ShortVector.SPECIES_PREFERRED;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = BitPlanes.LANES;

  /** Bytes of a table: the 16 sums, twice. */
  private static final int TABLE = 2 * LANES;

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

  @Override
  public long inputBytes(BitPlanes w) {
    return (long) w.groups() * w.chunks() * 4 * TABLE + 4L * w.groups() + 4;
  }

  /** The tables, four to a chunk; the sum of the integers of each group; the scale. */
  @Override
  public void prepare(BitPlanes w, Matrix x, int column, MemorySegment to) {
    Int8Column q = Int8Column.of(x, column);
    long at = 0;
    long sumsAt = (long) w.groups() * w.chunks() * 4 * TABLE;
    short[] table = new short[LANES];
    for (int g = 0; g < w.groups(); g++) {
      int end = Math.min(w.columns(), (g + 1) * w.group());
      int sum = 0;
      for (int four = 0; four < 4 * w.chunks(); four++) {
        for (int j = 0; j < 4; j++) {
          int c = g * w.group() + 4 * four + j;
          int v = c < end ? q.values()[c] : 0;
          sum += v;
          for (int i = 1 << j; i < 2 << j; i++) {
            table[i] = (short) (table[i - (1 << j)] + v);
          }
        }
        System.arraycopy(table, 0, table, 16, 16);
        MemorySegment.copy(table, 0, to, JAVA_SHORT, at, LANES);
        at += TABLE;
      }
      to.set(JAVA_INT, sumsAt + 4L * g, sum);
    }
    to.set(JAVA_FLOAT, sumsAt + 4L * w.groups(), q.scale());
  }

  @Override
  public void run(BitPlanes w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    int rows = w.stripRows();
    int streams = 4 * w.quads();
    int[] dots = new int[streams * LANES];
    short[] sums = new short[4 * LANES];
    long sumsAt = (long) w.groups() * w.chunks() * 4 * TABLE;
    float scale = x.get(JAVA_FLOAT, sumsAt + 4L * w.groups());
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
              section(w.words(), words, chunks, x, tables, sums, lane);
            }
            for (int i = 0; i < sums.length; i++) {
              dots[quad * 4 * LANES + i] += sums[i];
            }
          }
        }
        int xSum = x.get(JAVA_INT, sumsAt + 4L * g);
        addGroup(w, strip, g, dots, xSum, totals);
      }
      for (int i = 0; i < rows; i++) {
        out.set(JAVA_FLOAT, 4L * (r - fromRow + i), totals[i] * scale);
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

  /** The sums of four streams over some chunks, for as many rows as a vector has lanes. */
  private static void section(
      MemorySegment words,
      long wordsAt,
      int chunks,
      MemorySegment x,
      long tablesAt,
      short[] sums,
      int lane) {
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
    s0.intoArray(sums, lane);
    s1.intoArray(sums, 1 * LANES + lane);
    s2.intoArray(sums, 2 * LANES + lane);
    s3.intoArray(sums, 3 * LANES + lane);
  }
}
