package compress.encode;

import java.util.Arrays;

/**
 * The values of the kept entries of a matrix, each as the bits of a number, highest first. The bits
 * are predicted from those before them together with the values of kept neighbours and the averages
 * of the row and the column so far: neighbouring inputs have similar weights.
 */
final class ValueModel {
  // Contexts: none, the value before in the row, the one above in the column, the one a period
  // before, averages of row and column, the one to the left, the last two together.
  private static final int CONTEXTS = 8;
  private static final int LEVELS = 9;
  private static final int MEMORY = 400;

  private final int rows;
  private final int columns;
  private final int period;
  private final int bits;
  private final byte[] mask;
  private final char[] values;
  private final float[] inputs = new float[CONTEXTS];
  private final Adaptive[] tables = new Adaptive[CONTEXTS];
  private final int[] slots = new int[CONTEXTS];
  private final int[] contexts = new int[CONTEXTS];
  private final Mixer mixer;
  private final Mixer byNode;
  private final long[] columnSum;
  private final int[] columnCount;
  private final int[] columnLast;

  /**
   * @param matrix whose kept entries' values are coded, or filled in by decoding
   * @param period as in {@link MaskModel}
   * @param bits of a value
   */
  ValueModel(Matrix matrix, int period, int bits) {
    this.rows = matrix.rows();
    this.columns = matrix.columns();
    this.period = period;
    this.bits = bits;
    this.mask = matrix.mask();
    this.values = matrix.values();
    int nodes = 1 << bits;
    for (int t = 0; t < CONTEXTS; t++) {
      int contexts = t == 0 ? 1 : t == CONTEXTS - 1 ? LEVELS * LEVELS : LEVELS;
      tables[t] = new Adaptive(nodes * contexts, t == 0 ? 1023 : MEMORY);
    }
    mixer = new Mixer(CONTEXTS, 1, 0.2f, 0.006f).start(0, 1);
    byNode = new Mixer(CONTEXTS, nodes, 0.2f, 0.012f).start(0, 1);
    columnSum = new long[columns];
    columnCount = new int[columns];
    columnLast = new int[columns];
    Arrays.fill(columnLast, -1);
  }

  void code(BitCoder coder) {
    for (int r = 0; r < rows; r++) {
      int last = -1;
      long sum = 0;
      int count = 0;
      for (int c = 0; c < columns; c++) {
        int at = r * columns + c;
        if (mask[at] == 0) {
          continue;
        }
        contexts[1] = level(last);
        contexts[2] = level(columnLast[c]);
        int up = period > 0 ? first(r, c - period, c - period + 1, c - period - 1) : -1;
        contexts[3] = level(up);
        contexts[4] = average(sum, count);
        contexts[5] = average(columnSum[c], columnCount[c]);
        int left = first(r, c - 1, c - 2, c - 3);
        contexts[6] = level(left);
        contexts[7] = level(left) * LEVELS + level(up >= 0 ? up : last);
        int value = code(coder, values[at]);
        values[at] = (char) value;
        last = value;
        sum += value;
        count++;
        columnSum[c] += value;
        columnCount[c]++;
        columnLast[c] = value;
      }
    }
  }

  /** The first value that is kept at one of three columns of a row; -1 for none. */
  private int first(int r, int c1, int c2, int c3) {
    return at(r, c1) >= 0 ? at(r, c1) : at(r, c2) >= 0 ? at(r, c2) : at(r, c3);
  }

  private int at(int r, int c) {
    int at = r * columns + c;
    return c >= 0 && c < columns && mask[at] != 0 ? values[at] : -1;
  }

  private int level(int value) {
    return value < 0 ? 0 : 1 + (value << 3 >>> bits);
  }

  private int average(long sum, int count) {
    return count < 2 ? 0 : 1 + (int) (sum * 8 / count >>> bits);
  }

  private int code(BitCoder coder, int value) {
    int node = 1;
    for (int b = bits - 1; b >= 0; b--) {
      node = node << 1 | code(coder, node, value >>> b & 1);
    }
    return node - (1 << bits);
  }

  private int code(BitCoder coder, int node, int bit) {
    slots[0] = node;
    float odds = Logistic.stretch(tables[0].probability(node));
    inputs[0] = odds;
    for (int t = 1; t < CONTEXTS; t++) {
      slots[t] = contexts[t] << bits | node;
      inputs[t] = tables[t].evidence(slots[t], odds, 4);
    }
    float x = mixer.mix(inputs, 0);
    float y = byNode.mix(inputs, node);
    int coded = coder.code(bit, Logistic.coded(Logistic.squash((x + y) / 2)));
    mixer.update(inputs, 0, Logistic.squash(x), coded);
    byNode.update(inputs, node, Logistic.squash(y), coded);
    for (int t = 0; t < CONTEXTS; t++) {
      tables[t].update(slots[t], coded);
    }
    return coded;
  }
}
