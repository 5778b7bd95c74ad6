package compress.kernels;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The weights that are not zero, two rows in step, slab of columns by slab (SELL-C-σ with C = 2).
 * In each window of {@value #WINDOW} rows and each slab, rows are sorted by how many weights they
 * have there, and neighbours of that order make a pair; the shorter of a pair is filled up with
 * zeros. Neighbouring pairs are of nearly the same length, so a processor foresees where each ends.
 * Rows of a balanced pattern are all of the same length: nothing is filled up.
 *
 * <p>Positions and values are arrays on the heap: the loop that reads them has no check left, where
 * one that reads memory outside the heap keeps so many that it runs out of registers.
 *
 * @param slabWidth columns of a slab; narrow enough and its activations stay in the first cache
 * @param pairs {@code [slab][pair]}: the rows of a pair, the first in the low 16 bits, counted from
 *     the first row of the window; a row without a partner is its own
 * @param starts {@code [slab][pair]}, then the end: where a pair's entries begin
 * @param positions for each entry of a pair the columns of both rows, counted from the first of the
 *     slab, the first row's in the low 16 bits; ascending; 0 for the filling
 * @param values two for each entry
 * @see <a href="https://doi.org/10.1137/130930352">Kreutzer et al. 2014</a>, section 3
 */
public record Sell(
    String pattern,
    int rows,
    int columns,
    int slabWidth,
    int[] pairs,
    int[] starts,
    int[] positions,
    float[] values,
    long nonZeros)
    implements Layout {
  /** Rows that are sorted together. */
  public static final int WINDOW = 128;

  /** Weights that a row should have in a slab, for its sums to be worth loading and storing. */
  private static final int WORTH = 26;

  /** Columns whose activations, four vectors of each, fill the first cache of common machines. */
  private static final int NARROWEST_SLAB = 128;

  private static final int WIDEST_SLAB = 1 << 16;

  /** Slabs as wide as the share of weights that are not zero suggests. */
  public static Sell pack(WeightMatrix w) {
    return pack("unstructured", w, 1);
  }

  /** For weights whose rows keep as many in each run of {@code run} columns: slabs are of runs. */
  public static Sell pack(String pattern, WeightMatrix w, int run) {
    int width = slabWidth(w, run);
    int windows = Math.ceilDiv(w.rows(), WINDOW);
    int slabs = Math.ceilDiv(w.columns(), width);
    int perSlab = pairsBefore(w.rows(), windows);
    int[] pairs = new int[slabs * perSlab];
    int[] starts = new int[slabs * perSlab + 1];
    int[] positions = new int[16];
    float[] values = new float[32];
    int at = 0;
    int pair = 0;
    for (int s = 0; s < slabs; s++) {
      int from = s * width;
      int to = Math.min(w.columns(), from + width);
      int[] lengths = lengths(w, from, to);
      for (int first = 0; first < w.rows(); first += WINDOW) {
        int[] order = byLength(lengths, first, Math.min(w.rows(), first + WINDOW));
        for (int i = 0; i < order.length; i += 2) {
          int a = order[i];
          int b = order[Math.min(i + 1, order.length - 1)];
          pairs[pair] = a - first | (b - first) << 16;
          starts[pair++] = at;
          int length = Math.max(lengths[a], lengths[b]);
          if (at + length > positions.length) {
            positions = Arrays.copyOf(positions, Math.max(at + length, 2 * positions.length));
            values = Arrays.copyOf(values, 2 * positions.length);
          }
          put(w, a, from, to, at, 0, positions, values);
          if (a != b) {
            put(w, b, from, to, at, 1, positions, values);
          }
          at += length;
        }
      }
    }
    starts[pair] = at;
    return new Sell(
        pattern,
        w.rows(),
        w.columns(),
        width,
        pairs,
        starts,
        Arrays.copyOf(positions, at),
        Arrays.copyOf(values, 2 * at),
        w.nonZeros());
  }

  private static int slabWidth(WeightMatrix w, int run) {
    double density = (w.nonZeros() + 1.0) / w.values().length;
    double worth = Math.clamp(WORTH / density, NARROWEST_SLAB, WIDEST_SLAB);
    int runs = (int) Math.max(1, Math.round(worth / run));
    return Math.min(Math.min(WIDEST_SLAB / run, runs) * run, w.columns());
  }

  /** How many weights of each row are not zero in these columns. */
  private static int[] lengths(WeightMatrix w, int from, int to) {
    int[] lengths = new int[w.rows()];
    for (int r = 0; r < lengths.length; r++) {
      for (int c = from; c < to; c++) {
        lengths[r] += w.at(r, c) != 0 ? 1 : 0;
      }
    }
    return lengths;
  }

  /** Rows of a window, shortest first; of equal ones the upper first. */
  private static int[] byLength(int[] lengths, int firstRow, int endRow) {
    return IntStream.range(firstRow, endRow)
        .boxed()
        .sorted(Comparator.comparingInt(r -> lengths[r]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static void put(
      WeightMatrix w, int row, int from, int to, int at, int half, int[] positions, float[] v) {
    for (int c = from; c < to; c++) {
      if (w.at(row, c) != 0) {
        positions[at] |= c - from << 16 * half;
        v[2 * at + half] = w.at(row, c);
        at++;
      }
    }
  }

  /** Pairs in the first {@code windows} windows of a slab of so many rows. */
  private static int pairsBefore(int rows, int windows) {
    int whole = Math.min(windows, rows / WINDOW);
    int rest = windows > whole ? Math.ceilDiv(rows % WINDOW, 2) : 0;
    return whole * (WINDOW / 2) + rest;
  }

  public int slabs() {
    return Math.ceilDiv(columns, slabWidth);
  }

  /** The first pair of a window; of the window after the last, the slab's end. */
  public int pairAt(int slab, int window) {
    int windows = Math.ceilDiv(rows, WINDOW);
    return slab * pairsBefore(rows, windows) + pairsBefore(rows, window);
  }

  @Override
  public long bytes() {
    return 4L * pairs.length + 4L * starts.length + 4L * positions.length + 4L * values.length;
  }

  @Override
  public int bits() {
    return 32;
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows * columns];
    for (int s = 0; s < slabs(); s++) {
      for (int window = 0; window * WINDOW < rows; window++) {
        for (int p = pairAt(s, window); p < pairAt(s, window + 1); p++) {
          int a = window * WINDOW + (pairs[p] & 0xffff);
          int b = window * WINDOW + (pairs[p] >>> 16);
          for (int i = starts[p]; i < starts[p + 1]; i++) {
            add(w, a, s * slabWidth + (positions[i] & 0xffff), values[2 * i]);
            add(w, b, s * slabWidth + (positions[i] >>> 16), values[2 * i + 1]);
          }
        }
      }
    }
    return w;
  }

  /** The filling adds nothing, wherever it points. */
  private void add(float[] w, int row, int column, float value) {
    if (value != 0) {
      w[row * columns + column] = value;
    }
  }
}
