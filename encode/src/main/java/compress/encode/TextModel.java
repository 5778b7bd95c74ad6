package compress.encode;

/**
 * Bytes by the bytes before them: each of the last zero to six bytes as context predicts the next
 * bit, and so does what followed the longest earlier repetition; the predictions are mixed.
 */
final class TextModel {
  private static final int ORDERS = 7;
  private static final int INPUTS = ORDERS + 2;
  private static final int MATCH_BYTES = 4;
  private static final int LONGEST = 24;
  private static final int MATCH_TABLE_BITS = 14;

  private static final int TABLE_BITS = 18;

  private final byte[] bytes;
  private final Adaptive[] tables = new Adaptive[ORDERS];
  private final int[] hashes = new int[ORDERS];
  private final int[] slots = new int[ORDERS];
  private final int[] lastAt;
  private final Adaptive matches;
  private final float[] inputs = new float[INPUTS];
  private final Mixer byOrder;
  private final Mixer byBits;
  private int matchAt;
  private int matchLength;

  /**
   * @param bytes to be coded, or filled in by decoding
   */
  TextModel(byte[] bytes) {
    this.bytes = bytes;
    for (int t = 0; t < ORDERS; t++) {
      tables[t] = new Adaptive(t < 2 ? 1 << 8 + 8 * t : 1 << TABLE_BITS, t < 2 ? 127 : 30);
    }
    lastAt = new int[1 << MATCH_TABLE_BITS];
    matches = new Adaptive(LONGEST + 1, 255);
    byOrder = new Mixer(INPUTS, ORDERS + 1, 0.3f, 0.015f);
    byBits = new Mixer(INPUTS, 256, 0.3f, 0.015f);
  }

  /**
   * A model that has learnt what {@code other} has.
   *
   * @param bytes start with those of {@code other}
   */
  TextModel(TextModel other, byte[] bytes) {
    this.bytes = bytes;
    for (int t = 0; t < ORDERS; t++) {
      tables[t] = other.tables[t].copy();
    }
    lastAt = other.lastAt.clone();
    matches = other.matches.copy();
    byOrder = other.byOrder.copy();
    byBits = other.byBits.copy();
    matchAt = other.matchAt;
    matchLength = other.matchLength;
  }

  void code(BitCoder coder, int from, int to) {
    for (int i = from; i < to; i++) {
      for (int order = 0; order < ORDERS; order++) {
        hashes[order] = hash(i, order);
      }
      findMatch(i);
      int node = 1;
      for (int b = 7; b >= 0; b--) {
        node = node << 1 | code(coder, node, bytes[i] >>> b & 1, i, b);
      }
      bytes[i] = (byte) node;
      matchLength = matchLength > 0 && bytes[matchAt] == bytes[i] ? matchLength + 1 : 0;
      matchAt++;
    }
  }

  private int hash(int end, int order) {
    int hash = order;
    for (int i = end - 1; i >= Math.max(0, end - order); i--) {
      hash = (hash + (bytes[i] & 0xff) + 1) * 0x2F0B4C47;
    }
    return hash;
  }

  private void findMatch(int i) {
    if (i < MATCH_BYTES) {
      return;
    }
    int slot = hash(i, MATCH_BYTES) >>> Integer.SIZE - MATCH_TABLE_BITS;
    if (matchLength == 0) {
      matchAt = lastAt[slot];
      while (matchAt > matchLength
          && matchLength < LONGEST
          && bytes[matchAt - 1 - matchLength] == bytes[i - 1 - matchLength]) {
        matchLength++;
      }
      matchLength = matchLength < MATCH_BYTES ? 0 : matchLength;
    }
    lastAt[slot] = i;
  }

  private int slot(int order, int node, int i) {
    return switch (order) {
      case 0 -> node;
      case 1 -> (i > 0 ? bytes[i - 1] & 0xff : 0) << 8 | node;
      default -> (hashes[order] + node * 0x9E3779B1) * 0x85EBCA6B >>> Integer.SIZE - TABLE_BITS;
    };
  }

  private int code(BitCoder coder, int node, int bit, int i, int b) {
    int known = 0;
    for (int t = 0; t < ORDERS; t++) {
      slots[t] = slot(t, node, i);
      int count = tables[t].count(slots[t]);
      inputs[t] = count == 0 ? 0 : Logistic.stretch(tables[t].probability(slots[t]));
      known = count > 0 ? t + 1 : known;
    }
    int length = Math.min(matchLength, LONGEST);
    // The repetition is of use as long as the bits so far are those it has.
    boolean follows = length > 0 && (bytes[matchAt] & 0xff | 0x100) >>> b + 1 == node;
    int expected = follows ? bytes[matchAt] >>> b & 1 : 0;
    float sure = follows ? Logistic.stretch(matches.probability(length)) : 0;
    inputs[ORDERS] = expected == 1 ? sure : -sure;
    inputs[ORDERS + 1] = 0.3f;
    float x = byOrder.mix(inputs, known);
    float y = byBits.mix(inputs, node);
    int coded = coder.code(bit, Logistic.coded(Logistic.squash((x + y) / 2)));
    byOrder.update(inputs, known, Logistic.squash(x), coded);
    byBits.update(inputs, node, Logistic.squash(y), coded);
    for (int t = 0; t < ORDERS; t++) {
      tables[t].update(slots[t], coded);
    }
    if (follows) {
      matches.update(length, coded == expected ? 1 : 0);
    }
    return coded;
  }
}
