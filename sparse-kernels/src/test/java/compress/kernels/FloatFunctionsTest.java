package compress.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What runs here gives what plain loops over doubles give. */
final class FloatFunctionsTest {
  @FunctionalInterface
  private interface Function {
    void run(FloatFunctions all, float[] x, float[] y, int n);
  }

  private static final Map<String, Function> FUNCTIONS =
      Map.of(
          "exp", FloatFunctions::exp,
          "tanh", FloatFunctions::tanh,
          "sigmoid", FloatFunctions::sigmoid,
          "erf", FloatFunctions::erf,
          "gelu", FloatFunctions::gelu);

  @ParameterizedTest
  @ValueSource(strings = {"exp", "tanh", "sigmoid", "erf", "gelu"})
  void agreesWithDoubles(String name) {
    Function function = Objects.requireNonNull(FUNCTIONS.get(name));
    Random random = new Random(9);
    for (int n : new int[] {1, 3, 15, 16, 17, 33, 1000}) {
      float[] x = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = (float) (random.nextGaussian() * (i % 3 == 0 ? 0.1 : 5));
      }
      float[] expected = new float[n];
      function.run(FloatFunctions.plain(), x, expected, n);
      float[] y = new float[n + 2];
      Arrays.fill(y, n, n + 2, 7);
      function.run(FloatFunctions.here(), x, y, n);
      for (int i = 0; i < n; i++) {
        // What is a sum with 1 has errors of its size, times half of x in gelu.
        double sum = name.equals("exp") ? 0 : name.equals("gelu") ? Math.abs(x[i]) / 2 + 0.5 : 0.5;
        double most = 4e-7 * Math.max(Math.abs(expected[i]), sum);
        assertThat(y[i]).as("%s(%s)", name, x[i]).isCloseTo(expected[i], within((float) most));
      }
      assertThat(y[n]).isEqualTo(7);
      function.run(FloatFunctions.here(), x, x, n);
      assertThat(x).isEqualTo(Arrays.copyOf(y, n));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"exp", "tanh", "sigmoid", "erf", "gelu"})
  void atTheEnds(String name) {
    Function function = Objects.requireNonNull(FUNCTIONS.get(name));
    float[] x = {
      0, Float.NaN, Float.NEGATIVE_INFINITY, -200, 200, 1e-6f, -1e-6f, -88, 88, -100, 1e-30f, -9, 9
    };
    float[] expected = new float[x.length];
    function.run(FloatFunctions.plain(), x, expected, x.length);
    float[] y = new float[x.length];
    function.run(FloatFunctions.here(), x, y, x.length);
    for (int i = 0; i < x.length; i++) {
      if (name.equals("gelu") && Float.isInfinite(x[i])) {
        continue; // Minus infinity times 0.
      }
      if (Float.isNaN(expected[i]) || Float.isInfinite(expected[i])) {
        assertThat(Float.valueOf(y[i]))
            .as("%s(%s)", name, x[i])
            .isEqualTo(Float.valueOf(expected[i]));
      } else {
        double most = 4e-7 * Math.abs(expected[i]) + (name.equals("gelu") ? 2e-6 : 1e-37);
        assertThat(y[i]).as("%s(%s)", name, x[i]).isCloseTo(expected[i], within((float) most));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 16, 40})
  void maxAndScaledSums(int n) {
    Random random = new Random(n);
    float[] x = new float[n + 3];
    float[] y = new float[n + 5];
    float[] expected = new float[n + 5];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < n; i++) {
      expected[i + 2] = 0.5f * x[i + 3];
    }
    FloatFunctions.here().addScaled(x, 3, 0.5f, y, 2, n);
    assertThat(y).containsExactly(expected, within(1e-6f));
    float max = FloatFunctions.plain().max(x, n);
    assertThat(FloatFunctions.here().max(x, n)).isEqualTo(max);
    x[n / 2] = Float.NaN;
    assertThat(FloatFunctions.here().max(x, n)).isNaN();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 16, 31, 33, 55, 64})
  void pieces(int n) {
    Random random = new Random(n);
    float[] x = new float[n + 3];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    x[n / 2 + 3] = Float.NaN;
    float[] y = new float[n + 5];
    float[] expected = new float[n + 5];
    for (int i = 0; i < n; i++) {
      expected[i + 2] = Math.max(0, x[i + 3]);
    }
    FloatFunctions.here().maxInto(x, 3, y, 2, n);
    assertThat(Arrays.equals(y, expected))
        .as("%s, not %s", Arrays.toString(y), Arrays.toString(expected))
        .isTrue();
    for (FloatFunctions functions : List.of(FloatFunctions.here(), FloatFunctions.plain())) {
      float[] even = new float[(n + 1) / 2];
      float[] odd = new float[n / 2];
      functions.split(x, n, even, odd);
      for (int i = 0; i < n; i++) {
        float copied = (i % 2 == 0 ? even : odd)[i / 2];
        assertThat(Float.compare(copied, x[i])).as("%d of %d", i, n).isZero();
      }
    }
  }
}
