package compress.cli.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import smile.stat.hypothesis.TTest;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Whether two patterns differ where all else is equal: sparsity, bits, budget and seeds.
 *
 * <p>Two paired t-tests answer. One is over test samples: what each sample scores with one pattern,
 * averaged over seeds, against what it scores with the other; with one seed and two classes of
 * answers this is McNemar's question. The other is over seeds. The first says whether these trained
 * networks differ, the second whether training them again would show it too; few seeds seldom do. A
 * pattern is called better if the first is below 0.05 after Holm's correction for all tests of the
 * comparison, and every seed agrees on the sign.
 *
 * @param difference the mean of {@code a} less that of {@code b}
 * @param seeds that both have
 * @param pSamples of the test over samples
 * @param pAdjusted the same, corrected
 * @param pSeeds of the test over seeds; null for a single seed
 * @param better {@code a}'s or {@code b}'s pattern; null if neither is shown to be
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record PairedTest(
    String a,
    String b,
    double sparsity,
    String storage,
    double difference,
    int seeds,
    double pSamples,
    double pAdjusted,
    @Nullable Double pSeeds,
    @Nullable String better) {
  private static final double LEVEL = 0.05;

  /**
   * One pattern's scores.
   *
   * @param scores by seed, then by sample
   */
  record Scores(String pattern, double[][] scores) {
    double[] bySample() {
      double[] sums = new double[scores[0].length];
      for (double[] seed : scores) {
        for (int i = 0; i < sums.length; i++) {
          sums[i] += seed[i] / scores.length;
        }
      }
      return sums;
    }

    double[] bySeed() {
      return Arrays.stream(scores).mapToDouble(PairedTest::mean).toArray();
    }
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  /** Both tests of two patterns that have the same seeds and samples, not yet corrected. */
  static PairedTest of(Scores a, Scores b, double sparsity, String storage) {
    double[] seedsA = a.bySeed();
    double[] seedsB = b.bySeed();
    double p = paired(a.bySample(), b.bySample());
    boolean allAbove = true;
    boolean allBelow = true;
    for (int i = 0; i < seedsA.length; i++) {
      allAbove &= seedsA[i] > seedsB[i];
      allBelow &= seedsA[i] < seedsB[i];
    }
    return new PairedTest(
        a.pattern,
        b.pattern,
        sparsity,
        storage,
        mean(seedsA) - mean(seedsB),
        seedsA.length,
        p,
        p,
        seedsA.length < 2 ? null : paired(seedsA, seedsB),
        allAbove ? a.pattern : allBelow ? b.pattern : null);
  }

  /** Equal differences have no variance for a t-test: they are certain, of nothing or of all. */
  private static double paired(double[] x, double[] y) {
    double first = x[0] - y[0];
    boolean constant = true;
    for (int i = 1; i < x.length; i++) {
      constant &= x[i] - y[i] == first;
    }
    return constant ? first == 0 ? 1 : 0 : TTest.testPaired(x, y).pvalue();
  }

  /**
   * Corrects for there being several tests.
   *
   * @see <a href="https://www.jstor.org/stable/4615733">Holm 1979</a>, a simple sequentially
   *     rejective multiple test procedure
   */
  static List<PairedTest> corrected(List<PairedTest> tests) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < tests.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingDouble(i -> tests.get(i).pSamples));
    PairedTest[] corrected = new PairedTest[tests.size()];
    double least = 0;
    for (int rank = 0; rank < order.size(); rank++) {
      PairedTest t = tests.get(order.get(rank));
      least = Math.max(least, Math.min(1, t.pSamples * (order.size() - rank)));
      corrected[order.get(rank)] = t.withAdjusted(least);
    }
    return List.of(corrected);
  }

  private PairedTest withAdjusted(double p) {
    return new PairedTest(
        a, b, sparsity, storage, difference, seeds, pSamples, p, pSeeds, p < LEVEL ? better : null);
  }
}
