package compress.kernels.panama;

import compress.kernels.Epilogue;
import compress.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/** What follows the sums, on a piece of the result that was just written. */
final class Finish {
  private Finish() {}

  /** Rows {@code fromRow} to {@code toRow}, columns {@code from} to {@code to} of {@code y}. */
  static void apply(Epilogue e, Matrix y, int fromRow, int toRow, int from, int to) {
    if (e.isNone()) {
      return;
    }
    float[] bias = e.bias();
    Matrix residual = e.residual();
    float low = e.activation() == Epilogue.Activation.NONE ? Float.NEGATIVE_INFINITY : 0;
    float high = e.activation() == Epilogue.Activation.RELU6 ? 6 : Float.POSITIVE_INFINITY;
    MemorySegment out = y.data();
    MemorySegment added = residual == null ? out : residual.data();
    for (int r = fromRow; r < toRow; r++) {
      float b = bias == null ? 0 : bias[r];
      long row = 4L * r * y.columns();
      int c = from;
      for (; c <= to - Simd.L; c += Simd.L) {
        long at = row + 4L * c;
        FloatVector v = FloatVector.fromMemorySegment(Simd.F, out, at, ByteOrder.LITTLE_ENDIAN);
        v = v.add(b);
        if (residual != null) {
          v = v.add(FloatVector.fromMemorySegment(Simd.F, added, at, ByteOrder.LITTLE_ENDIAN));
        }
        v.max(low).min(high).intoMemorySegment(out, at, ByteOrder.LITTLE_ENDIAN);
      }
      for (; c < to; c++) {
        long at = row + 4L * c;
        float v = out.get(ValueLayout.JAVA_FLOAT, at);
        out.set(ValueLayout.JAVA_FLOAT, at, e.apply(v, r, c));
      }
    }
  }
}
