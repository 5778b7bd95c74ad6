package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import compress.model.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AllocationsTest {
  private static final long SEED = 9;

  static List<Allocation> allocations() {
    return Allocations.ALL;
  }

  private static Layer layer(String name, float... weights) {
    float[] magnitudes =
        new Criteria.Magnitude().scores(weights, Shape.of(weights.length), new float[0], 0);
    return new Layer(name, Shape.of(weights.length), () -> weights, () -> magnitudes);
  }

  private static Layer gaussian(String name, int n, double deviation) {
    SplittableRandom r = new SplittableRandom(SEED + n);
    float[] w = new float[n];
    for (int i = 0; i < n; i++) {
      w[i] = (float) (deviation * r.nextGaussian());
    }
    return layer(name, w);
  }

  @ParameterizedTest
  @MethodSource("allocations")
  void moreNeverMeansLess(Allocation allocation) {
    List<Layer> layers =
        List.of(gaussian("a", 500, 1), gaussian("b", 3000, 0.1), layer("empty"), layer("z", 0, 0));
    double[] before = new double[layers.size()];
    for (double amount : new double[] {0, 0.2, 0.5, 0.9, 1}) {
      double[] s = allocation.sparsities(layers, amount);
      for (int i = 0; i < s.length; i++) {
        assertThat(s[i]).as("%s, %s", allocation, amount).isBetween(before[i], 1.0);
      }
      before = s;
    }
    assertThat(Allocations.parse(allocation.name())).isEqualTo(allocation);
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> allocation.sparsities(layers, bad))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> allocation.check(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void globalIsOneThresholdAndExactInTotal() {
    List<Layer> layers = List.of(gaussian("a", 501, 1), gaussian("b", 3000, 0.1));
    float[] all = new float[3501];
    System.arraycopy(layers.get(0).scores().get(), 0, all, 0, 501);
    System.arraycopy(layers.get(1).scores().get(), 0, all, 501, 3000);
    Arrays.sort(all);
    for (double amount : new double[] {0, 0.1, 0.5, 0.85, 0.99, 1}) {
      int removed = (int) Math.rint(3501 * amount);
      double[] s = new Allocations.Global().sparsities(layers, amount);
      long a = Math.round(s[0] * 501);
      long b = Math.round(s[1] * 3000);
      assertThat(a + b).isEqualTo(removed);
      long belowInA = 0;
      for (float score : layers.getFirst().scores().get()) {
        belowInA += removed > 0 && score <= all[removed - 1] ? 1 : 0;
      }
      assertThat(a).isEqualTo(belowInA);
    }
  }

  @Test
  void ofEqualScoresTheLastLayersGoFirst() {
    List<Layer> layers = List.of(layer("a", 1, 1, 1, 1), layer("b", 1, 1, 1, 1));
    assertThat(new Allocations.Global().sparsities(layers, 0.5)).containsExactly(0, 1);
    assertThat(new Allocations.Global().sparsities(layers, 0.75)).containsExactly(0.5, 1);
  }

  @Test
  void lampByHand() {
    // Squares 1, 4, 9: scores 1/14, 4/13, 1. Squares 1, 1: scores 1/2 and 1. Zeros score 0.
    List<Layer> layers = List.of(layer("a", 3, -1, 2), layer("b", 1, 1), layer("c", 0, 5));
    Allocation lamp = new Allocations.Lamp();
    assertThat(lamp.sparsities(layers, 1 / 7.0)).containsExactly(0, 0, 0.5);
    assertThat(lamp.sparsities(layers, 2 / 7.0)).containsExactly(1 / 3.0, 0, 0.5);
    assertThat(lamp.sparsities(layers, 3 / 7.0)).containsExactly(2 / 3.0, 0, 0.5);
    assertThat(lamp.sparsities(layers, 4 / 7.0)).containsExactly(2 / 3.0, 0.5, 0.5);
    assertThat(lamp.sparsities(layers, 1)).containsExactly(1, 1, 1);
  }

  @Test
  void lampDoesNotCareForTheScaleOfALayer() {
    List<Layer> layers = List.of(gaussian("a", 1000, 1), gaussian("b", 2000, 0.5));
    List<Layer> scaled = List.of(gaussian("a", 1000, 64), gaussian("b", 2000, 0.5));
    assertThat(new Allocations.Lamp().sparsities(layers, 0.8))
        .isEqualTo(new Allocations.Lamp().sparsities(scaled, 0.8));
    assertThat(new Allocations.Global().sparsities(layers, 0.8))
        .isNotEqualTo(new Allocations.Global().sparsities(scaled, 0.8));
  }

  @Test
  void deviationsOfABell() {
    // 68.27 % of a normal distribution is within one standard deviation.
    double[] s = new Allocations.Deviation().sparsities(List.of(gaussian("a", 100_000, 0.3)), 1);
    assertThat(s[0]).isCloseTo(0.6827, offset(0.005));
    // -2 and 2 deviate by 2; the zeros are no part of it, and are removed already.
    Layer pruned = layer("b", -2, 2, 0, 0);
    assertThat(new Allocations.Deviation().sparsities(List.of(pruned), 0.9)).containsExactly(0.5);
    assertThat(new Allocations.Deviation().sparsities(List.of(pruned), 1)).containsExactly(0.5);
    assertThat(new Allocations.Deviation().sparsities(List.of(pruned), 1.1)).containsExactly(1);
  }
}
