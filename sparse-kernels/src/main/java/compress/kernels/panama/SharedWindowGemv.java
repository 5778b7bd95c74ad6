package compress.kernels.panama;

import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.SharedWindows;
import compress.kernels.Windows;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Pruned and shared weights times one column: {@link WindowGemv} with weights from a table. */
final class SharedWindowGemv implements Gemv.Micro<SharedWindows, MemorySegment> {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int TILE = Layout.TILE;

  @Override
  public int lanes() {
    return TILE;
  }

  @Override
  public MemorySegment prepare(SharedWindows w, Matrix x, int column, Workers workers) {
    return WindowGemv.column(x, column, Windows.WIDE, workers);
  }

  @Override
  public long workBefore(SharedWindows w, int row) {
    return w.starts()[Math.ceilDiv(row, TILE)];
  }

  @Override
  public void run(SharedWindows w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += TILE) {
      tile(w, w.starts()[r / TILE], w.starts()[r / TILE + 1], x)
          .intoMemorySegment(out, 4L * (r - fromRow), LE);
    }
  }

  private static FloatVector tile(SharedWindows w, int from, int to, MemorySegment x) {
    int[] firsts = w.firsts();
    MemorySegment entries = w.entries();
    MemorySegment table = w.table();
    IntVector t0 = register(table, 0);
    IntVector t1 = register(table, 64);
    IntVector t2 = register(table, 128);
    IntVector t3 = register(table, 192);
    FloatVector sum = FloatVector.zero(F);
    for (int s = from; s < to; s++) {
      long at = 2L * TILE * s;
      IntVector code = WindowGemv.which(entries, at + TILE);
      FloatVector chosen =
          code.selectFrom(t0, t1)
              .blend(code.selectFrom(t2, t3), code.and(32).compare(VectorOperators.NE, 0))
              .reinterpretAsFloats();
      FloatVector xs = WindowGemv.of4(x, 4L * firsts[s], WindowGemv.which(entries, at));
      sum = chosen.fma(xs, sum);
    }
    return sum;
  }

  private static IntVector register(MemorySegment table, long at) {
    return FloatVector.fromMemorySegment(F, table, at, LE).reinterpretAsInts();
  }
}
