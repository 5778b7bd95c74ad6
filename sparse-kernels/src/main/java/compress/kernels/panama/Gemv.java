package compress.kernels.panama;

import compress.kernels.Epilogue;
import compress.kernels.Kernel;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A product with one column, or with a few, one after the other over weights that stay in cache.
 * Rows of weights are cut into pieces of some hundred kilobytes that the threads take in turn.
 */
record Gemv<L extends Layout, X>(Micro<L, X> micro) implements Kernel.Multiply<L> {
  /** Bytes of weights that stay in the second cache between two columns. */
  private static final long PIECE = 256 << 10;

  /** Where the workers keep the first column, as a kernel wants it; the others follow. */
  static final int FIRST_COLUMN = 8;

  /**
   * Some rows of weights times one column.
   *
   * @param <X> a column as the kernel wants it
   */
  interface Micro<L extends Layout, X> {
    /** The fewest floats in a vector that it works with. */
    default int lanes() {
      return 1;
    }

    /** Column {@code column} of {@code x}; memory that the workers keep may serve. */
    X prepare(L weights, Matrix x, int column, Workers workers);

    /** Rows that go together; cuts are at multiples of it. */
    default int unit(L weights) {
      return Layout.TILE;
    }

    /** Products in the rows before {@code row}, in any unit. */
    default long workBefore(L weights, int row) {
      return row;
    }

    /**
     * Writes the sums of rows {@code fromRow} to {@code toRow}, multiples of the unit, to float 0
     * and on of {@code out}; rows past the last do not matter.
     */
    void run(L weights, int fromRow, int toRow, X column, MemorySegment out);
  }

  /**
   * One that takes the activations as floats on the heap: a loop that reads them one by one there
   * has no checks left, and compiles at every level.
   */
  interface FloatMicro<L extends Layout> extends Micro<L, float[]> {
    /** Floats that a column takes. */
    default int inputFloats(L weights) {
      return weights.columns();
    }

    /** Writes a column; {@code to} may be longer than asked. */
    default void fill(L weights, Matrix x, int column, float[] to) {
      Columns.copy(x, column, 0, x.rows(), to, 0);
    }

    @Override
    default float[] prepare(L weights, Matrix x, int column, Workers workers) {
      float[] to = workers.floats(column, inputFloats(weights));
      fill(weights, x, column, to);
      return to;
    }
  }

  @Override
  public void run(L w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    int unit = micro.unit(w);
    int units = Math.ceilDiv(w.rows(), unit);
    int parts = (int) Math.min(units, Math.max(4L * workers.threads(), w.bytes() / PIECE));
    if (workers.threads() == 1) {
      parts = Math.clamp(w.bytes() / PIECE, 1, units);
    }
    int[] cuts = cuts(w, unit, parts);
    List<X> inputs = new ArrayList<>(x.columns());
    for (int c = 0; c < x.columns(); c++) {
      inputs.add(micro.prepare(w, x, c, workers));
    }
    workers.run(
        parts,
        (p, worker) -> {
          int from = cuts[p];
          int to = cuts[p + 1];
          if (from == to) {
            return;
          }
          MemorySegment out = workers.scratch(worker, 4, 4L * (to - from));
          for (int c = 0; c < x.columns(); c++) {
            micro.run(w, from, to, inputs.get(c), out);
            Finish.copy(out, 0, 4, e, y, from, Math.min(to, w.rows()), c, c + 1);
          }
        });
  }

  private int[] cuts(L w, int unit, int parts) {
    int[] cuts = new int[parts + 1];
    long all = micro.workBefore(w, w.rows());
    int units = Math.ceilDiv(w.rows(), unit);
    int at = 0;
    for (int p = 1; p < parts; p++) {
      while (at < units && micro.workBefore(w, Math.min(w.rows(), at * unit)) < all * p / parts) {
        at++;
      }
      cuts[p] = at * unit;
    }
    cuts[parts] = units * unit;
    return cuts;
  }
}
