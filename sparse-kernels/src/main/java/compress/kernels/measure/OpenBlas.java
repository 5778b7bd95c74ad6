package compress.kernels.measure;

import compress.kernels.Matrix;
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
  public Product ready(WeightMatrix weights, Matrix x, int threads) {
    try {
      return new Floats(weights, x, threads);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "OpenBLAS for this system is missing (" + e.getMessage() + ")", e);
    }
  }

  private static final class Floats implements Product {
    private final int m;
    private final int k;
    private final int n;
    private final int threads;
    private final float[] weights;
    private final Matrix result;
    private final FloatPointer w;
    private final FloatPointer from;
    private final FloatPointer to;

    Floats(WeightMatrix weights, Matrix x, int threads) {
      this.m = weights.rows();
      this.k = weights.columns();
      this.n = x.columns();
      this.threads = threads;
      this.weights = weights.values();
      this.result = Matrix.zeros(m, n);
      MemorySegment copy = OffHeap.allocate(bytes());
      MemorySegment.copy(
          weights.values(), 0, copy, ValueLayout.JAVA_FLOAT, 0, weights.values().length);
      this.w = pointer(copy);
      this.from = pointer(x.data());
      this.to = pointer(result.data());
    }

    private static FloatPointer pointer(MemorySegment segment) {
      return new FloatPointer(
          segment.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer());
    }

    @Override
    public void multiply() {
      openblas.blas_set_num_threads(threads);
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

    @Override
    public Matrix result() {
      return result;
    }

    @Override
    public int bits() {
      return Float.SIZE;
    }

    @Override
    public long bytes() {
      return (long) Float.BYTES * m * k;
    }

    @Override
    public float[] weights() {
      return weights;
    }

    @Override
    public double activationError(int column) {
      return 0;
    }

    @Override
    public void close() {
      w.close();
      from.close();
      to.close();
    }
  }
}
