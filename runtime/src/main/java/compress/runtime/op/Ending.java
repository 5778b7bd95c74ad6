package compress.runtime.op;

import compress.kernels.Epilogue;
import compress.kernels.Matrix;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What follows a product: bias, residual, activation, from the inputs and attributes that fusion
 * gave a node. What a kernel's epilogue can do is done there, the rest afterwards.
 */
final class Ending {
  /** The domain of nodes that fusion made. */
  static final String DOMAIN = "compress.fused";

  /** The attribute that names the function at the end. */
  static final String ACTIVATION = "activation";

  private final float @Nullable [] bias;
  private final @Nullable Value lateBias;
  private final @Nullable Value residual;
  private final boolean residualFits;
  private final Epilogue.Activation activation;
  private final int axis;

  private Ending(
      float @Nullable [] bias,
      @Nullable Value lateBias,
      @Nullable Value residual,
      boolean residualFits,
      Epilogue.Activation activation,
      int axis) {
    this.bias = bias;
    this.lateBias = lateBias;
    this.residual = residual;
    this.residualFits = residualFits;
    this.activation = activation;
    this.axis = axis;
  }

  /**
   * @param y the result, whose axis {@code axis} is that of the rows and lies outside of all others
   */
  static Ending of(Call call, Value y, int biasInput, int residualInput, int axis) {
    float[] bias = null;
    Value late = null;
    if (call.has(biasInput)) {
      Value b = call.in(biasInput);
      if (b.isKnown() && b.size() == y.dim(axis) && b.rank() <= 1) {
        bias = b.tensor().toFloats();
      } else {
        late = b;
      }
    }
    Value residual = null;
    boolean fits = false;
    if (call.node().domain().equals(DOMAIN) && call.has(residualInput)) {
      residual = call.in(residualInput);
      fits = late == null && Arrays.equals(residual.shape(), y.shape());
      if (fits) {
        residual = call.relaid(residual, y.strides());
      }
    }
    String name = call.text(ACTIVATION, "NONE");
    return new Ending(bias, late, residual, fits, Epilogue.Activation.valueOf(name), axis);
  }

  /** Nothing follows. */
  static Ending none() {
    return new Ending(null, null, null, false, Epilogue.Activation.NONE, 0);
  }

  private boolean isDoneByKernel() {
    return lateBias == null && (residual == null || residualFits);
  }

  /** For rows {@code first} and on of the result. */
  Epilogue epilogue(int first, int rows, int columns) {
    float[] part = bias == null ? null : Arrays.copyOfRange(bias, first, first + rows);
    Matrix added = null;
    if (residual != null && residualFits) {
      long at = 4L * first * columns;
      added = new Matrix(residual.data().asSlice(at), rows, columns);
    }
    return new Epilogue(part, added, isDoneByKernel() ? activation : Epilogue.Activation.NONE);
  }

  /** Plans what a kernel's epilogue did not do, and makes the result output 0. */
  void finish(Call call, Value y) {
    if (isDoneByKernel()) {
      call.alias(0, y);
    } else {
      end(call, y, false);
    }
  }

  /** Plans all of it, for a product that no kernel computed, and makes the result output 0. */
  void finishAll(Call call, Value y) {
    end(call, y, true);
  }

  private void end(Call call, Value y, boolean all) {
    if (all && bias != null) {
      Tensor tensor = Tensor.of(Shape.of(bias.length), bias);
      add(call, y, alongAxis(call, Value.constant(tensor), y), y);
    }
    if (lateBias != null) {
      add(call, y, alongAxis(call, lateBias, y), y);
    }
    Value to = y;
    if (residual != null && (all || !residualFits)) {
      int[] shape = Layouts.broadcast(call, y.shape(), residual.shape());
      to = Arrays.equals(shape, y.shape()) ? y : call.scratch(Value.of(y.type(), shape));
      add(call, y, residual, to);
    }
    activate(call, to);
    call.alias(0, to);
  }

  /** A vector turned so that it broadcasts along the axis of the rows. */
  private Value alongAxis(Call call, Value vector, Value y) {
    if (vector.rank() > 1) {
      return vector;
    }
    int[] shape = new int[y.rank()];
    Arrays.fill(shape, 1);
    shape[axis < 0 ? axis + y.rank() : axis] = (int) vector.size();
    return call.dense(vector).reshaped(shape).orElseThrow();
  }

  private static void add(Call call, Value a, Value b, Value y) {
    call.work(Pointwise.binary(call, a, b, y, Arithmetic::add, Double::sum, Long::sum));
  }

  private void activate(Call call, Value y) {
    switch (activation) {
      case NONE -> {}
      case RELU ->
          call.work(
              Pointwise.unary(
                  call, y, y, Pointwise.loop(v -> Math.max(0, v)), v -> Math.max(0, v), null));
      case RELU6 ->
          call.work(
              Pointwise.unary(
                  call,
                  y,
                  y,
                  Pointwise.loop(v -> Math.min(6, Math.max(0, v))),
                  v -> Math.min(6, Math.max(0, v)),
                  null));
    }
  }
}
