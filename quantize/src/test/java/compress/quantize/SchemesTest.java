package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.Codebook;
import compress.model.DType;
import compress.model.Hashed;
import compress.model.Mask;
import compress.model.Shape;
import compress.model.Values;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every scheme promises. */
class SchemesTest {
  private static final long SEED = 11;

  static List<Schemes.Entry> schemes() {
    return Schemes.ALL;
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void keepsZerosAndGetsBetterWithBits(Schemes.Entry entry) {
    Scheme scheme = Schemes.parse(entry.name(), Map.of());
    SplittableRandom r = new SplittableRandom(SEED);
    for (int n : new int[] {0, 1, 2, 255, 256, 257, 5000}) {
      for (double density : new double[] {0, 0.1, 1}) {
        float[] weights = new float[n];
        for (int i = 0; i < n; i++) {
          weights[i] = r.nextDouble() < density ? (float) r.nextGaussian() : 0;
        }
        Shape shape = Shape.of(1, n);
        if (scheme.objection(shape, DType.F32, 0).isPresent()
            || scheme.refusal(Layer.of(shape, weights)).isPresent()) {
          continue;
        }
        double before = Double.POSITIVE_INFINITY;
        int mostTried = Math.max(scheme.fewestBits(), Math.min(8, scheme.mostBits()));
        for (int bits = scheme.fewestBits(); bits <= mostTried; bits++) {
          Values values = scheme.quantize(Layer.of(shape, weights), bits, SEED);
          String where =
              "%s, %d weights, density %s, %d bits".formatted(entry.name(), n, density, bits);
          assertThat(values.shape()).as(where).isEqualTo(shape);
          if (values instanceof Codebook) {
            assertThat(values.bits()).as(where).isLessThanOrEqualTo(bits);
          }
          Mask was = Mask.ofNonZeros(shape, weights);
          Mask is = Mask.ofNonZeros(shape, values.toFloats());
          if (scheme.mayMakeZeros()) {
            float[] kept = values.toFloats();
            was.apply(kept);
            assertThat(kept).as(where).isEqualTo(values.toFloats());
          } else {
            assertThat(is).as(where).isEqualTo(was);
          }
          double rmse = Distortion.of(weights, values).rmse();
          // Grids of another step, and other buckets, may by chance fit a few weights better.
          if (n > (values instanceof Hashed ? 1000 : 2) || values instanceof Codebook) {
            assertThat(rmse).as(where).isLessThanOrEqualTo(before);
          }
          before = rmse;
        }
      }
    }
  }

  @Test
  void halvesRoundToNearestAndStayInRange() {
    float[] weights = {1, -0.1f, 1e30f, -1e30f, 1e-20f, -1e-20f, 0, -0f, 2049, 2051};
    float[] halves = new Half().quantize(Layer.of(Shape.of(10), weights), 16, SEED).toFloats();
    float tiny = 0x1p-24f;
    // 2049 and 2051 lie between two neighbours each: the one with the even last bit is taken.
    assertThat(halves)
        .containsExactly(1, -0.099975586f, 65504, -65504, tiny, -tiny, 0, 0, 2048, 2052);
  }

  @Test
  void namesAndSettingsAreChecked() {
    assertThat(Schemes.parse("kmeans", Map.of("init", "linear", "entropy-lambda", "0.5")))
        .isEqualTo(new KMeans(new Inits.Linear(), 0.5));
    assertThatThrownBy(() -> Schemes.parse("kmean", Map.of()))
        .hasMessageContaining("did you mean 'kmeans'?");
    assertThatThrownBy(() -> Schemes.parse("kmeans", Map.of("inti", "exact")))
        .hasMessageContaining("no setting 'inti'; did you mean 'init'?");
    assertThatThrownBy(() -> Schemes.parse("kmeans", Map.of("entropy-lambda", "much")))
        .hasMessageContaining("entropy-lambda must be a number, not 'much'");
    assertThatThrownBy(() -> Schemes.parse("kmeans", Map.of("entropy-lambda", "-1")))
        .hasMessageContaining("at least 0");
  }
}
