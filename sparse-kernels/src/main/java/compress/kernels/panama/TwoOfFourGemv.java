package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.NofM;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * 2:4 weights times one column: the four activations of a run fill a vector over and over, so that
 * the low two bits of an index choose one of them for each of the rows that lie side by side.
 */
final class TwoOfFourGemv implements Gemv.Micro<NofM, MemorySegment> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final VectorSpecies<Integer> I = Simd.I;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long TILE_BYTES = 4L * Layout.TILE;

  /** Runs whose places share a word. */
  private static final int RUNS = 8;

  static boolean takes(NofM w) {
    return w.n() == 2 && w.m() == 4;
  }

  /** {@code [run][lane]}: activation {@code lane % 4} of the run, on cache lines. */
  @Override
  public MemorySegment prepare(NofM w, Matrix x, int column, Workers workers) {
    MemorySegment to = workers.scratch(0, Gemv.FIRST_COLUMN + column, (long) w.runs() * Simd.BYTES);
    for (int run = 0; run < w.runs(); run++) {
      for (int lane = 0; lane < Simd.L; lane++) {
        int c = run * 4 + lane % 4;
        float v = c < w.columns() ? x.at(c, column) : 0;
        to.set(JAVA_FLOAT, 4L * (run * Simd.L + lane), v);
      }
    }
    return to;
  }

  @Override
  public void run(NofM w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += Simd.L) {
      rows(w, 4 * w.index(r, 0), 4 * w.wordIndex(r, 0), x, out, 4L * (r - fromRow));
    }
  }

  private static void rows(
      NofM w, long at, long wordAt, MemorySegment x, MemorySegment out, long to) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    int runs = w.runs();
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    for (int first = 0; first < runs; first += RUNS) {
      IntVector places = IntVector.fromMemorySegment(I, positions, wordAt, LE);
      wordAt += TILE_BYTES;
      int end = Math.min(runs, first + RUNS);
      for (int run = first; run < end; run++) {
        IntVector four = IntVector.fromMemorySegment(I, x, (long) run * Simd.BYTES, LE);
        FloatVector x0 = places.selectFrom(four).reinterpretAsFloats();
        places = places.lanewise(VectorOperators.LSHR, 2);
        FloatVector x1 = places.selectFrom(four).reinterpretAsFloats();
        places = places.lanewise(VectorOperators.LSHR, 2);
        s0 = FloatVector.fromMemorySegment(F, values, at, LE).fma(x0, s0);
        s1 = FloatVector.fromMemorySegment(F, values, at + TILE_BYTES, LE).fma(x1, s1);
        at += 2 * TILE_BYTES;
      }
    }
    s0.add(s1).intoMemorySegment(out, to, LE);
  }
}
