package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import compress.model.Mask;
import compress.model.Shape;
import compress.train.SecondMoment;
import compress.train.Unfolding;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReconstructionTest {
  private static final long SEED = 17;

  /** Inputs whose columns go together, some more than others. */
  private static float[] inputs(int rows, int columns) {
    SplittableRandom random = new SplittableRandom(SEED + columns);
    float[] x = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      double common = random.nextGaussian();
      for (int c = 0; c < columns; c++) {
        x[r * columns + c] = (float) ((0.3 + c % 5) * (common + 0.5 * random.nextGaussian()));
      }
    }
    return x;
  }

  private static SecondMoment moment(float[] x, int columns) {
    SecondMoment moment = new SecondMoment(new Unfolding.Features(columns, false));
    moment.take(0, x, x.length / columns);
    return moment;
  }

  private static float[] weights(int size) {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] w = new float[size];
    for (int i = 0; i < size; i++) {
      w[i] = (float) random.nextGaussian();
    }
    return w;
  }

  /** The square error of all outputs over all rows. */
  private static double error(float[] was, float[] is, float[] x, int columns) {
    double error = 0;
    for (int r = 0; r < x.length / columns; r++) {
      for (int o = 0; o < was.length / columns; o++) {
        double y = 0;
        for (int c = 0; c < columns; c++) {
          y += (double) x[r * columns + c] * (is[o * columns + c] - was[o * columns + c]);
        }
        error += y * y;
      }
    }
    return error;
  }

  @Test
  void theOthersMakeUpAsLeastSquaresSays() {
    int n = 6;
    float[] x = inputs(40, n);
    SecondMoment moment = moment(x, n);
    float[] w = weights(n);
    w[0] = 0.01f;
    float[] was = w.clone();
    Reconstruction.prune(w, Shape.of(1, n), moment, new Unstructured(), 1.0 / n);
    assertThat(w[0]).isZero();
    // min (w' - w)' H (w' - w) with w'_0 = 0: H_rest d = H_rest,0 w_0, by elimination.
    double[][] h = new double[n - 1][n];
    float[] matrix = moment.matrix(0);
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += matrix[i * n + i] / n;
    }
    for (int i = 1; i < n; i++) {
      for (int j = 1; j < n; j++) {
        h[i - 1][j - 1] = matrix[i * n + j] + (i == j ? 0.01 * mean : 0);
      }
      h[i - 1][n - 1] = matrix[i * n] * was[0];
    }
    double[] d = solve(h);
    for (int i = 1; i < n; i++) {
      assertThat(w[i]).isCloseTo((float) (was[i] + d[i - 1]), within(1e-6f));
    }
  }

  /** Gauss and Jordan, with the right side as last column. */
  private static double[] solve(double[][] a) {
    int n = a.length;
    for (int p = 0; p < n; p++) {
      for (int r = 0; r < n; r++) {
        double f = r == p ? 0 : a[r][p] / a[p][p];
        for (int c = 0; c <= n && r != p; c++) {
          a[r][c] -= f * a[p][c];
        }
      }
    }
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = a[i][n] / a[i][i];
    }
    return x;
  }

  @Test
  void outputsStayNearerThanByMagnitudeInEveryPattern() {
    int columns = 160;
    float[] x = inputs(400, columns);
    SecondMoment moment = moment(x, columns);
    for (String name :
        List.of(
            "unstructured", "2:4", "bank:16", "bank:50", "block:2x4", "block:4x1:l2", "kernel")) {
      SparsityPattern pattern = Patterns.parse(name);
      Shape shape = name.equals("kernel") ? Shape.of(8, 40, 2, 2) : Shape.of(8, columns);
      float[] was = weights(8 * columns);
      float[] byObs = was.clone();
      Mask kept = Reconstruction.prune(byObs, shape, moment, pattern, 0.5);
      assertThat(pattern.admits(kept)).as(name).isTrue();
      assertThat(Mask.ofNonZeros(shape, byObs)).as(name).isEqualTo(kept);
      assertThat(kept.sparsity()).as(name).isCloseTo(0.5, within(0.01));
      float[] scores = new Criteria.Magnitude().scores(was, shape, new float[0], 0);
      float[] byMagnitude = was.clone();
      pattern.project(scores, shape, 0.5).apply(byMagnitude);
      assertThat(error(was, byObs, x, columns))
          .as(name)
          .isLessThan(error(was, byMagnitude, x, columns) / 2);
    }
  }

  @Test
  void runsOfAConvolutionAreItsChannelsAndEndWithThem() {
    // 6 channels: runs of 4 and 2 at each of 4 places.
    Shape shape = Shape.of(5, 6, 2, 2);
    SecondMoment moment = moment(inputs(100, 24), 24);
    float[] w = weights(5 * 24);
    Mask kept = Reconstruction.prune(w, shape, moment, new NofM(2, 4), 0);
    assertThat(new NofM(2, 4).admits(kept)).isTrue();
    // Of 4 two stay, of 2 both.
    assertThat(kept.kept()).isEqualTo(5 * 4 * 4);
  }

  @Test
  void whatWasZeroStaysZeroAndSparsityZeroChangesNothing() {
    int n = 32;
    SecondMoment moment = moment(inputs(80, n), n);
    Shape shape = Shape.of(4, n);
    float[] w = weights(4 * n);
    for (int i = 0; i < w.length; i += 3) {
      w[i] = 0;
    }
    float[] same = w.clone();
    Reconstruction.prune(same, shape, moment, new Unstructured(), 0);
    float[] pruned = w.clone();
    Reconstruction.prune(pruned, shape, moment, new Unstructured(), 0.6);
    for (int i = 0; i < w.length; i++) {
      assertThat(same[i]).isEqualTo(w[i]);
      assertThat(w[i] != 0 || pruned[i] == 0).isTrue();
    }
    float[] none = w.clone();
    Reconstruction.prune(none, shape, moment, new Unstructured(), 1);
    assertThat(none).containsOnly(0);
  }

  @Test
  void inputsThatWereNeverOnGoFirst() {
    int n = 12;
    float[] x = inputs(50, n);
    for (int i = 0; i < x.length; i += n) {
      x[i + 3] = 0;
      x[i + 7] = 0;
    }
    float[] w = weights(n);
    w[3] = 100;
    w[7] = 100;
    Reconstruction.prune(w, Shape.of(1, n), moment(x, n), new Unstructured(), 2.0 / n);
    assertThat(w[3]).isZero();
    assertThat(w[7]).isZero();
    assertThat(Mask.ofNonZeros(Shape.of(n), w).kept()).isEqualTo(n - 2);
  }
}
