package compress.encode;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The lengths of an optimal prefix code no word of which is longer than a limit, by package-merge:
 * a list of symbols by count, merged as often as the limit allows with pairs of the list before.
 *
 * @see <a href="https://doi.org/10.1145/79147.79150">Larmore and Hirschberg 1990, A fast algorithm
 *     for optimal length-limited Huffman codes</a>
 */
final class HuffmanLengths {
  private HuffmanLengths() {}

  /**
   * The length of each symbol's code, 0 for a symbol that does not occur. A lone symbol has length
   * 0 too: nothing needs to be said of it. Equal counts give the lower symbol the shorter code.
   *
   * @throws IllegalArgumentException if {@code limit} bits cannot tell the symbols apart
   */
  static byte[] of(long[] counts, int limit) {
    byte[] lengths = new byte[counts.length];
    int[] leaves =
        IntStream.range(0, counts.length)
            .filter(s -> counts[s] > 0)
            .boxed()
            // Rarest first; of equals the higher symbol, which then gets the longer code.
            .sorted(
                Comparator.<Integer>comparingLong(s -> counts[s])
                    .thenComparing(Comparator.reverseOrder()))
            .mapToInt(s -> s)
            .toArray();
    if (leaves.length < 2) {
      return lengths;
    }
    if (leaves.length > 1L << limit) {
      throw new IllegalArgumentException(
          leaves.length + " symbols need codes of more than " + limit + " bits");
    }
    long[] weights = Arrays.stream(leaves).mapToLong(s -> counts[s]).toArray();
    boolean[][] isLeaf = merge(weights, limit);
    // Of the last list the cheapest 2n - 2 items are bought; a pair buys its two from the list
    // before. Every purchase of a leaf makes its code one bit longer.
    int bought = 2 * leaves.length - 2;
    for (int level = limit - 1; level >= 0 && bought > 0; level--) {
      int boughtLeaves = 0;
      for (int i = 0; i < bought; i++) {
        boughtLeaves += isLeaf[level][i] ? 1 : 0;
      }
      for (int i = 0; i < boughtLeaves; i++) {
        lengths[leaves[i]]++;
      }
      bought = 2 * (bought - boughtLeaves);
    }
    return lengths;
  }

  /** For each list, which of its items are leaves and which are pairs of the list before. */
  private static boolean[][] merge(long[] leaves, int limit) {
    boolean[][] isLeaf = new boolean[limit][];
    long[] before = {};
    for (int level = 0; level < limit; level++) {
      int pairs = before.length / 2;
      long[] list = new long[leaves.length + pairs];
      isLeaf[level] = new boolean[list.length];
      int leaf = 0;
      int pair = 0;
      for (int i = 0; i < list.length; i++) {
        long pairWeight = pair < pairs ? before[2 * pair] + before[2 * pair + 1] : Long.MAX_VALUE;
        isLeaf[level][i] = leaf < leaves.length && leaves[leaf] <= pairWeight;
        list[i] = isLeaf[level][i] ? leaves[leaf++] : pairWeight;
        pair += isLeaf[level][i] ? 0 : 1;
      }
      before = list;
    }
    return isLeaf;
  }
}
