package compress.kernels;

/**
 * Weights packed for a family of kernels. What is read as vectors lies outside the heap, on cache
 * lines; what is read one by one lies in arrays. Packing loses nothing: {@link #unpack} gives the
 * numbers that went in, except that a pruned -0 comes back as 0.
 *
 * <p>Most layouts keep {@value #TILE} rows together, one in each lane of the widest vector, so that
 * a product with one column needs no sum across lanes and reads memory in one stream. The last tile
 * is filled up with rows of zeros.
 */
public sealed interface Layout
    permits DenseTiles,
        Csr,
        Sell,
        Blocks,
        BankBalanced,
        NofM,
        Windows,
        Linear,
        Binary,
        BitPlanes,
        Shared,
        SharedCsr {
  /** Rows in a tile. */
  int TILE = 16;

  int rows();

  int columns();

  /** Bytes that one product reads of it. */
  long bytes();

  /** Products of a weight and an activation that are worth doing; padding is not counted. */
  long nonZeros();

  /** As the command line names it: {@code unstructured}, {@code block:8x1}, {@code dense}. */
  String pattern();

  /** Bits that a stored weight takes, without positions, scales and tables. */
  int bits();

  /** The weights, row-major. A fresh array. */
  float[] unpack();

  /** Tiles that {@code rows} fill. */
  static int tiles(int rows) {
    return Math.ceilDiv(rows, TILE);
  }
}
