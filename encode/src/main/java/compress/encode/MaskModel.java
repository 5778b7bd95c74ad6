package compress.encode;

/**
 * Which entries of a matrix are kept, by what is known of the entry's row, column and neighbours.
 * Pruning leaves rows and columns of very different density (inputs that are always 0, neurons that
 * matter little), and neighbouring inputs are kept or pruned alike.
 *
 * <p>Each source of knowledge predicts the bit; the predictions are mixed. A source's prediction is
 * how far it moves the log-odds away from those of the whole matrix so far.
 */
final class MaskModel {
  private static final int INPUTS = 5;
  private static final int LEVELS = 16;
  private static final int MEMORY = 255;

  private final int rows;
  private final int columns;
  private final int period;
  private final byte[] mask;
  // Kept entries in each column above the row being coded.
  private final int[] inColumn;
  private final int[] inRow;
  private final float[] inputs = new float[INPUTS];
  private final Adaptive overall = new Adaptive(1, 1023);
  private final Adaptive byNeighbours = new Adaptive(1 << 8, MEMORY);
  private final Adaptive byDensity = new Adaptive(LEVELS * LEVELS * 3, MEMORY);
  private final Mixer mixer = new Mixer(INPUTS, 1, 0.25f, 0.004f).start(0, 1);
  private final Mixer byLevel = new Mixer(INPUTS, LEVELS, 0.25f, 0.008f).start(0, 1);

  /**
   * @param matrix whose mask is coded, or filled in by decoding
   * @param period the distance, in columns, of entries that are neighbours in another direction: 28
   *     where columns are pixels of an image 28 wide; 0 for none
   */
  MaskModel(Matrix matrix, int period) {
    this.rows = matrix.rows();
    this.columns = matrix.columns();
    this.period = period;
    this.mask = matrix.mask();
    this.inColumn = new int[columns];
    this.inRow = new int[rows];
  }

  void code(BitCoder coder) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int at = r * columns + c;
        int bit = code(coder, r, c, mask[at]);
        mask[at] = (byte) bit;
        inRow[r] += bit;
      }
      for (int c = 0; c < columns; c++) {
        inColumn[c] += mask[r * columns + c];
      }
    }
  }

  private int at(int r, int c) {
    return r < 0 || c < 0 || c >= columns ? 0 : mask[r * columns + c];
  }

  private int column(int c) {
    return c < 0 || c >= columns ? 0 : inColumn[c];
  }

  private int code(BitCoder coder, int r, int c, int bit) {
    int share = overall.probability(0);
    float base = share / 65_536f;
    float odds = Logistic.stretch(share);
    float inThisColumn = share(inColumn[c], r, base, 1.5f);
    float inThisRow = share(inRow[r], c, base, 8);
    // The column weighs double; those beside it in either direction once.
    int around = 2 * inColumn[c] + column(c - 1) + column(c + 1);
    if (period > 0) {
      around += column(c - period) + column(c + period);
    }
    int columnLevel = level(share(around, (period > 0 ? 6 : 4) * r, base, 4), odds);
    int keptBeside = at(r, c - 1) + at(r, c - (period > 0 ? period : 2));
    int density = (columnLevel * LEVELS + level(inThisRow, odds)) * 3 + keptBeside;
    int neighbours = neighbours(r, c);
    inputs[0] = odds;
    inputs[1] = Logistic.stretch(inThisColumn) - odds;
    inputs[2] = Logistic.stretch(inThisRow) - odds;
    inputs[3] = byNeighbours.evidence(neighbours, odds, 1.5f);
    inputs[4] = byDensity.evidence(density, odds, 1.5f);
    float x = mixer.mix(inputs, 0);
    float y = byLevel.mix(inputs, columnLevel);
    int coded = coder.code(bit, Logistic.coded(Logistic.squash((x + y) / 2)));
    mixer.update(inputs, 0, Logistic.squash(x), coded);
    byLevel.update(inputs, columnLevel, Logistic.squash(y), coded);
    overall.update(0, coded);
    byNeighbours.update(neighbours, coded);
    byDensity.update(density, coded);
    return coded;
  }

  /** Left, above and, where there is a period, a period before: eight entries, a bit each. */
  private int neighbours(int r, int c) {
    int bits =
        at(r, c - 1)
            | at(r, c - 2) << 1
            | at(r - 1, c) << 2
            | at(r - 1, c - 1) << 3
            | at(r - 1, c + 1) << 4;
    if (period > 0) {
      bits |= at(r, c - period) << 5 | at(r, c - period - 1) << 6 | at(r, c - period + 1) << 7;
    }
    return bits;
  }

  /** The share of ones, as if {@code weight} entries more had been seen that are as the base. */
  private static float share(int ones, int of, float base, float weight) {
    return (ones + weight * base) / (of + weight);
  }

  /** A share's place among 16 steps around the base, each a factor of about 1.6 in odds. */
  private static int level(float share, float odds) {
    return Math.clamp((int) ((Logistic.stretch(share) - odds) * 2.2f + 8.5f), 0, LEVELS - 1);
  }
}
