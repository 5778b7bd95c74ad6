package compress.prune;

import compress.model.Mask;
import compress.model.Shape;

/**
 * All weights of an output stay or go as a whole: a filter of a convolution, a neuron of a matrix.
 * They become 0; the network keeps its shape, and biases stay.
 *
 * @param by what stands for an output's weights
 * @see <a href="https://arxiv.org/abs/1608.08710">Li et al. 2017</a>, filters by their L1 norm
 */
public record Row(GroupScore by) implements SparsityPattern {
  @Override
  public String name() {
    return "row" + by.suffix();
  }

  @Override
  public int columnsAtOnce(Shape shape) {
    return 0;
  }

  @Override
  public void requireSuits(Shape shape) {
    if (shape.rank() < 2) {
      throw new IllegalArgumentException(shape + " has no rows; use unstructured");
    }
  }

  @Override
  public Mask project(float[] scores, Shape shape, double sparsity) {
    requireSuits(shape);
    return tiles(shape).project(scores, shape, sparsity, by);
  }

  @Override
  public boolean admits(Mask mask) {
    return mask.shape().rank() >= 2 && tiles(mask.shape()).admit(mask);
  }

  private static Tiles tiles(Shape shape) {
    return Tiles.of(shape, 1, shape.size() == 0 ? 1 : (int) (shape.size() / shape.dim(0)));
  }
}
