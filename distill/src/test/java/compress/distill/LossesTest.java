package compress.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.distill.Loss.Sides;
import compress.distill.Loss.Value;
import compress.model.DType;
import compress.model.Model;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import compress.train.torch.TorchEngine;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each loss beside its formula in plain loops, by both engines. */
final class LossesTest {
  private static final int N = 5;

  /** What a loss makes of two values. */
  private static double loss(String name, Tensor teacher, Tensor student, double temperature)
      throws IOException {
    return loss(name, teacher, student, temperature, Optional.empty());
  }

  private static double loss(
      String name, Tensor teacher, Tensor student, double temperature, Optional<Tensor> mask)
      throws IOException {
    Loss loss = Losses.named(name);
    Sketch sketch = new Sketch("");
    String t = sketch.input("temperature", DType.F32);
    Map<String, Tensor> given = new LinkedHashMap<>();
    given.put(t, Tensor.of(Shape.of(1), (float) temperature));
    Optional<String> masked = mask.map(m -> sketch.input("attention_mask", DType.I64));
    mask.ifPresent(m -> given.put("attention_mask", m));
    Value theirs = value(sketch, "teacher", teacher, masked);
    Value own = value(sketch, "student", student, masked);
    given.put("teacher", teacher);
    given.put("student", student);
    assertThat(loss.objection().to(theirs, own)).isEmpty();
    Sides sides =
        new Sides(loss.view().of(sketch, theirs), loss.view().of(sketch, own), theirs, own, t, 3);
    String out = loss.comparison().of(sketch, sides);
    Model model = sketch.model("loss", List.of(out));
    double torch;
    try (TorchEngine engine = new TorchEngine(model, 1)) {
      given.keySet().removeIf(n -> engine.inputs().stream().noneMatch(i -> i.name().equals(n)));
      torch = engine.run(given).firstEntry().getValue().toFloats()[0];
    }
    try (OnnxRuntimeEngine engine = OnnxRuntimeEngine.of(model, 1)) {
      given.keySet().removeIf(n -> engine.inputs().stream().noneMatch(i -> i.name().equals(n)));
      double other = engine.run(given).firstEntry().getValue().toFloats()[0];
      assertThat(torch).as(name).isCloseTo(other, within(1e-4 * Math.max(1, Math.abs(other))));
    }
    return torch;
  }

  private static Value value(Sketch sketch, String name, Tensor tensor, Optional<String> mask) {
    long[] dims = tensor.shape().toArray();
    sketch.input(name, DType.F32);
    return new Value(name, Shape.of(Arrays.copyOfRange(dims, 1, dims.length)), mask);
  }

  private static double[][] rows(Tensor tensor) {
    float[] values = tensor.toFloats();
    int n = (int) tensor.shape().dim(0);
    int length = values.length / n;
    double[][] rows = new double[n][length];
    for (int i = 0; i < values.length; i++) {
      rows[i / length][i % length] = values[i];
    }
    return rows;
  }

  private static double[] softmax(double[] scores, double temperature) {
    double sum = 0;
    double[] p = new double[scores.length];
    for (int c = 0; c < p.length; c++) {
      p[c] = Math.exp(scores[c] / temperature);
      sum += p[c];
    }
    for (int c = 0; c < p.length; c++) {
      p[c] /= sum;
    }
    return p;
  }

  private static double divergence(double[][] from, double[][] to, double temperature) {
    double sum = 0;
    for (int i = 0; i < from.length; i++) {
      double[] p = softmax(from[i], temperature);
      double[] q = softmax(to[i], temperature);
      for (int c = 0; c < p.length; c++) {
        sum += p[c] * Math.log(p[c] / q[c]);
      }
    }
    return temperature * temperature * sum / from.length;
  }

  @Test
  void softTargetsAreTheDivergenceAtATemperature() throws IOException {
    Tensor teacher = Toys.normal(1, N, 7);
    Tensor student = Toys.normal(2, N, 7);
    for (double temperature : new double[] {0.5, 1, 4, 20}) {
      assertThat(loss("soft", teacher, student, temperature))
          .isCloseTo(divergence(rows(teacher), rows(student), temperature), within(1e-4));
      assertThat(loss("reverse", teacher, student, temperature))
          .isCloseTo(divergence(rows(student), rows(teacher), temperature), within(1e-4));
    }
    assertThat(loss("soft", teacher, teacher, 4)).isCloseTo(0, within(1e-5));
  }

  /** At a high temperature it is {@code ||z - v||^2 / 2C} of scores of mean 0 (Hinton, eq. 4). */
  @Test
  void atAHighTemperatureSoftTargetsAreRegressionOfScores() throws IOException {
    Tensor teacher = Toys.normal(1, N, 7);
    Tensor student = Toys.normal(2, N, 7);
    double expected = 0;
    for (int i = 0; i < N; i++) {
      double[] d = new double[7];
      double mean = 0;
      for (int c = 0; c < 7; c++) {
        d[c] = rows(student)[i][c] - rows(teacher)[i][c];
        mean += d[c] / 7;
      }
      for (int c = 0; c < 7; c++) {
        expected += (d[c] - mean) * (d[c] - mean) / (2 * 7) / N;
      }
    }
    assertThat(loss("soft", teacher, student, 50)).isCloseTo(expected, within(0.03 * expected));
  }

  @Test
  void squaresOfScoresAndOfEmbeddings() throws IOException {
    Tensor teacher = Toys.normal(1, N, 7);
    Tensor student = Toys.normal(2, N, 7);
    double sum = 0;
    double cosines = 0;
    for (int i = 0; i < N; i++) {
      double[] t = rows(teacher)[i];
      double[] s = rows(student)[i];
      double ts = 0;
      double tt = 0;
      double ss = 0;
      for (int c = 0; c < 7; c++) {
        sum += (s[c] - t[c]) * (s[c] - t[c]);
        ts += t[c] * s[c];
        tt += t[c] * t[c];
        ss += s[c] * s[c];
      }
      cosines += ts / Math.sqrt(tt * ss);
    }
    assertThat(loss("logits", teacher, student, 1)).isCloseTo(sum / 2 / N, within(1e-4));
    assertThat(loss("hint", teacher, student, 1)).isCloseTo(sum / 2 / N / 7, within(1e-5));
    assertThat(loss("mse", teacher, student, 1)).isCloseTo(sum / N / 7, within(1e-5));
    assertThat(loss("cosine", teacher, student, 1)).isCloseTo(1 - cosines / N, within(1e-5));
  }

  private static double[][] attention(Tensor images) {
    long[] d = images.shape().toArray();
    int places = (int) (d[2] * d[3]);
    double[][] maps = new double[(int) d[0]][places];
    for (int i = 0; i < d[0]; i++) {
      double length = 0;
      for (int p = 0; p < places; p++) {
        for (int c = 0; c < d[1]; c++) {
          double x = rows(images)[i][c * places + p];
          maps[i][p] += x * x;
        }
        length += maps[i][p] * maps[i][p];
      }
      for (int p = 0; p < places; p++) {
        maps[i][p] /= Math.sqrt(length);
      }
    }
    return maps;
  }

  @Test
  void attentionIsWhereSquaresAreLarge() throws IOException {
    Tensor teacher = Toys.normal(1, N, 3, 4, 4);
    Tensor student = Toys.normal(2, N, 2, 4, 4);
    double expected = 0;
    for (int i = 0; i < N; i++) {
      for (int p = 0; p < 16; p++) {
        double d = attention(student)[i][p] - attention(teacher)[i][p];
        expected += d * d / 16 / N;
      }
    }
    assertThat(loss("attention", teacher, student, 1)).isCloseTo(expected, within(1e-6));
  }

  private static double huber(double x) {
    return Math.abs(x) < 1 ? x * x / 2 : Math.abs(x) - 0.5;
  }

  private static double[] direction(double[] from, double[] to) {
    double[] d = new double[from.length];
    double length = 0;
    for (int c = 0; c < d.length; c++) {
      d[c] = to[c] - from[c];
      length += d[c] * d[c];
    }
    for (int c = 0; c < d.length && length > 0; c++) {
      d[c] /= Math.sqrt(length);
    }
    return d;
  }

  private static double[][] distances(double[][] e) {
    double[][] d = new double[e.length][e.length];
    double sum = 0;
    for (int i = 0; i < e.length; i++) {
      for (int j = 0; j < e.length; j++) {
        double squares = 0;
        for (int c = 0; c < e[i].length; c++) {
          squares += (e[i][c] - e[j][c]) * (e[i][c] - e[j][c]);
        }
        d[i][j] = Math.sqrt(squares);
        sum += d[i][j];
      }
    }
    for (double[] row : d) {
      for (int j = 0; j < row.length; j++) {
        row[j] /= sum / (e.length * (e.length - 1));
      }
    }
    return d;
  }

  private static double cosine(double[][] e, int i, int j, int k) {
    double sum = 0;
    for (int c = 0; c < e[0].length; c++) {
      sum += direction(e[j], e[i])[c] * direction(e[j], e[k])[c];
    }
    return sum;
  }

  @Test
  void relationsOfSamplesByLoopsOverPairsAndTriples() throws IOException {
    // Embeddings of different lengths can be compared.
    Tensor teacher = Toys.normal(1, N, 6);
    Tensor student = Toys.normal(2, N, 3);
    double[][] t = rows(teacher);
    double[][] s = rows(student);
    double pairs = 0;
    double triples = 0;
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        pairs += huber(distances(s)[i][j] - distances(t)[i][j]) / (N * N);
        for (int k = 0; k < N; k++) {
          triples += huber(cosine(s, i, j, k) - cosine(t, i, j, k)) / (N * N * N);
        }
      }
    }
    assertThat(loss("distance", teacher, student, 1)).isCloseTo(pairs, within(1e-5));
    assertThat(loss("angle", teacher, student, 1)).isCloseTo(triples, within(1e-5));
  }

  /** Filling behind the end of a sequence changes nothing. */
  @Test
  void tokensThatAreFillingDoNotCount() throws IOException {
    Tensor teacher = Toys.normal(1, 2, 3, 4);
    Tensor student = Toys.normal(2, 2, 3, 4);
    Tensor mask = Tensor.ofLongs(Shape.of(2, 3), 1, 1, 0, 1, 1, 1);
    float[] changed = student.toFloats();
    changed[2 * 4] += 100;
    Tensor other = Tensor.of(student.shape(), changed);
    for (String name : new String[] {"hint", "attention", "cosine", "mse", "distance", "angle"}) {
      double here = loss(name, teacher, student, 1, Optional.of(mask));
      assertThat(loss(name, teacher, other, 1, Optional.of(mask))).as(name).isEqualTo(here);
    }
    double sum = 0;
    for (int i = 0; i < 24; i++) {
      double d = teacher.toFloats()[i] - student.toFloats()[i];
      sum += i / 4 == 2 ? 0 : d * d;
    }
    assertThat(loss("hint", teacher, student, 1, Optional.of(mask)))
        .isCloseTo(sum / 2 / (5 * 4), within(1e-5));
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    Value ten = new Value("a", Shape.of(10), Optional.empty());
    Value five = new Value("b", Shape.of(5), Optional.empty());
    Value image = new Value("c", Shape.of(3, 8, 8), Optional.empty());
    Value small = new Value("d", Shape.of(3, 4, 4), Optional.empty());
    assertThat(Losses.named("soft").objection().to(ten, five).orElseThrow())
        .contains("10 scores", "student 5");
    assertThat(Losses.named("attention").objection().to(image, small).orElseThrow())
        .contains("not the same places");
    assertThat(Losses.named("attention").objection().to(ten, five).orElseThrow())
        .contains("no places");
    assertThat(Losses.named("hint").objection().to(image, small).orElseThrow())
        .contains("only shrink");
    assertThat(Losses.named("hint").objection().to(small, image)).isEmpty();
    assertThat(Losses.named("mse").objection().to(ten, five).orElseThrow()).contains("adapter");
    assertThatThrownBy(() -> Losses.named("atention"))
        .hasMessageContaining("did you mean 'attention'");
  }
}
