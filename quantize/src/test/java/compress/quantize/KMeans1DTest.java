package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import smile.clustering.CentroidClustering;
import smile.clustering.KMeans;

class KMeans1DTest {
  private static final long SEED = 7;

  static List<Init> inits() {
    return Inits.ALL;
  }

  /** Shapes of weights: a bell, heavy tails, even, two bells far apart, many ties, one outlier. */
  static List<float[]> samples(int n) {
    SplittableRandom r = new SplittableRandom(SEED);
    float[] bell = new float[n];
    float[] tails = new float[n];
    float[] even = new float[n];
    float[] twoBells = new float[n];
    float[] ties = new float[n];
    float[] outlier = new float[n];
    for (int i = 0; i < n; i++) {
      double g = r.nextGaussian();
      bell[i] = (float) (0.05 * g);
      tails[i] = (float) (g * g * g);
      even[i] = (float) r.nextDouble(-1, 1);
      twoBells[i] = (float) (0.1 * g + (i % 2 == 0 ? 100 : -100));
      ties[i] = Math.round(4 * g) / 4f;
      outlier[i] = i == n / 2 ? 1e6f : (float) g;
    }
    return List.of(bell, tails, even, twoBells, ties, outlier);
  }

  /** The sum of squared distances to the nearest of {@code centroids}, tried one by one. */
  static double error(float[] weights, float[] centroids) {
    double sum = 0;
    for (float w : weights) {
      double least = Double.POSITIVE_INFINITY;
      for (float c : centroids) {
        least = Math.min(least, ((double) w - c) * ((double) w - c));
      }
      sum += least;
    }
    return sum;
  }

  /** The least sum of squared errors of {@code k} clusters: every way to cut the sorted weights. */
  private static double bruteForce(float[] weights, int k) {
    float[] sorted = weights.clone();
    Arrays.sort(sorted);
    return bruteForce(sorted, 0, k);
  }

  private static double bruteForce(float[] sorted, int from, int k) {
    if (from == sorted.length) {
      return 0;
    }
    if (k == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double least = Double.POSITIVE_INFINITY;
    for (int to = from + 1; to <= sorted.length; to++) {
      double mean = 0;
      for (int i = from; i < to; i++) {
        mean += sorted[i] / (double) (to - from);
      }
      double error = 0;
      for (int i = from; i < to; i++) {
        error += (sorted[i] - mean) * (sorted[i] - mean);
      }
      least = Math.min(least, error + bruteForce(sorted, to, k - 1));
    }
    return least;
  }

  @Test
  void exactIsTheOptimumOnSmallInputs() {
    for (int n : new int[] {1, 2, 5, 9, 13}) {
      for (int k = 1; k <= 4; k++) {
        for (float[] weights : samples(n)) {
          double optimum = bruteForce(weights, k);
          float[] c = KMeans1D.centroids(weights, k, new Inits.Exact(), SEED);
          assertThat(error(weights, c))
              .as("n %d, k %d, %s", n, k, Arrays.toString(weights))
              .isCloseTo(optimum, offset(1e-6 * optimum + 1e-10));
        }
      }
    }
  }

  @Test
  void noInitIsBetterThanExactWhenEachValueHasItsBin() {
    for (float[] weights : samples(3000)) {
      for (int k : new int[] {2, 3, 16, 31}) {
        double best = error(weights, KMeans1D.centroids(weights, k, new Inits.Exact(), SEED));
        for (Init init : Inits.ALL) {
          double error = error(weights, KMeans1D.centroids(weights, k, init, SEED));
          assertThat(error).as("%s, k %d", init, k).isGreaterThanOrEqualTo(best * (1 - 1e-5));
        }
      }
    }
  }

  @Test
  void binsCostAlmostNothing() {
    // 4,000 different values: the optimum. The same in 2,048 bins and polished: as good as that.
    for (float[] weights : samples(20_000)) {
      SortedWeights sorted = SortedWeights.of(weights);
      if (sorted.distinct(20_000).length <= ExactKMeans.MOST_DISTINCT) {
        continue;
      }
      for (int k : new int[] {4, 16, 64}) {
        double exact = error(weights, plainDynamicProgram(sorted, k));
        double ours = error(weights, KMeans1D.centroids(weights, k, new Inits.Exact(), SEED));
        assertThat(ours).as("k %d", k).isBetween(exact * (1 - 1e-5), exact * 1.001);
      }
    }
  }

  /** The optimum over all values, by halving on every single weight. */
  private static float[] plainDynamicProgram(SortedWeights w, int k) {
    int n = w.size();
    double[] s = new double[n + 1];
    double[] q = new double[n + 1];
    for (int i = 0; i < n; i++) {
      s[i + 1] = s[i] + w.get(i);
      q[i + 1] = q[i] + (double) w.get(i) * w.get(i);
    }
    double[] best = new double[n + 1];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    best[0] = 0;
    int[][] cut = new int[k][n + 1];
    for (int c = 0; c < k; c++) {
      double[] next = new double[n + 1];
      Arrays.fill(next, Double.POSITIVE_INFINITY);
      int[] stack = new int[4 * 64];
      int top = 0;
      stack[top++] = 1;
      stack[top++] = n;
      stack[top++] = 0;
      stack[top++] = n - 1;
      while (top > 0) {
        int high = stack[--top];
        int low = stack[--top];
        int to = stack[--top];
        int from = stack[--top];
        if (from > to) {
          continue;
        }
        int m = (from + to) / 2;
        int at = low;
        for (int i = low; i <= Math.min(high, m - 1); i++) {
          double d = s[m] - s[i];
          double e = best[i] + Math.max(0, q[m] - q[i] - d * d / (m - i));
          if (e < next[m]) {
            next[m] = e;
            at = i;
          }
        }
        cut[c][m] = at;
        for (int v : new int[] {from, m - 1, low, at, m + 1, to, at, high}) {
          stack[top++] = v;
        }
      }
      best = next;
    }
    float[] centroids = new float[k];
    int end = n;
    for (int c = k - 1; c >= 0; c--) {
      int start = cut[c][end];
      centroids[c] = (float) w.exactMean(start, end);
      end = start;
    }
    return centroids;
  }

  @ParameterizedTest
  @MethodSource("inits")
  void theErrorNeverGrows(Init init) {
    for (float[] weights : samples(2000)) {
      SortedWeights sorted = SortedWeights.of(weights);
      for (int k : new int[] {1, 2, 5, 16}) {
        Lloyd lloyd = new Lloyd(sorted, init.centroids(sorted, k, SEED));
        double before = lloyd.error();
        for (int i = 0; i < 200 && lloyd.step(); i++) {
          assertThat(lloyd.error())
              .as("k %d, step %d", k, i)
              .isLessThanOrEqualTo(before * 1.0000001);
          before = lloyd.error();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("inits")
  void centroidsAreAscendingDifferentAndMeansOfWhatIsNearest(Init init) {
    for (float[] weights : samples(5000)) {
      for (int k : new int[] {1, 2, 7, 32, 256}) {
        float[] c = KMeans1D.centroids(weights, k, init, SEED);
        assertThat(c.length).isBetween(1, k);
        double[] sums = new double[c.length];
        int[] counts = new int[c.length];
        for (float w : weights) {
          int nearest = 0;
          for (int i = 1; i < c.length; i++) {
            // A tie goes to the lower centroid.
            if (Math.abs((double) w - c[i]) < Math.abs((double) w - c[nearest])) {
              nearest = i;
            }
          }
          sums[nearest] += w;
          counts[nearest]++;
        }
        for (int i = 0; i < c.length; i++) {
          assertThat(counts[i]).as("%s, k %d, cluster %d", init, k, i).isPositive();
          assertThat(c[i])
              .isCloseTo((float) (sums[i] / counts[i]), offset(Math.abs(c[i]) * 2e-3f + 1e-3f));
          if (i > 0) {
            assertThat(c[i]).isGreaterThan(c[i - 1]);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("inits")
  void fewDifferentWeightsAreTheirOwnCentroids(Init init) {
    float[] weights = {3, -1, 3, 0.5f, -1, 3};
    for (int k : new int[] {3, 4, 256}) {
      assertThat(KMeans1D.centroids(weights, k, init, SEED)).containsExactly(-1, 0.5f, 3);
    }
    assertThat(KMeans1D.centroids(new float[] {7, 7, 7}, 1, init, SEED)).containsExactly(7);
    assertThat(KMeans1D.centroids(new float[0], 4, init, SEED)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("inits")
  void everyCentroidIsUsedWhenThereAreWeightsEnough(Init init) {
    for (float[] weights :
        List.of(samples(5000).get(0), samples(5000).get(1), samples(5000).get(5))) {
      assertThat(KMeans1D.centroids(weights, 64, init, SEED)).hasSize(64);
    }
  }

  @Test
  void scalesWithTheWeights() {
    float[] weights = samples(4000).get(0);
    float[] scaled = new float[weights.length];
    float[] negated = new float[weights.length];
    for (int i = 0; i < weights.length; i++) {
      scaled[i] = 8 * weights[i];
      negated[i] = -weights[i];
    }
    float[] c = KMeans1D.centroids(weights, 16, new Inits.Exact(), SEED);
    float[] c8 = KMeans1D.centroids(scaled, 16, new Inits.Exact(), SEED);
    for (int i = 0; i < 16; i++) {
      assertThat(c8[i]).isCloseTo(8 * c[i], offset(1e-6f));
    }
    assertThat(error(negated, KMeans1D.centroids(negated, 16, new Inits.Exact(), SEED)))
        .isCloseTo(error(weights, c), offset(1e-9));
  }

  @Test
  void isAtLeastAsGoodAsSmile() {
    for (float[] weights : samples(4000)) {
      double[][] points = new double[weights.length][];
      Arrays.setAll(points, i -> new double[] {weights[i]});
      for (int k : new int[] {4, 16}) {
        CentroidClustering<double[], double[]> smile = KMeans.fit(points, k, 100);
        float[] theirs = new float[smile.k()];
        for (int i = 0; i < theirs.length; i++) {
          theirs[i] = (float) smile.centers()[i][0];
        }
        float[] ours = KMeans1D.centroids(weights, k, new Inits.Exact(), SEED);
        assertThat(error(weights, ours)).isLessThanOrEqualTo(error(weights, theirs) * 1.00001);
      }
    }
  }

  @Test
  void halfWayGoesToTheLower() {
    Cells cells = Cells.nearest(new float[] {-1, 1, 2});
    assertThat(cells.cell(0)).isZero();
    assertThat(cells.cell(Float.MIN_VALUE)).isEqualTo(1);
    assertThat(cells.cell(1.5f)).isEqualTo(1);
    assertThat(cells.cell(Math.nextUp(1.5f))).isEqualTo(2);
    assertThat(cells.cell(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(cells.cell(Float.MAX_VALUE)).isEqualTo(2);
    assertThat(Cells.nearest(new float[] {5}).cell(-7)).isZero();
  }

  @Test
  void forgyDependsOnTheSeedAlone() {
    SortedWeights w = SortedWeights.of(samples(1000).get(0));
    Init forgy = new Inits.Forgy();
    assertThat(forgy.centroids(w, 8, 1)).isEqualTo(forgy.centroids(w, 8, 1));
    assertThat(forgy.centroids(w, 8, 1)).isNotEqualTo(forgy.centroids(w, 8, 2));
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatThrownBy(() -> KMeans1D.centroids(new float[1], 0, new Inits.Exact(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 0");
    assertThatThrownBy(() -> Inits.parse("exakt"))
        .hasMessageContaining("did you mean 'exact'?")
        .hasMessageContaining("density");
    assertThat(Inits.ALL).allMatch(i -> Inits.parse(i.name()).equals(i));
  }

  @Test
  void radixSortAgreesWithTheLibrary() {
    SplittableRandom r = new SplittableRandom(SEED);
    for (int n : new int[] {0, 1, 4095, 4096, 100_003}) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        float any = Float.intBitsToFloat(r.nextInt());
        values[i] = Float.isNaN(any) ? -0f : any;
      }
      float[] expected = values.clone();
      Arrays.sort(expected);
      assertThat(RadixSort.sorted(values)).isEqualTo(expected);
    }
  }
}
