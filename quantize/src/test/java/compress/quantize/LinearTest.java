package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Shape;
import compress.model.Values;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LinearTest {
  private static final long SEED = 5;

  private static Layer gaussian(Shape shape, int outputAxis, double shift) {
    SplittableRandom r = new SplittableRandom(SEED);
    float[] w = new float[(int) shape.size()];
    for (int i = 0; i < w.length; i++) {
      w[i] = r.nextInt(10) == 0 ? 0 : (float) (shift + r.nextGaussian());
    }
    return new Layer(w, shape, DType.F32, outputAxis);
  }

  private static Affine quantize(Linear scheme, Layer layer, int bits) {
    return (Affine) scheme.quantize(layer, bits, SEED);
  }

  @Test
  void noWeightIsFurtherThanHalfAStepAndZeroIsExact() {
    for (String grouping : List.of("tensor", "channel", "group:4")) {
      for (boolean symmetric : new boolean[] {true, false}) {
        for (int outputAxis : new int[] {0, 1, -1}) {
          for (double shift : new double[] {0, 3, -0.2}) {
            for (int bits = 2; bits <= 8; bits++) {
              Layer layer = gaussian(Shape.of(8, 12), outputAxis, shift);
              Affine q =
                  quantize(
                      new Linear(symmetric, Grouping.parse(grouping), new Range.MinMax()),
                      layer,
                      bits);
              float[] now = q.toFloats();
              float[] scales = q.scale().toFloats();
              for (int i = 0; i < now.length; i++) {
                double halfStep = 0.5 * scales[q.scaleOf(i)];
                assertThat(Math.abs(now[i] - layer.weights()[i]))
                    .as(
                        "%s %s axis %d shift %s bits %d entry %d",
                        grouping, symmetric, outputAxis, shift, bits, i)
                    .isLessThanOrEqualTo((float) (halfStep * (1 + 1e-5) + 1e-6 * Math.abs(now[i])));
                if (layer.weights()[i] == 0) {
                  assertThat(now[i]).isZero();
                }
              }
            }
          }
        }
      }
    }
  }

  @Test
  void groupsShareScalesAsTheGranularitySays() {
    Layer matrix = gaussian(Shape.of(8, 16), 0, 0);
    Linear scheme = new Linear(true, new Grouping.Group(4), new Range.MinMax());
    Affine q = quantize(scheme, matrix, 4);
    // [8, 16], group 4 along the inputs: 32 scales.
    assertThat(q.scale().shape()).isEqualTo(Shape.of(8, 4));
    assertThat(q.granularity()).isEqualTo(new Granularity.PerGroup(1, 4));
    // Of MatMul's weights the inputs come first.
    Affine transposed = quantize(scheme, gaussian(Shape.of(8, 16), 1, 0), 4);
    assertThat(transposed.scale().shape()).isEqualTo(Shape.of(2, 16));
    // Each scale is that of the largest magnitude of its members, found by the param's own index.
    for (Affine a : List.of(q, transposed)) {
      float[] scales = a.scale().toFloats();
      float[] largest = new float[scales.length];
      for (int i = 0; i < matrix.weights().length; i++) {
        int s = a.scaleOf(i);
        largest[s] = Math.max(largest[s], Math.abs(matrix.weights()[i]));
      }
      for (int s = 0; s < scales.length; s++) {
        assertThat(scales[s] * 7.5f).isCloseTo(largest[s], offset(1e-5f));
      }
    }
    // A convolution with fewer inputs than the group has one group a place of the kernel.
    Affine conv = quantize(scheme, gaussian(Shape.of(6, 3, 5, 5), 0, 0), 4);
    assertThat(conv.scale().shape()).isEqualTo(Shape.of(6, 1, 5, 5));
  }

  @Test
  void mseIsNeverWorseThanTheWholeRangeNorThanAnyOfFiftyOthers() {
    Layer layer = gaussian(Shape.of(1, 4000), 0, 0);
    layer.weights()[7] = 9;
    for (int bits = 2; bits <= 8; bits++) {
      double whole = rmse(new Range.MinMax(), layer, bits);
      double mse = rmse(new Range.Mse(), layer, bits);
      assertThat(mse).isLessThanOrEqualTo(whole);
      assertThat(mse).isLessThanOrEqualTo(1.0001 * rmse(new Range.Percentile(99.9), layer, bits));
    }
    assertThat(rmse(new Range.Mse(), layer, 4))
        .isLessThan(0.6 * rmse(new Range.MinMax(), layer, 4));
  }

  private static double rmse(Range range, Layer layer, int bits) {
    Values q = new Linear(true, new Grouping.Tensor(), range).quantize(layer, bits, SEED);
    return Distortion.of(layer.weights(), q).rmse();
  }

  /** Banner et al. 2019 (ACIQ), table 1: where to clip a standard normal, by bits. */
  @Test
  void mseClipsAGaussianWhereTheTheorySays() {
    SplittableRandom r = new SplittableRandom(SEED);
    float[] w = new float[200_000];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) r.nextGaussian();
    }
    double[] published = {1.71, 2.15, 2.55};
    for (int bits = 2; bits <= 4; bits++) {
      Grid grid = new Range.Mse().grid(w, w.length, bits, true, s -> s);
      double bound = grid.scale() * ((1 << bits) - 1) / 2.0;
      assertThat(bound).as("%d bits", bits).isCloseTo(published[bits - 2], offset(0.4));
    }
  }

  @Test
  void percentileLeavesOutWhatItSays() {
    float[] w = new float[1001];
    for (int i = 0; i < w.length; i++) {
      w[i] = i;
    }
    Layer layer = Layer.of(Shape.of(1, w.length), w);
    Affine q =
        quantize(new Linear(true, new Grouping.Tensor(), new Range.Percentile(90)), layer, 8);
    assertThat(q.scale().floatAt(0) * 127.5).isCloseTo(900.0, offset(1e-3));
    Affine both =
        quantize(new Linear(false, new Grouping.Tensor(), new Range.Percentile(90)), layer, 8);
    assertThat(both.scale().floatAt(0) * 255.0).isCloseTo(950.0, offset(1e-3));
  }

  @Test
  void ternaryAndBinaryAreTheBestOfTheirSigns() {
    Layer layer = gaussian(Shape.of(3, 50), 0, 0);
    for (Scheme scheme :
        List.of(new Binary(new Grouping.Channel()), new Ternary(new Grouping.Channel()))) {
      Affine q = (Affine) scheme.quantize(layer, scheme.mostBits(), SEED);
      for (int row = 0; row < 3; row++) {
        double best = error(layer, q, row, 1);
        // Any other magnitude for the same signs is worse: it is the least-squares one.
        assertThat(error(layer, q, row, 0.99)).isGreaterThan(best);
        assertThat(error(layer, q, row, 1.01)).isGreaterThan(best);
      }
    }
    // Li et al.: the threshold for a normal distribution is about 0.6 sigma, 0.7 times its mean
    // magnitude 0.8 sigma; 45 % of the weights are within.
    SplittableRandom r = new SplittableRandom(SEED);
    float[] w = new float[100_000];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) r.nextGaussian();
    }
    Layer normal = Layer.of(Shape.of(1, w.length), w);
    Values t = new Ternary(new Grouping.Tensor()).quantize(normal, 2, SEED);
    long zeros = 0;
    for (float v : t.toFloats()) {
      zeros += v == 0 ? 1 : 0;
    }
    assertThat(zeros / 1e5).isCloseTo(0.4237, offset(0.005));
  }

  private static double error(Layer layer, Affine q, int row, double factor) {
    float[] now = q.toFloats();
    double error = 0;
    for (int i = 50 * row; i < 50 * row + 50; i++) {
      double d = layer.weights()[i] - factor * now[i];
      error += d * d;
    }
    return error;
  }

  @Test
  void narrowFloatsRoundToTheNearest() {
    float[] w = {1, 1.0039f, 1.0118f, -3.4e38f, 1e-40f, 0};
    float[] bf16 =
        new RoundedFloat(RoundedFloat.Kind.BF16)
            .quantize(Layer.of(Shape.of(6), w), 16, SEED)
            .toFloats();
    assertThat(bf16).containsExactly(1, 1.0f, 1.015625f, -0x1.fep127f, Float.MIN_NORMAL, 0);
    float[] tf32 =
        new RoundedFloat(RoundedFloat.Kind.TF32)
            .quantize(Layer.of(Shape.of(2), 0x1.002p0f + 0x1p-23f, 0x1.002p0f), 19, SEED)
            .toFloats();
    assertThat(tf32).containsExactly(0x1.004p0f, 1);
    // E4M3: 448 is the largest, so with a largest weight of 448 the scale is 1.
    float[] fp8 =
        new Float8(Float8.Kind.E4M3, new Grouping.Tensor())
            .quantize(Layer.of(Shape.of(6), 448, -17, 18.9f, 0.01f, -1e-6f, 0), 8, SEED)
            .toFloats();
    assertThat(fp8).containsExactly(448, -16, 18, 0x1.4p-7f, -0x1p-9f, 0);
  }

  @Test
  void badGroupsAreRefused() {
    Linear scheme = new Linear(true, new Grouping.Group(128), new Range.MinMax());
    assertThat(scheme.objection(Shape.of(40, 300), DType.F32, 0))
        .get()
        .asString()
        .contains("300 inputs, not divisible by group 128", "50, 60, 75, 100, 150, 300", "ignore");
    assertThat(scheme.objection(Shape.of(40, 256), DType.F32, 0)).isEmpty();
    assertThat(Linear.defaults().objection(Shape.of(4, 4), DType.F64, 0))
        .get()
        .asString()
        .contains("F64");
    assertThatThrownBy(() -> Schemes.parse("linear", Map.of("granularity", "chanel")))
        .hasMessageContaining("did you mean 'channel'?");
    assertThatThrownBy(() -> Schemes.parse("linear", Map.of("granularity", "group:0")))
        .hasMessageContaining("at least 1");
    assertThatThrownBy(() -> Schemes.parse("linear", Map.of("range", "msee")))
        .hasMessageContaining("did you mean 'mse'?");
    assertThatThrownBy(() -> Schemes.parse("linear", Map.of("range", "percentile:0")))
        .hasMessageContaining("above 50");
  }
}
