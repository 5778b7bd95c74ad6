package compress.prune;

import compress.model.Mask;
import compress.model.Shape;

/**
 * Kernels of convolutions stay or go as wholes: all weights between one input channel and one
 * output channel. The share is that of the kernels. Matrices have none.
 *
 * @param by what stands for a kernel's weights
 * @see <a href="https://arxiv.org/abs/1512.08571">Anwar et al. 2015</a>, kernel level
 */
public record Kernels(GroupScore by) implements SparsityPattern {
  @Override
  public String name() {
    return "kernel" + by.suffix();
  }

  @Override
  public int columnsAtOnce(Shape shape) {
    return size(shape) * Math.max(1, 128 / size(shape));
  }

  @Override
  public void requireSuits(Shape shape) {
    if (shape.rank() < 3) {
      throw new IllegalArgumentException(
          shape + " is no convolution, so it has no kernels; give it another pattern");
    }
  }

  @Override
  public Mask project(float[] scores, Shape shape, double sparsity) {
    requireSuits(shape);
    return Tiles.of(shape, 1, size(shape)).project(scores, shape, sparsity, by);
  }

  @Override
  public boolean admits(Mask mask) {
    return mask.shape().rank() >= 3 && Tiles.of(mask.shape(), 1, size(mask.shape())).admit(mask);
  }

  /** Weights of one kernel. */
  static int size(Shape shape) {
    long size = 1;
    for (int axis = 2; axis < shape.rank(); axis++) {
      size *= shape.dim(axis);
    }
    return Math.toIntExact(Math.max(1, size));
  }
}
