package compress.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.model.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is computed without a network: intervals, comparisons, schedules, random images. */
final class MeasuresTest {
  @Test
  void wilsonsIntervalHasTheTabledValues() {
    // Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
    Accuracy some = new Accuracy(81, 263);
    assertThat(some.low()).isCloseTo(0.2553, within(1e-4));
    assertThat(some.high()).isCloseTo(0.3662, within(1e-4));
    assertThat(new Accuracy(10, 10).high()).isCloseTo(1, within(1e-12)).isLessThanOrEqualTo(1);
    assertThat(new Accuracy(10, 10).low()).isCloseTo(0.7225, within(1e-4));
    assertThat(new Accuracy(0, 10).low()).isZero();
    assertThatThrownBy(() -> new Accuracy(2, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void comparisonByHand() {
    OutputComparison.Collector collector = new OutputComparison.Collector();
    // Softmax of (ln 3, 0) is (3/4, 1/4), of (0, 0) is (1/2, 1/2).
    collector.add(new float[] {(float) Math.log(3), 0}, new float[] {0, 0});
    collector.add(new float[] {3, 4}, new float[] {6, 8});
    OutputComparison result = collector.result();
    double first = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
    double p = 1 / (1 + Math.exp(-1));
    double q = 1 / (1 + Math.exp(-2));
    double second = p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    assertThat(result.klDivergence()).isCloseTo((first + second) / 2, within(1e-6));
    assertThat(result.top1Agreement()).isEqualTo(1);
    assertThat(result.maxAbsDifference()).isEqualTo(4);
    assertThat(result.meanAbsDifference()).isCloseTo((Math.log(3) + 7) / 4, within(1e-6));
    assertThat(result.cosine()).isCloseTo(0.5, within(1e-9));
    assertThatThrownBy(() -> collector.add(new float[1], new float[2]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void schedules() {
    assertThat(LearningRate.constant().factor(7, 10)).isEqualTo(1);
    LearningRate step = new LearningRate.Step(3, 0.1);
    assertThat(step.factor(2.9, 10)).isEqualTo(1);
    assertThat(step.factor(6, 10)).isCloseTo(0.01, within(1e-12));
    LearningRate cosine = new LearningRate.Cosine(2, 0.1);
    assertThat(cosine.factor(1, 10)).isEqualTo(0.5);
    assertThat(cosine.factor(2, 10)).isEqualTo(1);
    assertThat(cosine.factor(6, 10)).isCloseTo(0.55, within(1e-12));
    assertThat(cosine.factor(10, 10)).isCloseTo(0.1, within(1e-12));
    LearningRate restarts = new LearningRate.WarmRestarts(2, 2, 0);
    assertThat(restarts.factor(2, 14)).isEqualTo(1);
    assertThat(restarts.factor(4, 14)).isCloseTo(0.5, within(1e-12));
    assertThat(restarts.factor(6, 14)).isEqualTo(1);
    assertThatThrownBy(() -> new LearningRate.Step(0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static float[] image() {
    float[] image = new float[28 * 28];
    for (int i = 0; i < image.length; i++) {
      image[i] = i + 1;
    }
    return image;
  }

  private static float[] augmented(Augment augment, int epoch, int sample) {
    float[] image = image();
    new Augmenter(augment, Shape.of(1, 28, 28), 9, epoch).apply(sample, image);
    return image;
  }

  @Test
  void anImageMovesByWholePixelsAndWhatIsOutsideIsBlack() {
    boolean[] seen = new boolean[25];
    for (int sample = 0; sample < 400; sample++) {
      float[] moved = augmented(new Augment(2, false, 0, 0, 0), 0, sample);
      // The middle pixel says where the image came from.
      int from = (int) moved[14 * 28 + 14] - 1;
      int down = 14 - from / 28;
      int right = 14 - from % 28;
      assertThat(Math.abs(down)).isLessThanOrEqualTo(2);
      assertThat(Math.abs(right)).isLessThanOrEqualTo(2);
      seen[(down + 2) * 5 + right + 2] = true;
      for (int y = 0; y < 28; y++) {
        for (int x = 0; x < 28; x++) {
          boolean inside = y - down >= 0 && y - down < 28 && x - right >= 0 && x - right < 28;
          float expected = inside ? (y - down) * 28 + x - right + 1 : 0;
          assertThat(moved[y * 28 + x]).isEqualTo(expected);
        }
      }
    }
    assertThat(seen).containsOnly(true);
  }

  @Test
  void aFlipIsAMirrorAndHappensToHalf() {
    int flipped = 0;
    for (int sample = 0; sample < 200; sample++) {
      float[] image = augmented(new Augment(0, true, 0, 0, 0), 0, sample);
      assertThat(image[0]).isIn(1f, 28f);
      flipped += image[0] == 28f ? 1 : 0;
    }
    assertThat(flipped).isBetween(70, 130);
  }

  @Test
  void theSameEpochAndSampleGiveTheSameImage() {
    Augment all = new Augment(2, true, 10, 0.1, 2);
    assertThat(augmented(all, 1, 5)).isEqualTo(augmented(all, 1, 5));
    assertThat(augmented(all, 1, 5)).isNotEqualTo(augmented(all, 2, 5));
    assertThat(augmented(all, 1, 5)).isNotEqualTo(augmented(all, 1, 6));
  }

  @Test
  void turningAndScalingKeepTheMiddle() {
    for (int sample = 0; sample < 20; sample++) {
      float[] turned = augmented(new Augment(0, false, 10, 0.1, 0), 0, sample);
      double middle = 0;
      for (int i : new int[] {13 * 28 + 13, 13 * 28 + 14, 14 * 28 + 13, 14 * 28 + 14}) {
        middle += turned[i] / 4;
      }
      assertThat(middle).isCloseTo(392.5, within(1e-2));
      assertThat(Arrays.equals(turned, image())).isFalse();
    }
  }
}
