package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import compress.model.Mask;
import compress.model.Shape;
import java.util.Arrays;
import java.util.BitSet;
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
        if (!suits(pattern, shape)) {
          assertThatThrownBy(() -> pattern.project(scores, shape, 0.5))
              .isInstanceOf(IllegalArgumentException.class);
          continue;
        }
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

  private static boolean suits(SparsityPattern pattern, Shape shape) {
    try {
      pattern.requireSuits(shape);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
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
      Shape shape = suits(pattern, Shape.of(4, 4)) ? Shape.of(4, 4) : Shape.of(2, 2, 2, 2);
      assertThatThrownBy(() -> pattern.project(new float[16], shape, bad))
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
    float[] weights = {0, -0f, 1, -2, Float.MIN_VALUE, -1e-30f, 3, 1};
    Shape shape = Shape.of(2, 4);
    float[] evidence = {1, 2, 3, 0.5f, 1, 1e-20f, 7, 2};
    for (Criterion c : Criteria.ALL) {
      float[] scores = c.scores(weights, shape, evidence, SEED);
      assertThat(scores[0]).isZero();
      assertThat(scores[1]).isZero();
      assertThat(Arrays.copyOfRange(scores, 2, scores.length)).as(c.name()).doesNotContain(0f);
      for (float s : scores) {
        assertThat(s).isGreaterThanOrEqualTo(0);
      }
      assertThat(c.scores(weights, shape, evidence, SEED)).isEqualTo(scores);
      assertThat(Criteria.parse(c.name())).isEqualTo(c);
    }
    Criterion chance = new Criteria.Chance();
    assertThat(chance.scores(weights, shape, evidence, 1))
        .isNotEqualTo(chance.scores(weights, shape, evidence, 2));
  }

  @Test
  void criteriaAreTheirEquations() {
    float[] w = {3, -4, 0.5f, 1};
    Shape shape = Shape.of(2, 2);
    float[] e = {2, 1, -8, 4};
    float[] norms = {2, 1, 8, 4};
    assertThat(new Criteria.Magnitude().scores(w, shape, e, 0)).containsExactly(3, 4, 0.5f, 1);
    assertThat(new Criteria.Wanda().scores(w, shape, norms, 0)).containsExactly(6, 4, 4, 4);
    assertThat(new Criteria.Taylor().scores(w, shape, norms, 0)).containsExactly(6, 4, 4, 4);
    // Counted from -8.
    assertThat(new Criteria.Movement().scores(w, shape, e, 0))
        .containsExactly(10, 9, Float.MIN_VALUE, 12);
    assertThat(new Criteria.Obs().scores(w, shape, norms, 0))
        .containsExactly(4.5f, 16, 0.03125f, 0.25f);
    assertThat(new Criteria.BatchNorm().scores(w, shape, norms, 0)).containsExactly(2, 1, 8, 4);
    // Rows (0, 0), (3, 4) and (0, 10): 5 + 10, 5 + sqrt(45), 10 + sqrt(45).
    float[] rows = {1e-30f, 1e-30f, 3, 4, 1e-30f, 10};
    float far = (float) Math.sqrt(45);
    assertThat(new Criteria.GeometricMedian().scores(rows, Shape.of(3, 2), e, 0))
        .containsExactly(15, 15, 5 + far, 5 + far, 10 + far, 10 + far);
  }

  @Test
  void bankKeepsTheBestOfEachBankAndTheSameShareOfAShorterOne() {
    float[] s = {1, 2, 3, 4, 9, 8, 7, 6, 5, 1};
    // Banks of 4: half of each, and of the last two one.
    assertThat(new Bank(4).project(s, Shape.of(1, 10), 0.5)).isEqualTo(mask(10, 2, 3, 4, 5, 8));
    // Rows narrower than a bank are one.
    assertThat(new Bank(64).project(s, Shape.of(2, 5), 0.6))
        .isEqualTo(mask(Shape.of(2, 5), 3, 4, 5, 6));
    // Of equal scores the lower index stays.
    assertThat(new Bank(4).project(new float[8], Shape.of(1, 8), 0.75)).isEqualTo(mask(8, 0, 4));
    assertThat(new Bank(4).admits(mask(8, 0, 4))).isTrue();
    assertThat(new Bank(4).admits(mask(8, 0, 1))).isFalse();
    // A rest of two may keep one or two where four keep three, never none.
    assertThat(new Bank(4).admits(mask(10, 0, 1, 2, 4, 5, 6, 8))).isTrue();
    assertThat(new Bank(4).admits(mask(10, 0, 1, 2, 4, 5, 6))).isFalse();
  }

  @Test
  void nOfMRunsAlongInputsAtEachPlaceOfAKernel() {
    float[] s = {4, 3, 2, 1, 9, 8, 1};
    assertThat(new NofM(2, 4).project(s, Shape.of(1, 7), 0)).isEqualTo(mask(7, 0, 1, 4, 5));
    assertThat(new NofM(2, 4).project(s, Shape.of(1, 7), 0.75)).isEqualTo(mask(7, 0, 4));
    assertThat(new NofM(2, 4).project(s, Shape.of(1, 7), 1).kept()).isZero();
    // [1, 4, 1, 2]: channel c at place p is entry 2 c + p; place 0 has 1 2 3 4, place 1 4 3 2 1.
    float[] conv = {1, 4, 2, 3, 3, 2, 4, 1};
    Shape shape = Shape.of(1, 4, 1, 2);
    assertThat(new NofM(2, 4).project(conv, shape, 0)).isEqualTo(mask(shape, 4, 6, 1, 3));
    // Fewer channels than a run keep at most two too.
    assertThat(new NofM(2, 4).project(new float[9], Shape.of(3, 3), 0).kept()).isEqualTo(6);
    assertThatThrownBy(() -> new NofM(4, 4)).hasMessageContaining("below M");
  }

  @Test
  void blocksGoAsWholesByWhatStandsForThem() {
    // Two rows of five in blocks of 2 x 2, 2 x 2 and 2 x 1.
    float[] s = {9, 0, 3, 3, 4, 0, 0, 3, 3, 4};
    Shape shape = Shape.of(2, 5);
    assertThat(new Block(2, 2, GroupScore.MEAN).project(s, shape, 0.34))
        .isEqualTo(mask(shape, 2, 3, 7, 8, 4, 9));
    assertThat(new Block(2, 2, GroupScore.MAX).project(s, shape, 0.34))
        .isEqualTo(mask(shape, 0, 1, 5, 6, 4, 9));
    assertThat(new Block(2, 2, GroupScore.L1).project(s, shape, 0.34))
        .isEqualTo(mask(shape, 0, 1, 5, 6, 2, 3, 7, 8));
    assertThat(new Block(2, 2, GroupScore.L2).project(s, shape, 0.67))
        .isEqualTo(mask(shape, 0, 1, 5, 6));
    assertThat(new Block(2, 2, GroupScore.MEAN).admits(mask(shape, 0, 1, 5, 6))).isTrue();
    assertThat(new Block(2, 2, GroupScore.MEAN).admits(mask(shape, 0, 1, 5))).isFalse();
  }

  @Test
  void kernelsAndRowsGoAsWholes() {
    float[] s = {1, 1, 5, 5, 2, 2, 0, 1};
    Shape conv = Shape.of(2, 2, 1, 2);
    assertThat(Patterns.parse("kernel").project(s, conv, 0.5)).isEqualTo(mask(conv, 2, 3, 4, 5));
    assertThat(Patterns.parse("row:l2").project(s, conv, 0.5)).isEqualTo(mask(conv, 0, 1, 2, 3));
    assertThat(Patterns.parse("row").project(s, Shape.of(4, 2), 0.5))
        .isEqualTo(mask(Shape.of(4, 2), 2, 3, 4, 5));
    assertThatThrownBy(() -> Patterns.parse("kernel").requireSuits(Shape.of(4, 2)))
        .hasMessageContaining("no convolution");
    assertThatThrownBy(() -> Patterns.parse("row:sum")).hasMessageContaining("mean, max");
    assertThatThrownBy(() -> Patterns.parse("block:1x1")).hasMessageContaining("from 2");
  }

  @Test
  void theStrictestPatternIsShown() {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] s = new float[64 * 64];
    for (int i = 0; i < s.length; i++) {
      s[i] = random.nextInt(1, 1 << 20);
    }
    for (String name :
        List.of("2:4", "1:4", "bank:16", "block:4x4", "block:8x1", "row", "unstructured")) {
      Mask mask =
          Patterns.parse(name).project(s, Shape.of(64, 64), name.startsWith("bank") ? 0.75 : 0.5);
      assertThat(Patterns.shownBy(mask).orElseThrow().name()).isEqualTo(name);
    }
    Mask conv = Patterns.parse("kernel").project(s, Shape.of(64, 16, 2, 2), 0.5);
    assertThat(Patterns.shownBy(conv).orElseThrow().name()).isEqualTo("kernel");
    // Runs of 4 input channels say nothing where there is one.
    Mask first = new Unstructured().project(Arrays.copyOf(s, 500), Shape.of(20, 1, 5, 5), 0.3);
    assertThat(Patterns.shownBy(first).orElseThrow().name()).isEqualTo("unstructured");
    assertThat(Patterns.shownBy(new Unstructured().project(s, Shape.of(64, 64), 0))).isEmpty();
  }

  private static Mask mask(int n, int... kept) {
    return mask(Shape.of(1, n), kept);
  }

  private static Mask mask(Shape shape, int... kept) {
    BitSet bits = new BitSet();
    Arrays.stream(kept).forEach(bits::set);
    return Mask.of(shape, bits);
  }
}
