package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.Windows;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows in step times one column: the activations of a window fill two registers, and each of 16
 * rows chooses from them by its position, one instruction where a gather takes one load for each.
 * Each step loads its window anew, so that the loop has no branch that depends on the weights.
 */
final class WindowGemv implements Gemv.Micro<Windows, MemorySegment> {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_512;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int TILE = Layout.TILE;

  @Override
  public int lanes() {
    return TILE;
  }

  /** The column, with zeros behind it to the end of the last window. */
  @Override
  public MemorySegment prepare(Windows w, Matrix x, int column, Workers workers) {
    int registers = Math.ceilDiv(w.columns(), Windows.REGISTER) + w.width() / Windows.REGISTER - 1;
    long bytes = 64L * registers;
    MemorySegment to = workers.scratch(0, Gemv.FIRST_COLUMN + column, bytes);
    to.asSlice(4L * w.columns(), bytes - 4L * w.columns()).fill((byte) 0);
    if (x.columns() == 1) {
      MemorySegment.copy(x.data(), 0, to, 0, 4L * w.columns());
      return to;
    }
    for (int c = 0; c < w.columns(); c++) {
      to.setAtIndex(JAVA_FLOAT, c, x.at(c, column));
    }
    return to;
  }

  @Override
  public long workBefore(Windows w, int row) {
    return w.starts()[Math.ceilDiv(row, TILE)];
  }

  @Override
  public void run(Windows w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += TILE) {
      int from = w.starts()[r / TILE];
      int to = w.starts()[r / TILE + 1];
      FloatVector sum = w.width() == Windows.NARROW ? narrow(w, from, to, x) : wide(w, from, to, x);
      sum.intoMemorySegment(out, 4L * (r - fromRow), LE);
    }
  }

  private static FloatVector narrow(Windows w, int from, int to, MemorySegment x) {
    int[] firsts = w.firsts();
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    for (int s = from; s < to; s += 2) {
      IntVector p0 = which(positions, (long) TILE * s);
      IntVector p1 = which(positions, (long) TILE * (s + 1));
      FloatVector x0 = of2(x, 4L * firsts[s], p0).reinterpretAsFloats();
      FloatVector x1 = of2(x, 4L * firsts[s + 1], p1).reinterpretAsFloats();
      s0 = FloatVector.fromMemorySegment(F, values, 64L * s, LE).fma(x0, s0);
      s1 = FloatVector.fromMemorySegment(F, values, 64L * s + 64, LE).fma(x1, s1);
    }
    return s0.add(s1);
  }

  private static FloatVector wide(Windows w, int from, int to, MemorySegment x) {
    int[] firsts = w.firsts();
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    for (int s = from; s < to; s += 2) {
      IntVector p0 = which(positions, (long) TILE * s);
      IntVector p1 = which(positions, (long) TILE * (s + 1));
      FloatVector x0 = of4(x, 4L * firsts[s], p0);
      FloatVector x1 = of4(x, 4L * firsts[s + 1], p1);
      s0 = FloatVector.fromMemorySegment(F, values, 64L * s, LE).fma(x0, s0);
      s1 = FloatVector.fromMemorySegment(F, values, 64L * s + 64, LE).fma(x1, s1);
    }
    return s0.add(s1);
  }

  private static IntVector which(MemorySegment positions, long at) {
    return (IntVector)
        ByteVector.fromMemorySegment(ByteVector.SPECIES_128, positions, at, LE)
            .convertShape(VectorOperators.B2I, I, 0);
  }

  /** What 16 rows choose from 32 columns; of higher positions the lowest five bits count. */
  private static IntVector of2(MemorySegment x, long at, IntVector which) {
    IntVector low = FloatVector.fromMemorySegment(F, x, at, LE).reinterpretAsInts();
    IntVector high = FloatVector.fromMemorySegment(F, x, at + 64, LE).reinterpretAsInts();
    return which.selectFrom(low, high);
  }

  /** What 16 rows choose from 64 columns. */
  private static FloatVector of4(MemorySegment x, long at, IntVector which) {
    VectorMask<Integer> upper = which.and(32).compare(VectorOperators.NE, 0);
    return of2(x, at, which).blend(of2(x, at + 128, which), upper).reinterpretAsFloats();
  }
}
