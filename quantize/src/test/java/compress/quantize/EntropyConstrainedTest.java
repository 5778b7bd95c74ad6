package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import compress.model.Codebook;
import compress.model.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EntropyConstrainedTest {
  private static final int BITS = 5;

  private static Codebook quantize(float[] weights, double lambda) {
    return new KMeans(new Inits.Exact(), lambda)
        .quantize(Layer.of(Shape.of(weights.length), weights), BITS, 0);
  }

  @Test
  void withoutLambdaItIsPlainKMeans() {
    for (float[] weights : KMeans1DTest.samples(3000)) {
      float[] centroids = KMeans1D.centroids(weights, 32, new Inits.Exact(), 0);
      Cells cells = EntropyConstrained.cells(SortedWeights.of(weights), centroids, 0);
      assertThat(cells.values()).hasSameSizeAs(centroids);
      for (int i = 0; i < centroids.length; i++) {
        assertThat(cells.values()[i])
            .isCloseTo(centroids[i], offset(1e-3f * Math.abs(centroids[i]) + 1e-4f));
      }
    }
  }

  @Test
  void dearerBitsGiveFewerOfThemAndMoreError() {
    for (float[] weights : KMeans1DTest.samples(20_000)) {
      double entropy = Double.POSITIVE_INFINITY;
      double rmse = 0;
      for (double lambda : new double[] {0, 0.25, 0.5, 1, 2, 4, 16}) {
        Distortion d = Distortion.of(weights, quantize(weights, lambda));
        assertThat(d.entropyBits()).as("lambda %s", lambda).isLessThanOrEqualTo(entropy + 1e-9);
        assertThat(d.rmse()).as("lambda %s", lambda).isGreaterThanOrEqualTo(rmse * (1 - 1e-5));
        entropy = d.entropyBits();
        rmse = d.rmse();
      }
    }
  }

  @Test
  void atTheSameEntropyTheErrorIsSmallerThanOfPlainKMeans() {
    float[] weights = KMeans1DTest.samples(50_000).getFirst();
    Distortion constrained = Distortion.of(weights, quantize(weights, 1.5));
    int values = 32;
    Distortion plain = Distortion.of(weights, quantize(weights, 0));
    while (plain.entropyBits() > constrained.entropyBits()) {
      float[] c = KMeans1D.centroids(weights, --values, new Inits.Exact(), 0);
      plain = Distortion.of(weights, Cells.nearest(c).share(weights, Shape.of(weights.length)));
    }
    // The plain codebook may now have fewer bits; by at most one value's worth.
    double missingBits = constrained.entropyBits() - plain.entropyBits();
    double plainThere = plain.rmse() * Math.pow(2, -missingBits);
    assertThat(constrained.rmse()).isLessThan(plainThere * 0.98);
  }

  @Test
  void assignmentIsTheCheapest() {
    float[] weights = KMeans1DTest.samples(2000).get(1);
    double lambda = 1;
    SortedWeights sorted = SortedWeights.of(weights);
    float[] start = KMeans1D.centroids(weights, 16, new Inits.Exact(), 0);
    double bit = lambda * KMeans1DTest.error(weights, start) / weights.length;
    Cells cells = EntropyConstrained.cells(sorted, start, lambda);
    int[] counts = new int[cells.values().length];
    for (float w : weights) {
      counts[cells.cell(w)]++;
    }
    double[] bits =
        Arrays.stream(counts)
            .mapToDouble(c -> -Math.log((double) c / weights.length) / Math.log(2))
            .toArray();
    for (float w : weights) {
      double mine = cost(w, cells, bits, bit, cells.cell(w));
      for (int i = 0; i < bits.length; i++) {
        assertThat(mine).isLessThanOrEqualTo(cost(w, cells, bits, bit, i) + 1e-4);
      }
    }
  }

  private static double cost(float w, Cells cells, double[] bits, double bit, int cell) {
    double d = (double) w - cells.values()[cell];
    return d * d + bit * bits[cell];
  }

  @Test
  void aLargeLambdaLeavesOneValue() {
    float[] weights = KMeans1DTest.samples(1000).getFirst();
    Codebook one = quantize(weights, 1e9);
    double mean = 0;
    for (float w : weights) {
      mean += w / (double) weights.length;
    }
    assertThat(one.codebook().size()).isEqualTo(1);
    assertThat(one.codebook().floatAt(0)).isCloseTo((float) mean, offset(1e-6f));
  }
}
