package compress.prune;

import compress.model.Mask;
import compress.model.Shape;

/**
 * Blocks of {@code rows} outputs by {@code columns} neighbours in a row stay or go as wholes. The
 * share is that of the blocks. Blocks at the edge of a matrix that they do not divide are smaller.
 *
 * @param by what stands for a block's weights
 * @see <a href="https://arxiv.org/abs/1711.02782">Narang et al. 2017</a>, block-sparse networks
 */
public record Block(int rows, int columns, GroupScore by) implements SparsityPattern {
  public Block {
    if (rows < 1 || columns < 1 || (long) rows * columns < 2 || (long) rows * columns > 1 << 20) {
      throw new IllegalArgumentException(
          "a block has from 2 to 1,048,576 weights, not %d x %d".formatted(rows, columns));
    }
  }

  @Override
  public String name() {
    return "block:%dx%d%s".formatted(rows, columns, by.suffix());
  }

  @Override
  public int columnsAtOnce(Shape shape) {
    return columns * Math.max(1, 128 / columns);
  }

  @Override
  public void requireSuits(Shape shape) {
    if (shape.rank() < 2) {
      throw new IllegalArgumentException(shape + " is no matrix; use unstructured");
    }
  }

  @Override
  public Mask project(float[] scores, Shape shape, double sparsity) {
    requireSuits(shape);
    return Tiles.of(shape, rows, columns).project(scores, shape, sparsity, by);
  }

  @Override
  public boolean admits(Mask mask) {
    return Tiles.of(mask.shape(), rows, columns).admit(mask);
  }
}
