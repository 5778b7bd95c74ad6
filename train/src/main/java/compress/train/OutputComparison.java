package compress.train;

/**
 * How far the answers of two networks to the same samples are apart. The first is the reference.
 *
 * @param samples compared
 * @param klDivergence mean over samples of KL(first || second) in nats, of the softmax of each
 *     answer
 * @param top1Agreement the share of samples whose largest entry is the same one
 * @param maxAbsDifference over all entries
 * @param meanAbsDifference over all entries
 * @param cosine mean over samples of the cosine of the angle between both answers
 * @param meanAbsReference the mean of the first's absolute entries, to judge the differences by
 */
public record OutputComparison(
    long samples,
    double klDivergence,
    double top1Agreement,
    double maxAbsDifference,
    double meanAbsDifference,
    double cosine,
    double meanAbsReference) {

  /** The place of the largest entry; of equal ones the first. */
  public static int argMax(float[] values, int from, int to) {
    int best = from;
    for (int i = from + 1; i < to; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best - from;
  }

  /** Takes pairs of answers, one sample at a time. */
  public static final class Collector {
    private long samples;
    private long entries;
    private double kl;
    private long agreeing;
    private double maxDifference;
    private double differences;
    private double cosines;
    private double magnitudes;

    /**
     * One sample's answers by both networks.
     *
     * @throws IllegalArgumentException if they differ in length
     */
    public void add(float[] first, float[] second) {
      if (first.length != second.length) {
        throw new IllegalArgumentException(
            "the networks give %d and %d numbers for a sample"
                .formatted(first.length, second.length));
      }
      double dot = 0;
      double firstSquares = 0;
      double secondSquares = 0;
      for (int i = 0; i < first.length; i++) {
        double difference = Math.abs((double) first[i] - second[i]);
        // Written so that NaN shows.
        maxDifference = difference <= maxDifference ? maxDifference : difference;
        differences += difference;
        magnitudes += Math.abs(first[i]);
        dot += (double) first[i] * second[i];
        firstSquares += (double) first[i] * first[i];
        secondSquares += (double) second[i] * second[i];
      }
      double norms = Math.sqrt(firstSquares) * Math.sqrt(secondSquares);
      cosines += norms > 0 ? dot / norms : firstSquares == secondSquares ? 1 : 0;
      kl += klDivergence(first, second);
      agreeing += argMax(first, 0, first.length) == argMax(second, 0, second.length) ? 1 : 0;
      samples++;
      entries += first.length;
    }

    private static double klDivergence(float[] first, float[] second) {
      double logFirst = logSumExp(first);
      double logSecond = logSumExp(second);
      double sum = 0;
      for (int i = 0; i < first.length; i++) {
        double p = first[i] - logFirst;
        sum += Math.exp(p) * (p - (second[i] - logSecond));
      }
      return Math.max(0, sum);
    }

    private static double logSumExp(float[] values) {
      double max = Double.NEGATIVE_INFINITY;
      for (float v : values) {
        max = Math.max(max, v);
      }
      double sum = 0;
      for (float v : values) {
        sum += Math.exp(v - max);
      }
      return max + Math.log(sum);
    }

    /**
     * @throws IllegalStateException if nothing was added
     */
    public OutputComparison result() {
      if (samples == 0) {
        throw new IllegalStateException("no samples to compare outputs on");
      }
      return new OutputComparison(
          samples,
          kl / samples,
          (double) agreeing / samples,
          maxDifference,
          differences / Math.max(1, entries),
          cosines / samples,
          magnitudes / Math.max(1, entries));
    }
  }
}
