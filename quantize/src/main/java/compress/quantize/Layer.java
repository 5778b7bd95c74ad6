package compress.quantize;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Weight;
import java.util.Optional;

/**
 * The weights of one tensor and what they are for.
 *
 * @param weights row-major, finite
 * @param type that the network computes in
 * @param outputAxis the axis along which weights belong to different outputs, -1 if there is none
 * @param importance how much a squared error of each weight matters, not negative; absent if all
 *     matter alike
 */
public record Layer(
    float[] weights, Shape shape, DType type, int outputAxis, Optional<float[]> importance) {
  /** Weights that all matter alike. */
  public Layer(float[] weights, Shape shape, DType type, int outputAxis) {
    this(weights, shape, type, outputAxis, Optional.empty());
  }

  /** Of a network that computes in F32, its outputs along the first axis. */
  public static Layer of(Shape shape, float... weights) {
    return new Layer(weights, shape, DType.F32, 0);
  }

  /** With the weights as they are now. */
  static Layer of(Weight weight) {
    return new Layer(
        weight.param().values().toFloats(),
        weight.param().shape(),
        weight.param().type(),
        weight.outputAxis());
  }

  /** The same weights, which matter so much. */
  Layer mattering(float[] importances) {
    return new Layer(weights, shape, type, outputAxis, Optional.of(importances));
  }

  /** Other weights in the same place; how much each matters stays. */
  Layer with(float[] now) {
    return new Layer(now, shape, type, outputAxis, importance);
  }
}
