package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import compress.model.Model;
import compress.train.Context;
import compress.train.Evaluator;
import compress.train.Outcome;
import compress.train.Progress;
import compress.train.data.DataSplit;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WeightedKMeansTest {
  private static final long SEED = 21;

  private static double error(float[] values, float[] importance, float[] centroids) {
    double error = 0;
    for (int i = 0; i < values.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (float c : centroids) {
        least = Math.min(least, Math.pow(values[i] - (double) c, 2));
      }
      error += importance[i] * least;
    }
    return error;
  }

  /** The best of all ways to cut few sorted values into runs, as the second opinion. */
  private static double best(float[] sorted, float[] importance, int from, int clusters) {
    if (from == sorted.length) {
      return 0;
    }
    if (clusters == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int to = from + 1; to <= sorted.length; to++) {
      double mass = 0;
      double sum = 0;
      for (int i = from; i < to; i++) {
        mass += importance[i];
        sum += importance[i] * (double) sorted[i];
      }
      double cost = 0;
      for (int i = from; i < to; i++) {
        cost += importance[i] * Math.pow(sorted[i] - sum / mass, 2);
      }
      best = Math.min(best, cost + best(sorted, importance, to, clusters - 1));
    }
    return best;
  }

  @Test
  void isTheOptimumOfFewValues() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int trial = 0; trial < 50; trial++) {
      int n = 1 + random.nextInt(11);
      float[] values = new float[n];
      float[] importance = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = (float) random.nextGaussian();
        importance[i] = (float) Math.exp(2 * random.nextGaussian());
      }
      Arrays.sort(values);
      for (int most = 1; most <= 4; most++) {
        float[] centroids = WeightedKMeans.centroids(values, importance, most);
        assertThat(centroids.length).isLessThanOrEqualTo(most);
        assertThat(error(values, importance, centroids))
            .as("trial %d, %d centroids", trial, most)
            .isCloseTo(best(values, importance, 0, most), within(1e-6));
      }
    }
  }

  @Test
  void equalImportanceIsPlainKMeans() {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] values = new float[20_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    float[] alike = new float[values.length];
    Arrays.fill(alike, 3);
    for (int most : new int[] {2, 8, 16}) {
      double weighted = error(values, alike, WeightedKMeans.centroids(values, alike, most));
      float[] plain = KMeans1D.centroids(values, most, new Inits.Exact(), SEED);
      assertThat(weighted).isLessThanOrEqualTo(1.001 * error(values, alike, plain));
    }
  }

  @Test
  void whatMattersMoreIsNearer() {
    float[] values = {-1, -0.9f, 0.9f, 1, 1.1f, 5};
    float[] importance = {1, 1, 1, 1000, 1, 0};
    float[] two = WeightedKMeans.centroids(values, importance, 2);
    assertThat(two[1]).isCloseTo(1, within(0.01f));
    assertThat(WeightedKMeans.centroids(values, new float[6], 6)).hasSize(6);
    assertThat(WeightedKMeans.centroids(new float[0], new float[0], 4)).isEmpty();
  }

  @Test
  void answersAreNearerThoughWeightsAreFurther() throws Exception {
    double[] weights = new double[2];
    double[] answers = new double[2];
    for (long seed = 1; seed <= 4; seed++) {
      DataSplit data = Convolutional.data(seed);
      Model model = BatchNormFolding.of(Convolutional.network(seed)).model();
      Context context = Context.of(seed).withData(data);
      QuantizeOptions options = QuantizeOptions.defaults().withBits(3);
      for (int with = 0; with < 2; with++) {
        LinearOptions looking = LinearOptions.NONE.withImportance(with == 1);
        Outcome outcome = new QuantizeStage(options.withLinear(looking)).run(model, context);
        // Layers that have many weights an output, and inputs of very different size.
        for (String name : new String[] {"c4.weight", "c5.weight"}) {
          float[] was = model.param(name).values().toFloats();
          weights[with] += Distortion.of(was, outcome.model().param(name).values()).rmse();
        }
        answers[with] += error(model, outcome.model(), data);
      }
    }
    assertThat(weights[1]).isGreaterThan(weights[0]);
    assertThat(answers[1]).isLessThan(answers[0]);
  }

  /** The power of the answers' error on the test part, as a share of their own. */
  private static double error(Model was, Model is, DataSplit data) throws IOException {
    double noise = 0;
    double power = 0;
    try (OnnxRuntimeEngine first = OnnxRuntimeEngine.of(was, 1);
        OnnxRuntimeEngine second = OnnxRuntimeEngine.of(is, 1)) {
      float[][] wanted =
          Evaluator.outputs(first, data.test(), data.preprocessing(), Progress.SILENT);
      float[][] got = Evaluator.outputs(second, data.test(), data.preprocessing(), Progress.SILENT);
      for (int i = 0; i < wanted.length; i++) {
        for (int j = 0; j < wanted[i].length; j++) {
          noise += Math.pow(got[i][j] - wanted[i][j], 2);
          power += Math.pow(wanted[i][j], 2);
        }
      }
    }
    return noise / power;
  }
}
