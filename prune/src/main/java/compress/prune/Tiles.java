package compress.prune;

import compress.model.Mask;
import compress.model.Shape;
import java.util.BitSet;

/**
 * A matrix cut into tiles that stay or go as wholes. Tiles at the right and lower edge may be
 * smaller. They are numbered row-major.
 *
 * @param rows of the matrix
 * @param columns of the matrix
 */
record Tiles(int rows, int columns, int tileRows, int tileColumns) {
  /** A tensor's rows are what its first axis counts. */
  static Tiles of(Shape shape, int tileRows, int tileColumns) {
    int rows = shape.size() == 0 ? 0 : Math.toIntExact(shape.dim(0));
    int columns = rows == 0 ? 0 : Math.toIntExact(shape.size() / rows);
    return new Tiles(rows, columns, Math.max(1, tileRows), Math.max(1, tileColumns));
  }

  private int across() {
    return Math.ceilDiv(columns, tileColumns);
  }

  private int count() {
    return across() * Math.ceilDiv(rows, tileRows);
  }

  private int first(int tile) {
    return tile / across() * tileRows * columns + tile % across() * tileColumns;
  }

  private int height(int tile) {
    return Math.min(tileRows, rows - tile / across() * tileRows);
  }

  private int width(int tile) {
    return Math.min(tileColumns, columns - tile % across() * tileColumns);
  }

  /** Removes the share {@code sparsity} of the tiles, the lowest; of equal ones the last. */
  Mask project(float[] scores, Shape shape, double sparsity, GroupScore by) {
    float[] worth = new float[count()];
    for (int t = 0; t < worth.length; t++) {
      worth[t] = by.of(scores, first(t), height(t), columns, width(t));
    }
    Mask tiles = new Unstructured().project(worth, Shape.of(worth.length), sparsity);
    BitSet kept = new BitSet();
    for (int t = 0; t < worth.length; t++) {
      if (tiles.keeps(t)) {
        for (int r = 0; r < height(t); r++) {
          int from = first(t) + r * columns;
          kept.set(from, from + width(t));
        }
      }
    }
    return Mask.of(shape, kept);
  }

  /** Whether each tile is kept whole or not at all. */
  boolean admit(Mask mask) {
    for (int t = 0; t < count(); t++) {
      boolean keeps = mask.keeps(first(t));
      for (int r = 0; r < height(t); r++) {
        for (int c = 0; c < width(t); c++) {
          if (mask.keeps(first(t) + r * columns + c) != keeps) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
