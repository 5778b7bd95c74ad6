package compress.quantize;

import compress.model.Codebook;

/**
 * Weight sharing: the weights of a tensor are clustered, and each becomes the centroid of its
 * cluster.
 *
 * <p>{@code b} bits give {@code 2^b} shared values. Zeros, which are pruned weights, are kept
 * apart: they are entry 0 of the codebook, exactly 0, and only the other weights are clustered. A
 * tensor without zeros has no such entry. With 8 bits and zeros the values are 255, so that indices
 * stay bytes; with 16 likewise 65,535. No value but entry 0 is ever zero.
 *
 * <p>Weights that matter more than others by what their layer is given draw the centroids towards
 * them: see {@link WeightedKMeans}, which then takes the place of the plain clustering, {@code
 * init} and {@code entropyLambda} included.
 *
 * @param init where the centroids start
 * @param entropyLambda what a bit of entropy is worth, as a multiple of the mean squared error of
 *     the plain clustering; 0 for the plain clustering itself. See {@link EntropyConstrained}.
 * @see <a href="https://arxiv.org/abs/1510.00149">Han, Mao and Dally 2016</a>, section 3
 */
public record KMeans(Init init, double entropyLambda) implements Scheme {
  public KMeans {
    if (!(entropyLambda >= 0) || Double.isInfinite(entropyLambda)) {
      throw new IllegalArgumentException(
          "entropy lambda must be a number of at least 0, not " + entropyLambda);
    }
  }

  public KMeans(Init init) {
    this(init, 0);
  }

  @Override
  public String name() {
    return "kmeans";
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
  public Codebook quantize(Layer layer, int bits, long seed) {
    float[] weights = layer.weights();
    float[] kept = Cells.nonZeros(weights);
    int most = valuesFor(bits, kept.length < weights.length);
    if (layer.importance().isPresent()) {
      float[] importance = new float[kept.length];
      int n = 0;
      for (int i = 0; i < weights.length; i++) {
        if (weights[i] != 0) {
          importance[n++] = layer.importance().get()[i];
        }
      }
      float[] centroids = WeightedKMeans.centroids(kept, importance, most);
      return Cells.nearest(centroids).share(weights, layer.shape());
    }
    return cells(kept, most, seed).share(weights, layer.shape());
  }

  private Cells cells(float[] kept, int most, long seed) {
    float[] centroids = KMeans1D.centroids(kept, most, init, seed);
    return entropyLambda == 0 || centroids.length < 2
        ? Cells.nearest(centroids)
        : EntropyConstrained.cells(SortedWeights.of(kept), centroids, entropyLambda);
  }

  /** How many shared values other than zero {@code bits} allow. */
  static int valuesFor(int bits, boolean zeros) {
    return (1 << bits) - (zeros && bits % 8 == 0 ? 1 : 0);
  }
}
