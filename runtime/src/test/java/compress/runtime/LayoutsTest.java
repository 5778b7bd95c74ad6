package compress.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Granularity;
import compress.model.Model;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights of every kind give what the same numbers give as dense weights. */
final class LayoutsTest {
  private static final int K = 64;
  private static final int M = 48;

  /** Weights {@code [k, m]} as a MatMul has them on its right. */
  record Kind(String name, Values values) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Kind> kinds() {
    Random random = new Random(5);
    return Stream.of(
        new Kind("dense", masked(random, (r, c) -> true)),
        new Kind("unstructured", masked(random, (r, c) -> random.nextInt(10) == 0)),
        new Kind("blocks of 8", masked(random, (r, c) -> (r / 8 * 31 + c * 17) % 10 == 0)),
        new Kind("2 of 4", masked(random, (r, c) -> (c + r) % 4 < 2)),
        new Kind("banks of 16", masked(random, (r, c) -> (c + 3 * r) % 16 < 4)),
        new Kind("all zero", masked(random, (r, c) -> false)),
        codebook(random, 16),
        codebook(random, 200),
        affine(random, new Granularity.PerTensor(), 1),
        affine(random, new Granularity.PerAxis(1), M),
        affine(random, new Granularity.PerGroup(0, 16), M * K / 16),
        affine(random, new Granularity.PerAxis(0), K));
  }

  private interface Kept {
    boolean at(int output, int input);
  }

  private static Values masked(Random random, Kept kept) {
    float[] w = new float[K * M];
    for (int r = 0; r < M; r++) {
      for (int c = 0; c < K; c++) {
        w[c * M + r] = kept.at(r, c) ? (float) random.nextGaussian() : 0;
      }
    }
    return new Dense(Tensor.of(Shape.of(K, M), w));
  }

  private static Kind codebook(Random random, int values) {
    byte[] indices = new byte[K * M];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = (byte) random.nextInt(values);
    }
    Codebook codebook =
        new Codebook(Graphs.noise(random, values), Tensor.of(DType.U8, Shape.of(K, M), indices));
    return new Kind("codebook of " + values, codebook);
  }

  private static Kind affine(Random random, Granularity granularity, int scales) {
    byte[] integers = new byte[K * M];
    random.nextBytes(integers);
    long[] shape =
        granularity instanceof Granularity.PerGroup
            ? new long[] {K / 16, M}
            : scales == 1 ? new long[] {} : new long[] {scales};
    float[] s = new float[scales];
    for (int i = 0; i < scales; i++) {
      s[i] = 0.01f + random.nextFloat() / 100;
    }
    Affine affine =
        new Affine(
            Tensor.of(DType.I8, Shape.of(K, M), integers),
            Tensor.of(Shape.of(shape), s),
            Optional.empty(),
            granularity);
    return new Kind("int8 " + granularity, affine);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void agreesWithDense(Kind kind) throws IOException {
    Model model =
        new Graphs(1)
            .input("x", -1, K)
            .param("w", kind.values())
            .param("b", M)
            .node("MatMul", "p", "x", "w")
            .node("Add", "s", "p", "b")
            .node("Relu", "y", "s")
            .model("y");
    for (int rows : new int[] {1, 5, 40}) {
      Map<String, Tensor> given = Map.of("x", Graphs.noise(new Random(rows), rows, K));
      float[] dense = run(model, Options.threads(1).withDense(true).withFuse(false), given);
      float[] packed = run(model, Options.threads(2), given);
      assertThat(packed).as(kind + ", " + rows + " rows").containsExactly(dense, within(1e-3f));
    }
  }

  private static float[] run(Model model, Options options, Map<String, Tensor> given)
      throws IOException {
    try (Program program = new Program(Path.of("model.onnx"), model, options)) {
      return Objects.requireNonNull(program.run(given).get("y")).toFloats();
    }
  }
}
