package compress.encode;

import java.util.Arrays;

/**
 * Probabilities that follow what was seen: each is the share of ones among the bits coded with it,
 * older ones fading once there are more than a limit. Packed in an {@code int}: 22 bits of
 * probability above 10 of count.
 */
final class Adaptive {
  private static final int[] SHARE = new int[1024];

  static {
    // A bit's share in an average over n bits before it; half a bit each is assumed before all.
    for (int n = 0; n < SHARE.length; n++) {
      SHARE[n] = (int) (65_536 / (n + 1.6));
    }
  }

  private final int[] states;
  private final int limit;

  /**
   * @param limit of the count, at most 1,023
   */
  Adaptive(int size, int limit) {
    this.states = new int[size];
    this.limit = limit;
    Arrays.fill(states, 1 << 31);
  }

  private Adaptive(int[] states, int limit) {
    this.states = states;
    this.limit = limit;
  }

  Adaptive copy() {
    return new Adaptive(states.clone(), limit);
  }

  /** In units of 2^-16; within 0 and 65,535. */
  int probability(int slot) {
    return states[slot] >>> 16;
  }

  int count(int slot) {
    return states[slot] & 1023;
  }

  void update(int slot, int bit) {
    int state = states[slot];
    int n = state & 1023;
    int p = state >>> 10;
    int target = bit == 0 ? 0 : (1 << 22) - 1;
    p += (int) ((long) (target - p) * SHARE[n] >> 16);
    states[slot] = p << 10 | (n < limit ? n + 1 : n);
  }

  /**
   * How far a slot's log-odds are from {@code odds}, discounted while the slot has seen few bits.
   *
   * @param doubt the number of bits after which half of it counts
   */
  float evidence(int slot, float odds, float doubt) {
    int n = states[slot] & 1023;
    return (Logistic.stretch(states[slot] >>> 16) - odds) * n / (n + doubt);
  }

  /** Codes a bit with a slot's probability and lets the slot learn it. */
  int code(BitCoder coder, int slot, int bit) {
    int coded = coder.code(bit, Math.clamp(states[slot] >>> 16, 16, 65_520));
    update(slot, coded);
    return coded;
  }
}
