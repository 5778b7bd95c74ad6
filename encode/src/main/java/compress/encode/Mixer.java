package compress.encode;

import java.util.Arrays;

/**
 * Mixes several predictions of a bit: the weighted sum of their log-odds, with weights that follow
 * the gradient of the coding cost. Which set of weights is used is up to the caller.
 *
 * <p>Java's float arithmetic gives the same bits on every machine, so encoder and decoder agree.
 *
 * @see <a href="https://arxiv.org/abs/cs/0405093">Mahoney 2005, Adaptive weighing of context models
 *     for lossless data compression, section 2</a>
 */
final class Mixer {
  private final int inputs;
  private final float[] weights;
  private final float rate;

  Mixer(int inputs, int sets, float firstWeight, float rate) {
    this.inputs = inputs;
    this.weights = new float[inputs * sets];
    this.rate = rate;
    Arrays.fill(weights, firstWeight);
  }

  private Mixer(int inputs, float[] weights, float rate) {
    this.inputs = inputs;
    this.weights = weights;
    this.rate = rate;
  }

  Mixer copy() {
    return new Mixer(inputs, weights.clone(), rate);
  }

  /** Sets the weight that input {@code input} starts with, in all sets. */
  Mixer start(int input, float weight) {
    for (int w = input; w < weights.length; w += inputs) {
      weights[w] = weight;
    }
    return this;
  }

  /** The log-odds of a one. */
  float mix(float[] predictions, int set) {
    float sum = 0;
    for (int i = 0, w = set * inputs; i < inputs; i++, w++) {
      sum += predictions[i] * weights[w];
    }
    return sum;
  }

  /** Learns from the bit that {@link #mix} gave the probability {@code p} of being 1. */
  void update(float[] predictions, int set, float p, int bit) {
    float step = (bit - p) * rate;
    for (int i = 0, w = set * inputs; i < inputs; i++, w++) {
      weights[w] += step * predictions[i];
    }
  }
}
