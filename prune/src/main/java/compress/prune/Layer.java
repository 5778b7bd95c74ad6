package compress.prune;

import compress.model.Shape;
import java.util.function.Supplier;

/**
 * One tensor to be pruned, as an {@link Allocation} sees it.
 *
 * @param shape with outputs first
 * @param weights in that order, row-major; may be computed at each call, and must not be changed
 * @param scores what the {@link Criterion} gives for the weights; likewise
 */
public record Layer(String name, Shape shape, Supplier<float[]> weights, Supplier<float[]> scores) {
  /** How many weights it has. */
  public long size() {
    return shape.size();
  }
}
