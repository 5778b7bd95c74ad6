package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ThresholdTest {
  private static final long SEED = 3;

  @Test
  void agreesWithSorting() {
    SplittableRandom r = new SplittableRandom(SEED);
    for (int n : new int[] {1, 2, 7, 100, 3001}) {
      for (int kind = 0; kind < 3; kind++) {
        float[] scores = new float[n];
        for (int i = 0; i < n; i++) {
          scores[i] =
              switch (kind) {
                case 0 -> r.nextFloat();
                case 1 -> r.nextInt(4);
                default -> Float.intBitsToFloat(r.nextInt(0x7f800001));
              };
        }
        float[] sorted = scores.clone();
        Arrays.sort(sorted);
        for (int count : new int[] {1, n / 3, n / 2, n - 1, n}) {
          if (count == 0) {
            continue;
          }
          float[] head = Arrays.copyOf(scores, n / 2);
          float[] tail = Arrays.copyOfRange(scores, n / 2, n);
          Threshold t = Threshold.of(List.of(() -> head, () -> tail), count);
          assertThat(t.score()).as("n %d, kind %d", n, kind).isEqualTo(sorted[count - 1]);
          long ties = 0;
          for (int i = 0; i < count; i++) {
            ties += sorted[i] == t.score() ? 1 : 0;
          }
          assertThat(t.ties()).isEqualTo(ties);
        }
      }
    }
  }

  @Test
  void noneOfThemHasNoScoreBelow() {
    Threshold t = Threshold.of(List.of(() -> new float[] {0, 1}), 0);
    assertThat(t.score()).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(t.ties()).isZero();
  }

  @Test
  void scoresMustBeNumbersAndNotNegative() {
    for (float bad : new float[] {Float.NaN, -1}) {
      assertThatThrownBy(() -> Threshold.of(List.of(() -> new float[] {1, bad}), 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(bad));
    }
    // -0 counts as 0, also when it is the only one.
    assertThat(Threshold.of(List.of(() -> new float[] {-0f}), 1).score()).isZero();
  }
}
