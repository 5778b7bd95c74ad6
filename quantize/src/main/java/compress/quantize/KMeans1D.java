package compress.quantize;

/**
 * K-means of numbers on a line, which is what sharing the weights of a layer is: sorted once, in
 * linear time, then clustered without looking at each weight again.
 */
public final class KMeans1D {
  private KMeans1D() {}

  /**
   * Shared values with a small sum of squared distances to {@code weights}.
   *
   * @param weights in any order, finite
   * @param most how many shared values there may be, at least 1
   * @param init where the centroids start
   * @param seed for an {@code init} that draws
   * @return ascending and all different; the different weights themselves if they are not more than
   *     {@code most}, which then costs no error; empty if there are no weights
   */
  public static float[] centroids(float[] weights, int most, Init init, long seed) {
    if (most < 1) {
      throw new IllegalArgumentException("at least 1 shared value is needed, not " + most);
    }
    SortedWeights sorted = SortedWeights.of(weights);
    float[] distinct = sorted.distinct(most);
    if (distinct.length <= most) {
      return distinct;
    }
    return new Lloyd(sorted, init.centroids(sorted, most, seed)).settle().centroids();
  }
}
