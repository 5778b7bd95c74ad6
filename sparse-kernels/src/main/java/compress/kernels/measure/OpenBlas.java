package compress.kernels.measure;

import compress.kernels.OffHeap;
import compress.kernels.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/** OpenBLAS in 32-bit floats: a matrix product, and for one column a product with a vector. */
public final class OpenBlas implements Rival {
  @Override
  public String name() {
    return "openblas";
  }

  @Override
  public Product ready(WeightMatrix weights, int threads) {
    int m = weights.rows();
    int k = weights.columns();
    MemorySegment copy = OffHeap.allocate(4L * weights.values().length);
    MemorySegment.copy(
        weights.values(), 0, copy, ValueLayout.JAVA_FLOAT, 0, weights.values().length);
    FloatPointer w = pointer(copy);
    return (x, y) -> {
      openblas.blas_set_num_threads(threads);
      int n = x.columns();
      try (FloatPointer from = pointer(x.data());
          FloatPointer to = pointer(y.data())) {
        if (n == 1) {
          openblas.cblas_sgemv(
              openblas.CblasRowMajor, openblas.CblasNoTrans, m, k, 1, w, k, from, 1, 0, to, 1);
        } else {
          openblas.cblas_sgemm(
              openblas.CblasRowMajor,
              openblas.CblasNoTrans,
              openblas.CblasNoTrans,
              m,
              n,
              k,
              1,
              w,
              k,
              from,
              n,
              0,
              to,
              n);
        }
      }
    };
  }

  private static FloatPointer pointer(MemorySegment segment) {
    return new FloatPointer(segment.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer());
  }
}
