package compress.prune;

import compress.model.Mask;
import compress.model.Shape;
import java.util.BitSet;

/**
 * Every row is cut into banks of {@code width} neighbours, and each bank keeps equally many: {@code
 * width - rint(width * sparsity)}, the best of it. So each piece of a row costs a kernel the same.
 * The last bank of a row may be shorter, and keeps the same share, rounded; a row narrower than
 * {@code width} is one such bank. Equal scores keep the lower index.
 *
 * @see <a href="https://arxiv.org/abs/1811.00206">Yao et al. 2019</a>, section 3
 */
public record Bank(int width) implements SparsityPattern {
  public Bank {
    if (width < 2) {
      throw new IllegalArgumentException("a bank has at least 2 weights, not " + width);
    }
  }

  @Override
  public String name() {
    return "bank:" + width;
  }

  @Override
  public int columnsAtOnce(Shape shape) {
    return width;
  }

  @Override
  public void requireSuits(Shape shape) {
    if (shape.rank() < 2) {
      throw new IllegalArgumentException(shape + " has no rows to cut; use unstructured");
    }
  }

  @Override
  public Mask project(float[] scores, Shape shape, double sparsity) {
    requireSuits(shape);
    int removed = (int) SparsityPattern.removed(width, sparsity);
    BitSet kept = new BitSet();
    Best best = new Best(scores, kept);
    int columns = columns(shape);
    for (int at = 0; at < shape.size(); at += columns) {
      for (int c = 0; c < columns; c += width) {
        int length = Math.min(width, columns - c);
        int keep =
            length == width
                ? width - removed
                : length - (int) SparsityPattern.removed(length, sparsity);
        best.keep(keep, at + c, 1, length);
      }
    }
    return Mask.of(shape, kept);
  }

  @Override
  public boolean admits(Mask mask) {
    int columns = columns(mask.shape());
    int last = columns % width;
    int whole = -1;
    int rest = -1;
    for (int at = 0; at < mask.shape().size(); at += columns) {
      for (int c = 0; c < columns; c += width) {
        int length = Math.min(width, columns - c);
        int kept = 0;
        for (int i = 0; i < length; i++) {
          kept += mask.keeps(at + c + i) ? 1 : 0;
        }
        int before = length == width ? whole : rest;
        if (before >= 0 && before != kept) {
          return false;
        }
        if (length == width) {
          whole = kept;
        } else {
          rest = kept;
        }
      }
    }
    // The same share, each rounded: at most half a weight off on either side.
    return whole < 0 || rest < 0 || Math.abs(2L * rest * width - 2L * whole * last) <= width + last;
  }

  private static int columns(Shape shape) {
    return shape.size() == 0 ? 1 : Math.toIntExact(shape.size() / shape.dim(0));
  }
}
