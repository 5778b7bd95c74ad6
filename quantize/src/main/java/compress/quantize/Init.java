package compress.quantize;

/** Where the centroids of k-means start. The list of those there are is {@link Inits}. */
public interface Init {
  /** As the command line has it. */
  String name();

  /**
   * {@code count} centroids in ascending order, equal ones allowed.
   *
   * @param weights at least {@code count} different values
   */
  double[] centroids(SortedWeights weights, int count, long seed);
}
