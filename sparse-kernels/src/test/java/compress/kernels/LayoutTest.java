package compress.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayoutTest {
  private static final long SEED = 20261121;

  @Test
  void givesBackWhatWasPacked() {
    Random random = new Random(SEED);
    for (int[] size : new int[][] {{1, 1}, {3, 5}, {16, 64}, {17, 65}, {33, 130}}) {
      for (double density : new double[] {0, 0.1, 0.5, 1}) {
        WeightMatrix w = Sample.random(random, size[0], size[1], density);
        List<Layout> layouts =
            List.of(
                DenseTiles.pack(w),
                Csr.pack(w),
                Csr.pack(w, 1),
                Csr.pack(w, 7),
                Sell.pack(w),
                Sell.pack("bank:30", w, 30),
                Blocks.pack(w, 8, 1),
                Blocks.pack(w, 3, 5),
                BankBalanced.pack(w, 1),
                BankBalanced.pack(w, 30),
                BankBalanced.pack(w, 256),
                NofM.pack(w, 4, 4),
                NofM.pack(w, 9, 9),
                NofM.pack(w, 16, 16),
                Windows.pack(w, Windows.NARROW),
                Windows.pack(w, Windows.WIDE));
        for (Layout layout : layouts) {
          assertThat(layout.unpack())
              .as("%s of %s, density %s", layout.pattern(), Arrays.toString(size), density)
              .isEqualTo(w.values());
        }
        WeightMatrix few = Sample.shared(w, random, 15);
        assertThat(Shared.pack(few).unpack()).isEqualTo(few.values());
        WeightMatrix many = Sample.shared(w, random, 255);
        assertThat(Shared.pack(many).unpack()).isEqualTo(many.values());
        assertThat(SharedCsr.pack(many).unpack()).isEqualTo(many.values());
        WeightMatrix sparse = Sample.twoOfFour(w);
        assertThat(NofM.pack(sparse, 2, 4).unpack()).isEqualTo(sparse.values());
        WeightMatrix signs = Sample.binary(random, size[0], size[1]);
        assertThat(Binary.pack(signs).unpack()).isEqualTo(signs.values());
        assertThat(BitPlanes.pack(Binary.pack(signs)).unpack()).isEqualTo(signs.values());
      }
    }
  }

  /** The model's own decoder is the second opinion. */
  @Test
  void linearWeightsAreThoseOfTheModel() {
    Random random = new Random(SEED);
    for (DType type : new DType[] {DType.I8, DType.U8, DType.I4, DType.U4, DType.I2, DType.U2}) {
      for (Granularity granularity :
          new Granularity[] {
            new Granularity.PerTensor(), new Granularity.PerAxis(0), new Granularity.PerGroup(1, 7)
          }) {
        Affine affine = affine(random, type, granularity, 19, 23);
        Linear packed = Linear.pack(affine);
        assertThat(packed.unpack()).as("%s %s", type, granularity).isEqualTo(affine.toFloats());
        assertThat(BitPlanes.pack(packed).unpack()).isEqualTo(affine.toFloats());
      }
    }
  }

  private static Affine affine(
      Random random, DType type, Granularity granularity, int rows, int columns) {
    Shape shape = Shape.of(rows, columns);
    byte[] integers = new byte[Math.toIntExact(type.bytesFor(shape.size()))];
    random.nextBytes(integers);
    long scales =
        switch (granularity) {
          case Granularity.PerTensor() -> 1;
          case Granularity.PerAxis(int axis) -> shape.dim(axis);
          case Granularity.PerGroup(int axis, int size) ->
              rows * Math.ceilDiv(columns, (long) size);
        };
    float[] scale = new float[(int) scales];
    for (int i = 0; i < scale.length; i++) {
      scale[i] = random.nextFloat() + 0.5f;
    }
    byte[] zeros = new byte[Math.toIntExact(type.bytesFor(scales))];
    random.nextBytes(zeros);
    return new Affine(
        Tensor.of(type, shape, integers),
        Tensor.of(Shape.of(scales), scale),
        Optional.of(Tensor.of(type, Shape.of(scales), zeros)),
        granularity);
  }

  @Test
  void aPrunedNegativeZeroComesBackAsZero() {
    WeightMatrix w = new WeightMatrix(new float[] {-0f, 1, 0, -2}, 2, 2);
    assertThat(Csr.pack(w).nonZeros()).isEqualTo(2);
    assertThat(Csr.pack(w).unpack()).isEqualTo(new float[] {0, 1, 0, -2});
  }

  @Test
  void takesTheBytesThatTheDocsSay() {
    WeightMatrix w = Sample.random(new Random(SEED), 64, 128, 0.5);
    assertThat(Csr.pack(w).bytes()).isEqualTo(6 * w.nonZeros() + 4 * 65);
    assertThat(DenseTiles.pack(w).bytes()).isEqualTo(64 * 128 * 4);
    assertThat(NofM.pack(Sample.twoOfFour(w), 2, 4).bytes()).isEqualTo(64 * 64 * 4 + 64 * 64 / 4);
    Linear int4 = Sample.linear(new Random(SEED), 64, 128, 4, 32, true);
    assertThat(int4.bytes()).isEqualTo(64 * 128 / 2 + 64 * 4 * 4);
  }

  @Test
  void windowsAreNearlyFull() {
    // What a simulation of the greedy steps gives, written apart from this one.
    double[][] fullAtDensity = {
      {0.5, 0.91, 0.96}, {0.2, 0.76, 0.88}, {0.1, 0.64, 0.77}, {0.05, 0.50, 0.68}
    };
    for (double[] expected : fullAtDensity) {
      WeightMatrix w = Sample.random(new Random(SEED), 64, 4096, expected[0]);
      for (int i = 1; i <= 2; i++) {
        Windows windows = Windows.pack(w, i == 1 ? Windows.NARROW : Windows.WIDE);
        double places = (double) Layout.TILE * windows.firsts().length;
        assertThat(w.nonZeros() / places).isCloseTo(expected[i], within(0.02));
      }
    }
  }

  @Test
  void windowsOfRowsThatAreAlikeAreFull() {
    float[] w = new float[32 * 640];
    for (int i = 0; i < w.length; i += 10) {
      w[i] = 1 + i;
    }
    Windows windows = Windows.pack(new WeightMatrix(w, 32, 640), Windows.NARROW);
    assertThat(windows.firsts()).hasSize(2 * 64);
    assertThat(windows.unpack()).isEqualTo(w);
  }

  @Test
  void rowsOfABalancedPatternNeedNoFilling() {
    int rows = Sell.WINDOW + 37;
    float[] values = new float[rows * 300];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 300 % 10 < 3 ? i + 1 : 0;
    }
    WeightMatrix w = new WeightMatrix(values, rows, 300);
    Sell balanced = Sell.pack("bank:10", w, 10);
    assertThat(balanced.slabWidth()).isEqualTo(130);
    assertThat(balanced.slabs()).isEqualTo(3);
    // The last row has no partner, so the other half of its pair is empty.
    assertThat(balanced.values()).hasSize((rows + 1) * 90);
    assertThat(balanced.unpack()).isEqualTo(values);
  }

  @Test
  void aSlabIsAsWideAsTheSumsAreWorth() {
    Random random = new Random(SEED);
    assertThat(Sell.pack(Sample.random(random, 20, 1000, 0.5)).slabWidth()).isEqualTo(128);
    assertThat(Sell.pack(Sample.random(random, 20, 1000, 0.1)).slabWidth()).isBetween(240, 280);
    assertThat(Sell.pack(Sample.random(random, 20, 1000, 0)).slabWidth()).isEqualTo(1000);
  }

  @Test
  void aConvolutionsFiltersAreRows() {
    Param param = Param.of("conv", Tensor.of(Shape.of(2, 1, 1, 3), 1, 2, 3, 4, 5, 6));
    WeightMatrix w = WeightMatrix.of(param);
    assertThat(w.rows()).isEqualTo(2);
    assertThat(w.columns()).isEqualTo(3);
    assertThat(w.transposed().values()).containsExactly(1, 4, 2, 5, 3, 6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightMatrix.of(Param.of("bias", Tensor.of(Shape.of(3), 1, 2, 3))))
        .withMessageContaining("bias has shape [3]");
  }

  @Test
  void refusesWeightsThatDoNotFit() {
    WeightMatrix full = Sample.random(new Random(SEED), 4, 8, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NofM.pack(full, 2, 4))
        .withMessageContaining("row 0 keeps more than 2 of columns 0 to 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Binary.pack(full))
        .withMessageContaining("binary weights have one in a row");
    assertThatIllegalArgumentException().isThrownBy(() -> BankBalanced.pack(full, 257));
    assertThatIllegalArgumentException().isThrownBy(() -> Csr.pack(full, 1 << 17));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shared.pack(Sample.random(new Random(SEED), 30, 30, 1)))
        .withMessageContaining("more than 256 different weights");
  }
}
