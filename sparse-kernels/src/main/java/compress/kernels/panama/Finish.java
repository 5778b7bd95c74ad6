package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.Epilogue;
import compress.kernels.Epilogue.Activation;
import compress.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/** What follows the sums of a piece of the result. */
final class Finish {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private Finish() {}

  /** Of sums that were written to the result: rows {@code fromRow} to {@code toRow} of it. */
  static void apply(Epilogue e, Matrix y, int fromRow, int toRow, int from, int to) {
    if (!e.isNone()) {
      long at = 4L * (fromRow * (long) y.columns() + from);
      copy(y.data(), at, 4L * y.columns(), e, y, fromRow, toRow, from, to);
    }
  }

  /**
   * Of sums that were kept apart, since a whole vector would write past the result or over a
   * residual that is still to be read. Each is read before its place in the result is written, so
   * that the residual may be the result.
   *
   * @param sums that of row {@code fromRow} and column {@code from} at {@code at}; the next row
   *     begins {@code stride} bytes on
   */
  static void copy(
      MemorySegment sums,
      long at,
      long stride,
      Epilogue e,
      Matrix y,
      int fromRow,
      int toRow,
      int from,
      int to) {
    if (to - from == 1) {
      column(sums, at, stride, e, y, fromRow, toRow, from);
      return;
    }
    float @Nullable [] bias = e.bias();
    MemorySegment residual = e.residual() == null ? null : e.residual().data();
    boolean cut = e.activation() != Activation.NONE;
    boolean cutAbove = e.activation() == Activation.RELU6;
    MemorySegment out = y.data();
    int whole = from + (to - from) / Simd.L * Simd.L;
    VectorMask<Float> rest = F.indexInRange(whole, to);
    for (int r = fromRow; r < toRow; r++) {
      float b = bias == null ? 0 : bias[r];
      long source = at + (r - fromRow) * stride;
      long target = 4L * (r * (long) y.columns() + from);
      for (int c = from; c < whole; c += Simd.L) {
        FloatVector v = FloatVector.fromMemorySegment(F, sums, source, LE).add(b);
        if (residual != null) {
          v = v.add(FloatVector.fromMemorySegment(F, residual, target, LE));
        }
        v = cut ? v.max(0) : v;
        v = cutAbove ? v.min(6) : v;
        v.intoMemorySegment(out, target, LE);
        source += Simd.BYTES;
        target += Simd.BYTES;
      }
      if (whole < to) {
        FloatVector v = FloatVector.fromMemorySegment(F, sums, source, LE, rest).add(b);
        if (residual != null) {
          v = v.add(FloatVector.fromMemorySegment(F, residual, target, LE, rest));
        }
        v = cut ? v.max(0) : v;
        v = cutAbove ? v.min(6) : v;
        v.intoMemorySegment(out, target, LE, rest);
      }
    }
  }

  private static void column(
      MemorySegment sums,
      long at,
      long stride,
      Epilogue e,
      Matrix y,
      int fromRow,
      int toRow,
      int column) {
    for (int r = fromRow; r < toRow; r++) {
      float sum = sums.get(JAVA_FLOAT, at + (r - fromRow) * stride);
      long target = 4L * (r * (long) y.columns() + column);
      y.data().set(JAVA_FLOAT, target, e.isNone() ? sum : e.apply(sum, r, column));
    }
  }
}
