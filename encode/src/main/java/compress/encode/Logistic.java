package compress.encode;

/**
 * Probabilities in units of 2^-16 to log-odds and back, by tables that are the same on every
 * machine.
 */
final class Logistic {
  private static final float FARTHEST = 11.9f;
  private static final int STEPS = 8192;
  private static final float[] STRETCH = new float[1 << 16];
  private static final float[] SQUASH = new float[STEPS + 1];

  static {
    for (int p = 0; p < STRETCH.length; p++) {
      double share = (p + 0.5) / STRETCH.length;
      STRETCH[p] = (float) StrictMath.log(share / (1 - share));
    }
    for (int i = 0; i <= STEPS; i++) {
      double x = FARTHEST * (2.0 * i / STEPS - 1);
      SQUASH[i] = (float) (1 / (1 + StrictMath.exp(-x)));
    }
  }

  private Logistic() {}

  /** The log-odds of a probability from 0 to 65,535. */
  static float stretch(int probability) {
    return STRETCH[probability];
  }

  /** The log-odds of a probability from 0 to 1. */
  static float stretch(float probability) {
    return STRETCH[Math.clamp((int) (probability * 65_536), 0, 65_535)];
  }

  /** The probability from 0 to 1 that has these log-odds. */
  static float squash(float logOdds) {
    float x = Math.clamp(logOdds, -FARTHEST, FARTHEST);
    return SQUASH[(int) ((x + FARTHEST) * (STEPS / 2 / FARTHEST) + 0.5f)];
  }

  /** A probability from 0 to 1 as a {@link BitCoder} takes it. */
  static int coded(float probability) {
    return Math.clamp((int) (probability * 65_536), 1, 65_535);
  }
}
