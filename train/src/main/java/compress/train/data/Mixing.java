package compress.train.data;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Samples mixed in pairs: of sample {@code i} of a draw, {@code share} stays, and the rest is
 * sample {@code partners[i]} of the same draw. Labels are mixed alike.
 *
 * @param share from 0 to 1
 * @see <a href="https://arxiv.org/abs/1710.09412">Zhang et al. 2018</a>, mixup; one share for a
 *     batch and partners from the same batch, as in section 2
 */
public record Mixing(float share, int[] partners) {
  /**
   * The share drawn from the distribution Beta(alpha, alpha), the partners a random order; both
   * decided by the seed.
   *
   * @param alpha above 0
   */
  public static Mixing draw(double alpha, int samples, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double a = gamma(alpha, random);
    double b = gamma(alpha, random);
    // Both can underflow to 0 with a tiny alpha; then one of the two samples is all.
    float share = a + b > 0 ? (float) (a / (a + b)) : random.nextInt(2);
    return new Mixing(share, Order.shuffled(samples, random.nextLong()));
  }

  /**
   * From the gamma distribution of scale 1.
   *
   * @see <a href="https://doi.org/10.1145/358407.358414">Marsaglia and Tsang 2000</a>, with their
   *     note for shapes below 1
   */
  private static double gamma(double shape, SplittableRandom random) {
    double d = shape + 1 - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = Math.pow(1 + c * x, 3);
      if (v > 0 && Math.log(1 - random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
        return d * v * Math.pow(1 - random.nextDouble(), 1 / shape);
      }
    }
  }

  /**
   * Mixes rows of equal length.
   *
   * @param rows one after the other, as many as there are partners; changed in place
   */
  public void apply(float[] rows) {
    int length = rows.length / Math.max(1, partners.length);
    float[] before = rows.clone();
    for (int i = 0; i < partners.length; i++) {
      for (int k = 0; k < length; k++) {
        rows[i * length + k] =
            share * before[i * length + k] + (1 - share) * before[partners[i] * length + k];
      }
    }
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Mixing m && share == m.share && Arrays.equals(partners, m.partners);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(partners);
  }
}
