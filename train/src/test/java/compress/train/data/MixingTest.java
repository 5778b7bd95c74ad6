package compress.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MixingTest {
  /** Mean and variance of Beta(a, a) are 1/2 and 1 / (4 (2a + 1)). */
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.4, 1, 3})
  void sharesHaveTheMomentsOfTheBetaDistribution(double alpha) {
    int n = 20_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double share = Mixing.draw(alpha, 1, i).share();
      assertThat(share).isBetween(0.0, 1.0);
      sum += share;
      squares += (share - 0.5) * (share - 0.5);
    }
    assertThat(sum / n).isCloseTo(0.5, within(0.015));
    double variance = 1 / (4 * (2 * alpha + 1));
    assertThat(squares / n).isCloseTo(variance, within(0.05 * variance));
  }

  @Test
  void partnersAreAnOrderThatTheSeedDecides() {
    Mixing mixing = Mixing.draw(1, 50, 3);
    assertThat(mixing).isEqualTo(Mixing.draw(1, 50, 3)).isNotEqualTo(Mixing.draw(1, 50, 4));
    assertThat(Arrays.stream(mixing.partners()).sorted().toArray())
        .isEqualTo(IntStream.range(0, 50).toArray());
  }

  @Test
  void mixesRowsOfABatchAfterPreprocessing() {
    DataSet data = DataSet.of(Tensor.of(Shape.of(3, 2), 0, 10, 20, 30, 40, 50), new int[3], 1);
    ValueInfo input = new ValueInfo("x", Optional.empty(), Optional.empty(), new byte[0]);
    Preprocessing tenth = Preprocessing.RAW.withScale(0.1);
    Feed feed = Feed.of(data, tenth, List.of(input));
    Draw draw =
        new Draw(
            new int[] {2, 0},
            Batches.Change.NONE,
            Optional.of(new Mixing(0.75f, new int[] {1, 1})));
    assertThat(draw.isPlain()).isFalse();
    float[] mixed = feed.batch(draw).firstEntry().getValue().toFloats();
    // Sample 2 is 4, 5; its partner, sample 0, is 0, 1.
    assertThat(mixed).containsExactly(new float[] {3, 4, 0, 1}, within(1e-5f));
  }

  @Test
  void joinedSetsKnowSomeLabels() {
    DataSet known = DataSet.of(Tensor.of(Shape.of(2, 1), 1, 2), new int[] {1, 0}, 2);
    DataSet joined = known.withUnlabelled(DataSet.unlabelled(Tensor.of(Shape.of(1, 1), 3)));
    assertThat(joined.size()).isEqualTo(3);
    assertThat(joined.hasLabel(1)).isTrue();
    assertThat(joined.hasLabel(2)).isFalse();
    assertThat(joined.isPartlyLabelled()).isTrue();
    assertThat(joined.samples().toFloats()).containsExactly(1, 2, 3);
    assertThat(joined.subset(new int[] {2, 0}).hasLabel(0)).isFalse();
    assertThat(joined.sha256()).isNotEqualTo(known.sha256());
  }
}
