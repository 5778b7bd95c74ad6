package compress.runtime.op;

import compress.kernels.DenseTiles;
import compress.kernels.Epilogue;
import compress.kernels.Input;
import compress.kernels.Kernel;
import compress.kernels.Matrix;
import compress.kernels.OffHeap;
import compress.kernels.Workers;
import java.lang.foreign.MemorySegment;

/** The left side of a product: weights that were packed once, or a matrix that is packed anew. */
sealed interface Factor {
  void multiply(Input x, Matrix y, Epilogue epilogue, Workers workers);

  /** Weights. */
  record Fixed(Product product) implements Factor {
    @Override
    public void multiply(Input x, Matrix y, Epilogue epilogue, Workers workers) {
      product.run(x, y, epilogue, workers);
    }
  }

  /** A matrix {@code [rows, k]} of any strides that the network computes. */
  final class Varying implements Factor {
    private final Value value;
    private final DenseTiles tiles;

    Varying(Value value) {
      this.value = value;
      int rows = value.dim(0);
      int k = value.dim(1);
      DenseTiles shape = new DenseTiles(rows, k, MemorySegment.NULL);
      this.tiles = new DenseTiles(rows, k, OffHeap.allocate(shape.bytes()));
    }

    @Override
    public void multiply(Input x, Matrix y, Epilogue epilogue, Workers workers) {
      Tiles.pack(value.data(), 0, value.stride(0), value.stride(1), tiles);
      Kernel<?> kernel = Weights.dense(tiles, x.columns());
      kernel.multiply(tiles, x, y, epilogue, workers);
    }
  }
}
