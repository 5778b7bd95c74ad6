package compress.model;

/**
 * Entries share values by a hash of their place, so that no index is stored: with {@code k} buckets
 * and {@code h} the {@link XxHash32} of the place {@code i} in row-major order, entry {@code i} is
 * {@code buckets[j]} for {@code j = h mod 2k} below {@code k}, and {@code -buckets[j - k]} from
 * there on. The sign comes from the hash as well, as the paper has it.
 *
 * @param buckets floats of rank 1, at least one
 * @param seed of the hash
 * @param shape of the entries
 * @see <a href="https://arxiv.org/abs/1504.04788">Chen et al. 2015</a>, HashedNets, sections 4.1
 *     and 4.3
 */
public record Hashed(Tensor buckets, int seed, Shape shape) implements Values {
  public Hashed {
    if (buckets.shape().rank() != 1 || !buckets.type().isFloat() || buckets.size() == 0) {
      throw new IllegalArgumentException(
          "buckets are a float vector, not " + buckets.type() + " " + buckets.shape());
    }
    if (buckets.size() > 1 << 30 || shape.size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a hash of 32 bits has no place for " + shape);
    }
  }

  /** Which entry of the buckets, followed by their negatives, entry {@code i} has. */
  public int index(int i) {
    return index(i, seed, (int) buckets.size());
  }

  /** The same for so many buckets. */
  public static int index(int i, int seed, int buckets) {
    return Integer.remainderUnsigned(XxHash32.of(i, seed), 2 * buckets);
  }

  @Override
  public float[] toFloats() {
    float[] shared = buckets.toFloats();
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      int j = index(i);
      values[i] = j < shared.length ? shared[j] : -shared[j - shared.length];
    }
    return values;
  }

  /** What the buckets take, shared out over the entries; at least 1. */
  @Override
  public int bits() {
    long bits = buckets.size() * buckets.type().bits();
    return (int) Math.max(1, Math.round((double) bits / Math.max(1, shape.size())));
  }
}
