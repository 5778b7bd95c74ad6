package compress.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.SentencePairs.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpearmanTest {
  @Test
  void isTheTextbookFormulaWithoutTies() {
    SplittableRandom random = new SplittableRandom(4);
    for (int n : new int[] {4, 5, 50}) {
      double[] a = random.doubles(n).toArray();
      double[] b = random.doubles(n).toArray();
      // 1 - 6 sum d² / (n (n² - 1))
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double d = rank(a, i) - rank(b, i);
        squares += d * d;
      }
      double expected = 1 - 6 * squares / (n * ((double) n * n - 1));
      assertThat(Spearman.of(a, b).value()).isCloseTo(expected, within(1e-12));
    }
  }

  private static int rank(double[] values, int of) {
    int rank = 1;
    for (double v : values) {
      rank += v < values[of] ? 1 : 0;
    }
    return rank;
  }

  @Test
  void tiesShareTheirRank() {
    // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
    Spearman s = Spearman.of(new double[] {1, 2, 2, 3}, new double[] {1, 2, 3, 4});
    assertThat(s.value()).isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-12));
    assertThat(Spearman.of(new double[] {1, 1, 1, 1}, new double[] {1, 2, 3, 4}).value()).isNaN();
    assertThatThrownBy(() -> Spearman.of(new double[3], new double[3]))
        .hasMessageContaining("at least 4");
  }

  @Test
  void theIntervalHoldsTheValueAndShrinks() {
    Spearman few = new Spearman(0.8203, 100);
    Spearman many = new Spearman(0.8203, 1379);
    assertThat(many.low()).isGreaterThan(few.low()).isLessThan(0.8203);
    assertThat(many.high()).isLessThan(few.high()).isGreaterThan(0.8203);
    // tanh(atanh(0.8203) - 1.96 sqrt((1 + 0.8203² / 2) / 1376))
    assertThat(many.low()).isCloseTo(0.7993, within(1e-4));
  }

  /** Gives each token a vector: token t is (t, 1). */
  private static final class Embedding implements Engine {
    @Override
    public String name() {
      return "embedding";
    }

    @Override
    public List<ValueInfo> inputs() {
      return List.of(new ValueInfo("ids", Optional.of(DType.I64), Optional.empty(), new byte[0]));
    }

    @Override
    public List<String> outputs() {
      return List.of("e");
    }

    @Override
    public SequencedMap<String, Tensor> run(Map<String, Tensor> inputs) {
      long[] ids = Objects.requireNonNull(inputs.get("ids")).toLongs();
      float[] values = new float[2 * ids.length];
      for (int i = 0; i < ids.length; i++) {
        values[2 * i] = ids[i];
        values[2 * i + 1] = 1;
      }
      SequencedMap<String, Tensor> out = new LinkedHashMap<>();
      out.put("e", Tensor.of(Shape.of(1, ids.length, 2), values));
      return out;
    }

    @Override
    public void close() {}
  }

  private static Map<String, Tensor> sentence(long... ids) {
    return Map.of("ids", Tensor.ofLongs(Shape.of(1, ids.length), ids));
  }

  @Test
  void sentencesAreComparedByTheAngleOfTheirMeans() throws Exception {
    List<Pair> pairs = new ArrayList<>();
    // Means (1, 1) against (1, 1), (2, 1), (-1, 1) and (-3, 1): ever farther apart.
    pairs.add(new Pair(sentence(1), sentence(0, 2), 5));
    pairs.add(new Pair(sentence(1), sentence(2, 2, 2), 4));
    pairs.add(new Pair(sentence(1, 1), sentence(-1), 1));
    pairs.add(new Pair(sentence(1), sentence(-3), 0));
    try (Engine engine = new Embedding()) {
      assertThat(SentencePairs.spearman(engine, pairs, Progress.SILENT).value()).isEqualTo(1);
    }
  }
}
