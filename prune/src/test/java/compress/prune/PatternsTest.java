package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import compress.model.Mask;
import compress.model.Shape;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PatternsTest {
  private static final long SEED = 5;

  static List<SparsityPattern> patterns() {
    return Patterns.ALL.stream().map(Patterns.Entry::example).toList();
  }

  private static float[] scores(int n, int different) {
    SplittableRandom r = new SplittableRandom(SEED + n);
    float[] scores = new float[n];
    for (int i = 0; i < n; i++) {
      scores[i] = r.nextInt(different) / (float) different;
    }
    return scores;
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void admitsWhatItProjects(SparsityPattern pattern) {
    for (Shape shape : List.of(Shape.of(16, 48), Shape.of(8, 4, 4, 4), Shape.of(0, 16))) {
      for (int different : new int[] {1, 3, 1 << 20}) {
        float[] scores = scores((int) shape.size(), different);
        for (double sparsity : new double[] {0, 0.3, 0.5, 0.9, 1}) {
          Mask mask = pattern.project(scores, shape, sparsity);
          assertThat(mask.shape()).isEqualTo(shape);
          assertThat(pattern.admits(mask)).as("%s, %s", pattern, sparsity).isTrue();
          // The same scores give the same mask.
          assertThat(pattern.project(scores, shape, sparsity)).isEqualTo(mask);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void isFoundByItsName(SparsityPattern pattern) {
    assertThat(Patterns.parse(pattern.name())).isEqualTo(pattern);
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void sparsityOutOfRangeIsRefused(SparsityPattern pattern) {
    for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> pattern.project(new float[16], Shape.of(4, 4), bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("from 0 to 1");
    }
  }

  @Test
  void anUnknownPatternNamesTheNearest() {
    assertThatThrownBy(() -> Patterns.parse("unstructred"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("did you mean 'unstructured'?");
  }

  @Test
  void unstructuredIsWhatSortingGives() {
    for (int n : new int[] {1, 2, 9, 1000}) {
      for (int different : new int[] {1, 2, 5, 1 << 20}) {
        float[] s = scores(n, different);
        // Lowest first; of equal ones the higher index first.
        int[] order =
            IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> s[i]).thenComparingInt(i -> -i))
                .mapToInt(i -> i)
                .toArray();
        for (double sparsity : new double[] {0, 0.1, 0.25, 0.5, 0.77, 1}) {
          Mask mask = new Unstructured().project(s, Shape.of(n), sparsity);
          int removed = (int) Math.rint(n * sparsity);
          assertThat(mask.kept()).isEqualTo(n - removed);
          for (int rank = 0; rank < n; rank++) {
            assertThat(mask.keeps(order[rank]))
                .as("n %d, rank %d", n, rank)
                .isEqualTo(rank >= removed);
          }
        }
      }
    }
  }

  @Test
  void halvesRoundToEven() {
    assertThat(SparsityPattern.removed(5, 0.5)).isEqualTo(2);
    assertThat(SparsityPattern.removed(7, 0.5)).isEqualTo(4);
    assertThat(SparsityPattern.removed(431_080, 0.92)).isEqualTo(396_594);
    assertThat(SparsityPattern.removed(0, 1)).isZero();
  }

  @Test
  void theGradualScheduleIsTheEquation() {
    Schedule.Gradual g = new Schedule.Gradual(0.1, 4, 0.8);
    // s + (0.1 - s)(1 - t)^3 for t = 0, 1/4, 1/2, 3/4, 1
    double[] expected = {0.1, 0.5625 * 1, 0.8, 0.8875, 0.9};
    expected[1] = 0.9 - 0.8 * 27 / 64;
    for (int u = 0; u < g.updates(); u++) {
      assertThat(g.sparsity(0.9, u)).isCloseTo(expected[u], offset(1e-12));
      assertThat(g.when(u)).isCloseTo(0.2 * u, offset(1e-12));
    }
    // A layer that ends below the initial sparsity starts where it ends.
    assertThat(g.sparsity(0.05, 0)).isEqualTo(0.05);
  }

  @Test
  void eachRoundRemovesTheSameShareOfWhatIsLeft() {
    Schedule.Iterative s = new Schedule.Iterative(3);
    double left = 1;
    for (int u = 0; u < 3; u++) {
      double now = 1 - s.sparsity(0.9, u);
      assertThat(now / left).isCloseTo(Math.cbrt(0.1), offset(1e-12));
      left = now;
    }
    assertThat(s.sparsity(0.9, 2)).isEqualTo(0.9);
    assertThat(s.sparsity(1, 0)).isEqualTo(1);
  }

  @Test
  void schedulesNeverGoDownAndEndAtTheTarget() {
    for (Schedules.Entry entry : Schedules.ALL) {
      Schedule s = Schedules.parse(entry.name(), java.util.Map.of());
      for (double target : new double[] {0, 0.5, 0.98, 1}) {
        double before = 0;
        double when = -1e-9;
        for (int u = 0; u < s.updates(); u++) {
          assertThat(s.sparsity(target, u)).isBetween(before, target);
          before = s.sparsity(target, u);
          assertThat(s.when(u)).isGreaterThan(when).isLessThan(1);
          when = s.when(u);
        }
        assertThat(before).isEqualTo(target);
      }
    }
  }

  @Test
  void criteriaScoreZerosZeroAndOthersMore() {
    float[] weights = {0, -0f, 1, -2, Float.MIN_VALUE, -1e-30f, Float.POSITIVE_INFINITY};
    for (Criterion c : Criteria.ALL) {
      float[] scores = c.scores(weights, SEED);
      assertThat(scores[0]).isZero();
      assertThat(scores[1]).isZero();
      assertThat(Arrays.copyOfRange(scores, 2, scores.length)).doesNotContain(0f);
      for (float s : scores) {
        assertThat(s).isGreaterThanOrEqualTo(0);
      }
      assertThat(c.scores(weights, SEED)).isEqualTo(scores);
      assertThat(Criteria.parse(c.name())).isEqualTo(c);
    }
    assertThat(new Criteria.Chance().scores(weights, 1))
        .isNotEqualTo(new Criteria.Chance().scores(weights, 2));
  }
}
