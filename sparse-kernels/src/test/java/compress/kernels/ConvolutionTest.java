package compress.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Patches against windows that are read one by one, and kernels on both. */
class ConvolutionTest {
  private static final long SEED = 20261121;

  /** A convolution in two dimensions; {@code pads} are top, left, bottom, right. */
  record Shape(int channels, int[] size, int[] kernel, int[] stride, int[] dilation, int[] pads) {
    Convolution convolution() {
      return new Convolution(
          channels,
          size,
          kernel,
          stride,
          dilation,
          new int[] {pads[0], pads[1]},
          new int[] {pads[2], pads[3]});
    }

    @Override
    public String toString() {
      return "%d x %s, window %s, stride %s, dilation %s, padding %s"
          .formatted(
              channels,
              Arrays.toString(size),
              Arrays.toString(kernel),
              Arrays.toString(stride),
              Arrays.toString(dilation),
              Arrays.toString(pads));
    }
  }

  static List<Shape> shapes() {
    Random random = new Random(SEED);
    List<Shape> shapes = new ArrayList<>();
    while (shapes.size() < 24) {
      int[] size = {1 + random.nextInt(20), 1 + random.nextInt(40)};
      int[] kernel = {1 + random.nextInt(5), 1 + random.nextInt(5)};
      int[] stride = {1 + random.nextInt(3), 1 + random.nextInt(3)};
      int[] dilation = {1 + random.nextInt(2), 1 + random.nextInt(2)};
      int[] pads = {random.nextInt(3), random.nextInt(3), random.nextInt(3), random.nextInt(3)};
      boolean fits = true;
      for (int d = 0; d < 2; d++) {
        fits &= (kernel[d] - 1) * dilation[d] < size[d] + pads[d] + pads[d + 2];
      }
      if (fits) {
        shapes.add(new Shape(1 + random.nextInt(5), size, kernel, stride, dilation, pads));
      }
    }
    return shapes;
  }

  /** The matrix of im2col by its definition. */
  private static float[] expected(Shape s, float[] image, int[] result) {
    int height = s.size[0];
    int width = s.size[1];
    float[] matrix = new float[s.channels * s.kernel[0] * s.kernel[1] * result[0] * result[1]];
    int at = 0;
    for (int c = 0; c < s.channels; c++) {
      for (int i = 0; i < s.kernel[0]; i++) {
        for (int j = 0; j < s.kernel[1]; j++) {
          for (int y = 0; y < result[0]; y++) {
            for (int x = 0; x < result[1]; x++) {
              int row = y * s.stride[0] + i * s.dilation[0] - s.pads[0];
              int column = x * s.stride[1] + j * s.dilation[1] - s.pads[1];
              boolean inside = row >= 0 && row < height && column >= 0 && column < width;
              matrix[at++] = inside ? image[(c * height + row) * width + column] : 0;
            }
          }
        }
      }
    }
    return matrix;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void seesWhatTheDefinitionSays(Shape s) {
    Random random = new Random(SEED);
    Convolution convolution = s.convolution();
    Matrix image = Sample.activations(random, s.channels, s.size[0] * s.size[1], 0);
    try (Workers workers = new Workers(2)) {
      Patches patches = patches(convolution, image, workers);
      float[] seen =
          patches.unfold(OffHeap.allocate(4L * patches.rows() * patches.columns())).toFloats();
      assertThat(seen).isEqualTo(expected(s, image.toFloats(), convolution.resultSize()));
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void kernelsMultiplyPatchesAsTheyDoTheMatrix(Shape s) {
    Random random = new Random(SEED);
    Matrix image = Sample.activations(random, s.channels, s.size[0] * s.size[1], 0);
    try (Workers workers = new Workers(3)) {
      Patches patches = patches(s.convolution(), image, workers);
      Matrix whole = patches.unfold(OffHeap.allocate(4L * patches.rows() * patches.columns()));
      int products = 0;
      for (Layout w : Sample.layouts(random, 19, patches.rows(), 0.4)) {
        for (Kernel<?> kernel : KernelCatalog.accepting(w, patches.columns())) {
          Matrix y = Matrix.zeros(19, patches.columns());
          Matrix expected = Matrix.zeros(19, patches.columns());
          kernel.multiply(w, patches, y, Epilogue.NONE, workers);
          kernel.multiply(w, whole, expected, Epilogue.NONE, workers);
          assertThat(y.toFloats()).as("%s, seed %d", kernel, SEED).isEqualTo(expected.toFloats());
          products++;
        }
      }
      assertThat(products).isPositive();
    }
  }

  private static Patches patches(Convolution convolution, Matrix image, Workers workers) {
    var copy = OffHeap.allocate(convolution.bytes());
    convolution.copy(image.data(), copy, workers);
    return convolution.patches(copy, 0, image.rows());
  }

  @Test
  void countsDimensionsAsTheyCome() {
    Convolution signal =
        new Convolution(
            2,
            new int[] {7},
            new int[] {3},
            new int[] {2},
            new int[] {1},
            new int[] {1},
            new int[] {1});
    assertThat(signal.resultSize()).containsExactly(4);
    Convolution volume =
        new Convolution(
            1,
            new int[] {4, 5, 6},
            new int[] {2, 3, 1},
            new int[] {1, 2, 1},
            new int[] {1, 1, 1},
            new int[] {0, 0, 0},
            new int[] {0, 0, 0});
    assertThat(volume.resultSize()).containsExactly(3, 2, 6);
    assertThat(volume.isInPlace()).isTrue();
  }

  @Test
  void refusesAWindowThatDoesNotFit() {
    assertThatThrownBy(() ->
            new Convolution(
                1,
                new int[] {4, 4},
                new int[] {3, 3},
                new int[] {1, 1},
                new int[] {2, 2},
                new int[] {0, 0},
                new int[] {0, 0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a window of [3, 3] with dilation [2, 2] does not fit into [4, 4]");
    assertThatThrownBy(() -> new Patches(OffHeap.allocate(64), new int[] {0}, new int[] {0}, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("64 bytes do not hold 1 floats and 64 bytes behind them");
  }
}
