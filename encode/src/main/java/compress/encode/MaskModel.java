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
  private static final int INPUTS = 10;
  private static final int RATE_LIMIT = 255;

  private final int rows;
  private final int columns;
  private final int period;
  private final byte[] mask;
  // Kept entries in each column above the row being coded.
  private final int[] inColumn;
  private final int[] inRow;
  private final float[] inputs = new float[INPUTS];
  private final Adaptive overall = new Adaptive(1, 1023);
  private final Adaptive near = new Adaptive(1 << 9, RATE_LIMIT);
  private final Adaptive densities = new Adaptive(16 * 16, RATE_LIMIT);
  private final Adaptive mixed = new Adaptive(16 * 16 * 4, RATE_LIMIT);
  private final Mixer mixer = new Mixer(INPUTS, 1, 0.25f, 0.002f).start(0, 1);
  private final Mixer byRow = new Mixer(INPUTS, 16, 0.25f, 0.004f).start(0, 1);

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
    int p0 = overall.probability(0);
    float base = p0 / 65_536f;
    float odds = Logistic.stretch(p0);
    int left = at(r, c - 1) + at(r, c - 2);
    int nearColumns = column(c - 1) + column(c + 1);
    int farColumns = column(c - period) + column(c + period);
    float byColumn = share(inColumn[c], r, base, 1.5f);
    float byRowSoFar = share(inRow[r], c, base, 8);
    float byAround =
        share(
            2 * inColumn[c] + nearColumns + (period > 0 ? farColumns : 0),
            (period > 0 ? 6 : 4) * r,
            base,
            4);
    inputs[0] = odds;
    inputs[1] = Logistic.stretch(byColumn) - odds;
    inputs[2] = Logistic.stretch(byRowSoFar) - odds;
    inputs[3] = Logistic.stretch(byAround) - odds;
    int nearBits =
        at(r, c - 1)
            | at(r, c - 2) << 1
            | at(r - 1, c) << 2
            | at(r - 1, c - 1) << 3
            | at(r - 1, c + 1) << 4
            | (period > 0
                    ? at(r, c - period) | at(r, c - period - 1) << 1 | at(r, c - period + 1) << 2
                    : 0)
                << 5;
    inputs[4] = input(near, nearBits, odds);
    int columnLevel = level(byAround, base);
    int rowLevel = level(byRowSoFar, base);
    int densityContext = columnLevel << 4 | rowLevel;
    inputs[5] = input(densities, densityContext, odds);
    int around = at(r, c - 1) + (period > 0 ? at(r, c - period) : at(r, c - 2));
    int mixedContext = (densityContext << 2) | Math.min(3, around);
    inputs[6] = input(mixed, mixedContext, odds);
    float rowAbove = r > 0 ? share(inRow[r - 1], columns, base, 8) : base;
    inputs[7] = c < 32 ? Logistic.stretch(rowAbove) - odds : 0;
    inputs[8] = left * 0.5f;
    inputs[9] = 0.3f;
    float x = mixer.mix(inputs, 0);
    int set = columnLevel;
    float y = byRow.mix(inputs, set);
    float px = Logistic.squash(x);
    float py = Logistic.squash(y);
    float p = Logistic.squash((x + y) / 2);
    int coded = coder.code(bit, Logistic.coded(p));
    mixer.update(inputs, 0, px, coded);
    byRow.update(inputs, set, py, coded);
    overall.update(0, coded);
    near.update(nearBits, coded);
    densities.update(densityContext, coded);
    mixed.update(mixedContext, coded);
    return coded;
  }

  private static float input(Adaptive table, int slot, float odds) {
    int n = table.count(slot);
    return (Logistic.stretch(table.probability(slot)) - odds) * n / (n + 1.5f);
  }

  private static float share(int ones, int of, float base, float weight) {
    return (ones + weight * base) / (of + weight);
  }

  /** A share's place among 16 steps around the base, each a factor of about 1.5. */
  private static int level(float share, float base) {
    float x = Logistic.stretch(share) - Logistic.stretch(base);
    return Math.clamp((int) (x * 2.2f + 8.5f), 0, 15);
  }
}
