package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.DenseTiles;
import compress.kernels.Matrix;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Dense weights times one column: 16 rows lie side by side, so a tile is one stream of vectors,
 * each times one activation. Four vectors of sums hide how long a product takes.
 */
final class DenseGemv implements Gemv.Micro<DenseTiles, MemorySegment> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int L = Simd.L;
  private static final long BYTES = Simd.BYTES;

  /**
   * The column, filled up with zeros as those of the tiles are. It lies outside the heap: with an
   * array the compiler unrolls the loop over columns and reorders its loads, and memory that is not
   * read in order comes at less than half the rate.
   */
  @Override
  public MemorySegment prepare(DenseTiles w, Matrix x, int column, Workers workers) {
    int columns = (int) (w.tileBytes() / 64);
    MemorySegment to = workers.scratch(0, Gemv.FIRST_COLUMN + column, 4L * columns);
    for (int c = 0; c < columns; c++) {
      to.setAtIndex(JAVA_FLOAT, c, c < w.columns() ? x.at(c, column) : 0);
    }
    return to;
  }

  @Override
  public void run(DenseTiles w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    int columns = (int) (w.tileBytes() / 64);
    for (int r = fromRow; r < toRow; r += 16) {
      tile(w.values(), w.tileBytes() * (r / 16), columns, x, out, 4L * (r - fromRow));
    }
  }

  private static void tile(
      MemorySegment w, long at, int columns, MemorySegment x, MemorySegment out, long to) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    // Four vectors are 4, 2 or 1 columns of the tile; a vector is in column v * L / 16.
    for (int c = 0; c < columns; c += L / 4) {
      FloatVector x0 = FloatVector.broadcast(F, x.get(JAVA_FLOAT, 4L * c));
      FloatVector x1 = FloatVector.broadcast(F, x.get(JAVA_FLOAT, 4L * (c + L / 16)));
      FloatVector x2 = FloatVector.broadcast(F, x.get(JAVA_FLOAT, 4L * (c + 2 * L / 16)));
      FloatVector x3 = FloatVector.broadcast(F, x.get(JAVA_FLOAT, 4L * (c + 3 * L / 16)));
      s0 = FloatVector.fromMemorySegment(F, w, at, LE).fma(x0, s0);
      s1 = FloatVector.fromMemorySegment(F, w, at + BYTES, LE).fma(x1, s1);
      s2 = FloatVector.fromMemorySegment(F, w, at + 2 * BYTES, LE).fma(x2, s2);
      s3 = FloatVector.fromMemorySegment(F, w, at + 3 * BYTES, LE).fma(x3, s3);
      at += 4 * BYTES;
    }
    if (L == 16) {
      s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, to, LE);
    } else if (L == 8) {
      s0.add(s2).intoMemorySegment(out, to, LE);
      s1.add(s3).intoMemorySegment(out, to + BYTES, LE);
    } else {
      s0.intoMemorySegment(out, to, LE);
      s1.intoMemorySegment(out, to + BYTES, LE);
      s2.intoMemorySegment(out, to + 2 * BYTES, LE);
      s3.intoMemorySegment(out, to + 3 * BYTES, LE);
    }
  }
}
