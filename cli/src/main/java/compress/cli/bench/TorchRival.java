package compress.cli.bench;

import compress.kernels.Matrix;
import compress.kernels.WeightMatrix;
import compress.kernels.measure.Rival;
import compress.train.torch.Int8Linear;

/** libtorch's product of weights and activations of 8 bits, by FBGEMM or oneDNN. */
final class TorchRival implements Rival {
  @Override
  public String name() {
    return "libtorch_int8";
  }

  @Override
  public Product ready(WeightMatrix weights, Matrix x, int threads) {
    try {
      return new Ready(weights, x, threads);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(name() + ": " + e.getMessage(), e);
    }
  }

  private static final class Ready implements Product {
    private final Int8Linear linear;
    private final int outputs;
    private final int samples;
    private final double activationError;

    Ready(WeightMatrix weights, Matrix x, int threads) {
      this.outputs = weights.rows();
      this.samples = x.columns();
      // Half a step, and as much again where the ends of the range are cut off.
      this.activationError = Activations.range(x) / 255;
      this.linear =
          new Int8Linear(
              weights.values(),
              outputs,
              weights.columns(),
              Activations.transposed(x).toFloats(),
              samples,
              threads);
    }

    @Override
    public void multiply() {
      linear.multiply();
    }

    @Override
    public Matrix result() {
      return Activations.transposed(Matrix.of(samples, outputs, linear.result()));
    }

    @Override
    public int bits() {
      return Byte.SIZE;
    }

    @Override
    public long bytes() {
      return linear.weights().length + 4L * outputs;
    }

    @Override
    public float[] weights() {
      return linear.weights();
    }

    @Override
    public double activationError(int column) {
      return activationError;
    }

    @Override
    public void close() {
      linear.close();
    }
  }
}
