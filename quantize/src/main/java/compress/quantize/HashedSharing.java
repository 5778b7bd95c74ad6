package compress.quantize;

import compress.model.DType;
import compress.model.Hashed;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import java.util.Optional;

/**
 * Weights share values by a hash of their place: nothing says which weight has which value, so a
 * tensor takes no more than its buckets. {@code bits} is what a weight takes on average, in floats
 * of 32 bits: 4 bits are an eighth as many buckets as weights.
 *
 * <p>Each bucket starts as the mean of its weights, signs turned as the hash says. That is nearly
 * nothing of the network, which has to be trained with its buckets afterwards. A tensor with pruned
 * weights is refused: a hash puts them in buckets with others.
 *
 * @see <a href="https://arxiv.org/abs/1504.04788">Chen et al. 2015</a>, HashedNets; the paper
 *     trains from scratch, which starting from the means of a trained network replaces here
 */
public record HashedSharing() implements Scheme {
  @Override
  public String name() {
    return "hashed";
  }

  @Override
  public int fewestBits() {
    return 1;
  }

  @Override
  public int mostBits() {
    return 16;
  }

  @Override
  public int usualBits() {
    return 4;
  }

  /** A sum of weights may cancel. */
  @Override
  public boolean mayMakeZeros() {
    return true;
  }

  @Override
  public Optional<String> objection(Shape shape, DType type, int outputAxis) {
    return type == DType.F32 || type == DType.F16
        ? Optional.empty()
        : Optional.of("is " + type + "; buckets are F32 or F16");
  }

  @Override
  public Optional<String> refusal(Layer layer) {
    return Cells.hasZero(layer.weights())
        ? Optional.of("has pruned weights, which would share buckets with others; use kmeans")
        : Optional.empty();
  }

  @Override
  public Values quantize(Layer layer, int bits, long seed) {
    float[] w = layer.weights();
    int buckets = (int) Math.max(1, (long) w.length * bits / Float.SIZE);
    int hash = (int) (seed ^ seed >>> 32);
    double[] sums = new double[buckets];
    int[] counts = new int[buckets];
    for (int i = 0; i < w.length; i++) {
      int j = Hashed.index(i, hash, buckets);
      int bucket = j < buckets ? j : j - buckets;
      sums[bucket] += j < buckets ? w[i] : -w[i];
      counts[bucket]++;
    }
    float[] means = new float[buckets];
    for (int b = 0; b < buckets; b++) {
      means[b] = (float) (sums[b] / Math.max(1, counts[b]));
    }
    return new Hashed(Tensor.ofFloats(layer.type(), Shape.of(buckets), means), hash, layer.shape());
  }
}
