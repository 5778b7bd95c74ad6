package compress.train.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch's dynamically quantized product {@code y = x Wᵀ}: weights of 8 bits with a scale for
 * each row, activations rounded to 8 bits with one scale for all of them in each product. Its x86
 * engine takes FBGEMM or oneDNN.
 */
public final class Int8Linear implements AutoCloseable {
  private final Tensor x;
  private final IValue packed;
  private final float[] weights;
  private final OperatorHandle operator;
  private final int threads;

  /**
   * @param weights {@code [rows, columns]}, quantized and packed here
   * @param x {@code [n, columns]}, copied
   * @throws IllegalStateException if libtorch is not there, or was built without such a product
   */
  public Int8Linear(float[] weights, int rows, int columns, float[] x, int n, int threads) {
    Libtorch.load(threads);
    this.threads = threads;
    try (PointerScope _ = new PointerScope()) {
      torch.globalContext().setQEngine(torch.QEngine.X86);
      Tensor codes = quantize(Libtorch.floats(weights, rows, columns));
      this.weights = Libtorch.toFloats(codes.dequantize());
      IValueVector stack = new IValueVector();
      stack.push_back(new IValue(codes));
      stack.push_back(new IValue());
      find("quantized::linear_prepack").callBoxed(stack);
      this.packed = new IValue(stack.get(0));
      this.x = Libtorch.floats(x, n, columns);
      this.operator = find("quantized::linear_dynamic");
      product();
      // Held beyond the scope, until closed.
      packed.retainReference();
      this.x.retainReference();
      operator.retainReference();
    } catch (RuntimeException e) {
      // libtorch's own words end with its stack of calls.
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IllegalStateException("no 8-bit product in this libtorch: " + reason, e);
    }
  }

  /** Codes from -127 to 127, the largest magnitude of a row being 127. */
  private static Tensor quantize(Tensor w) {
    Tensor scales =
        w.abs().amax(new long[] {1}, false).clamp_min(new Scalar(1e-30f)).div(new Scalar(127f));
    Tensor zeros = Libtorch.zeros(ScalarType.Long, w.size(0));
    return torch.quantize_per_channel(w, scales.to(ScalarType.Double), zeros, 0, ScalarType.QInt8);
  }

  private static OperatorHandle find(String name) {
    return Dispatcher.singleton().findSchemaOrThrow(name, "");
  }

  /** In the scope that is open. */
  private Tensor product() {
    IValueVector stack = new IValueVector();
    stack.push_back(new IValue(x));
    stack.push_back(packed);
    stack.push_back(new IValue(false));
    operator.callBoxed(stack);
    return stack.get(0).toTensor();
  }

  /** Multiplies once, and keeps nothing. */
  public void multiply() {
    try (PointerScope _ = new PointerScope()) {
      Libtorch.load(threads);
      product();
    }
  }

  /** The product, {@code [n, rows]}. */
  public float[] result() {
    try (PointerScope _ = new PointerScope()) {
      return Libtorch.toFloats(product());
    }
  }

  /** The weights as they are stored, row-major. */
  public float[] weights() {
    return weights;
  }

  @Override
  public void close() {
    packed.releaseReference();
    x.releaseReference();
    operator.releaseReference();
  }
}
