package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import compress.model.ByName;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Model;
import compress.model.Param;
import compress.model.Selection;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.Change;
import compress.train.Context;
import compress.train.Outcome;
import compress.train.Skip;
import compress.train.TrainOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QuantizeStageTest {
  private static final Context CONTEXT = Context.of(7);

  private static float[] gaussian(int n, double zeros) {
    SplittableRandom r = new SplittableRandom(n);
    float[] w = new float[n];
    for (int i = 0; i < n; i++) {
      w[i] = r.nextDouble() < zeros ? 0 : (float) (0.1 * r.nextGaussian());
    }
    return w;
  }

  /** Without a graph: rank 2 is a weight, rank 1 a bias. */
  private static Model model(Param... params) {
    SequencedMap<String, Param> byName = new LinkedHashMap<>();
    for (Param p : params) {
      byName.put(p.name(), p);
    }
    return new Model(Optional.empty(), byName, Map.of(), Map.of(), new byte[0]);
  }

  private static Param matrix(String name, int rows, int columns, double zeros) {
    return Param.of(name, Tensor.of(Shape.of(rows, columns), gaussian(rows * columns, zeros)));
  }

  private static Model network() {
    return model(
        matrix("fc1.weight", 40, 30, 0.8),
        Param.of("fc1.bias", Tensor.of(Shape.of(40), gaussian(40, 0))),
        matrix("fc2.weight", 20, 40, 0),
        Param.of("fc2.bias", Tensor.of(Shape.of(1000), gaussian(1000, 0))));
  }

  private static Outcome run(QuantizeOptions options, Model model) throws Exception {
    return new QuantizeStage(options).run(model, CONTEXT);
  }

  private static Codebook codebook(Model model, String name) {
    return (Codebook) model.param(name).values();
  }

  @Test
  void sharesWeightsAndLeavesBiases() throws Exception {
    Model before = network();
    Outcome outcome = run(QuantizeOptions.defaults().withBits(4), before);
    Model after = outcome.model();
    assertThat(codebook(after, "fc1.weight").codebook().size()).isEqualTo(17);
    assertThat(codebook(after, "fc1.weight").bits()).isEqualTo(4);
    assertThat(codebook(after, "fc2.weight").codebook().size()).isEqualTo(16);
    assertThat(codebook(after, "fc2.weight").indices().type()).isEqualTo(DType.U8);
    assertThat(after.param("fc1.bias")).isSameAs(before.param("fc1.bias"));
    assertThat(outcome.changed())
        .extracting(Change::name)
        .containsExactly("fc1.weight", "fc2.weight");
    assertThat(outcome.skipped()).isEmpty();
    assertThat(outcome.details()).extractingByKey("left").asString().contains("fc1.bias", "a bias");
  }

  @Test
  void zerosStayZeroAndNothingElseBecomesZero() throws Exception {
    Model before = network();
    for (int bits : new int[] {1, 2, 5, 8, 9, 16}) {
      Model after = run(QuantizeOptions.defaults().withBits(bits), before).model();
      for (String name : List.of("fc1.weight", "fc2.weight")) {
        assertThat(after.param(name).mask())
            .as("%s, %d bits", name, bits)
            .isEqualTo(before.param(name).mask());
      }
    }
  }

  @Test
  void eachWeightGetsItsNearestSharedValue() throws Exception {
    Model before = network();
    Model after = run(QuantizeOptions.defaults().withBits(3), before).model();
    Codebook c = codebook(after, "fc1.weight");
    float[] shared = c.codebook().toFloats();
    float[] was = before.param("fc1.weight").values().toFloats();
    assertThat(shared[0]).isZero();
    for (int i = 0; i < was.length; i++) {
      int index = c.index(i);
      if (was[i] == 0) {
        assertThat(index).isZero();
        continue;
      }
      for (int j = 1; j < shared.length; j++) {
        assertThat(Math.abs((double) was[i] - shared[index]))
            .isLessThanOrEqualTo(Math.abs((double) was[i] - shared[j]));
      }
    }
  }

  @Test
  void eightBitsWithZerosKeepByteIndices() throws Exception {
    Model m = model(matrix("w", 100, 100, 0.5), matrix("v", 100, 100, 0));
    Model eight = run(QuantizeOptions.defaults().withBits(8), m).model();
    assertThat(codebook(eight, "w").codebook().size()).isEqualTo(256);
    assertThat(codebook(eight, "v").codebook().size()).isEqualTo(256);
    assertThat(codebook(eight, "w").indices().type()).isEqualTo(DType.U8);
    Model nine = run(QuantizeOptions.defaults().withBits(9), m).model();
    assertThat(codebook(nine, "w").codebook().size()).isEqualTo(513);
    assertThat(codebook(nine, "w").indices().type()).isEqualTo(DType.U16);
    assertThat(codebook(nine, "w").largestIndex()).isEqualTo(512);
  }

  @Test
  void bitsByTensorAndBiases() throws Exception {
    SequencedMap<String, Integer> rules = new LinkedHashMap<>();
    rules.put("fc1.*", 2);
    QuantizeOptions options =
        QuantizeOptions.defaults().withBits(ByName.of(4, rules)).withBiasBits(6);
    Outcome outcome = run(options, network());
    assertThat(codebook(outcome.model(), "fc1.weight").bits()).isEqualTo(2);
    assertThat(codebook(outcome.model(), "fc1.bias").bits()).isEqualTo(2);
    assertThat(codebook(outcome.model(), "fc2.weight").bits()).isEqualTo(4);
    assertThat(codebook(outcome.model(), "fc2.bias").bits()).isEqualTo(6);
  }

  @Test
  void aCodebookThatSavesNothingIsSkipped() throws Exception {
    Model m = model(matrix("w", 4, 4, 0), matrix("v", 64, 64, 0));
    Outcome outcome = run(QuantizeOptions.defaults().withBits(4), m);
    assertThat(outcome.skipped()).extracting(Skip::name).containsExactly("w");
    assertThat(outcome.skipped().getFirst().reason()).contains("use fewer bits");
    assertThat(outcome.model().param("w")).isSameAs(m.param("w"));
  }

  @Test
  void quantizingTwiceChangesNothing() throws Exception {
    Model once = run(QuantizeOptions.defaults().withBits(4), network()).model();
    Model twice = run(QuantizeOptions.defaults().withBits(4), once).model();
    for (String name : List.of("fc1.weight", "fc2.weight")) {
      assertThat(codebook(twice, name).codebook().sameAs(codebook(once, name).codebook())).isTrue();
      assertThat(codebook(twice, name).indices().sameAs(codebook(once, name).indices())).isTrue();
    }
  }

  @Test
  void theSameSeedGivesTheSameBytes() throws Exception {
    QuantizeOptions forgy = QuantizeOptions.defaults().withScheme(new KMeans(new Inits.Forgy()));
    Model a = run(forgy, network()).model();
    Model b = run(forgy, network()).model();
    Model c = new QuantizeStage(forgy).run(network(), Context.of(8)).model();
    assertThat(codebook(a, "fc2.weight").codebook().sameAs(codebook(b, "fc2.weight").codebook()))
        .isTrue();
    assertThat(codebook(a, "fc2.weight").codebook().sameAs(codebook(c, "fc2.weight").codebook()))
        .isFalse();
  }

  @Test
  void distortionIsMeasured() throws Exception {
    Model m = model(Param.of("w", Tensor.of(Shape.of(2, 500), repeated(1f, 2f, 10f, 0f))));
    Outcome outcome = run(QuantizeOptions.defaults().withBits(1), m);
    // 1 and 2 share 1.5; 10 and the zeros are exact.
    assertThat(codebook(outcome.model(), "w").codebook().toFloats()).containsExactly(0, 1.5f, 10);
    Distortion d =
        Distortion.of(m.param("w").values().toFloats(), outcome.model().param("w").values());
    assertThat(d.maxError()).isEqualTo(0.5);
    assertThat(d.rmse()).isCloseTo(Math.sqrt(0.125), offset(1e-12));
    assertThat(d.sqnrDb()).isCloseTo(10 * Math.log10(105 / 0.5), offset(1e-9));
    assertThat(d.values()).isEqualTo(3);
    assertThat(d.entropyBits()).isCloseTo(1.5, offset(1e-12));
  }

  private static float[] repeated(float... values) {
    float[] all = new float[1000];
    for (int i = 0; i < all.length; i++) {
      all[i] = values[i % values.length];
    }
    return all;
  }

  @Test
  void emptyAllZeroAndScalarTensors() throws Exception {
    Model m =
        model(
            matrix("w", 50, 50, 0),
            Param.of("empty", Tensor.of(Shape.of(0, 3), new float[0])),
            Param.of("zeros", Tensor.of(Shape.of(30, 30), new float[900])),
            Param.of("scale", Tensor.of(Shape.of(), 3f)));
    Outcome outcome = run(QuantizeOptions.defaults(), m);
    assertThat(outcome.changed()).extracting(Change::name).containsExactly("w");
    assertThat(outcome.skipped())
        .containsExactly(
            new Skip("empty", "has no weights that are not zero"),
            new Skip("zeros", "has no weights that are not zero"));
    assertThat(outcome.model().param("scale")).isSameAs(m.param("scale"));
  }

  @Test
  void aMeanOfExactlyZeroIsNudged() throws Exception {
    float[] w = new float[1000];
    for (int i = 0; i < w.length; i++) {
      w[i] = (i % 2 == 0 ? 1 : -1) * (i < 10 ? 100 : 1);
    }
    Model m = model(Param.of("w", Tensor.of(Shape.of(10, 100), w)));
    SequencedMap<String, Integer> rules = new LinkedHashMap<>();
    rules.put("w", 1);
    float[] after =
        run(QuantizeOptions.defaults().withBits(ByName.of(1, rules)), m)
            .model()
            .param("w")
            .values()
            .toFloats();
    for (float v : after) {
      assertThat(v).isNotZero();
    }
    assertThat(Cells.nearest(new float[] {-1, 0, 1}).values())
        .containsExactly(-1, Float.MIN_NORMAL, 1);
  }

  @Test
  void halfFloatsAreShared() throws Exception {
    byte[] halves = new byte[2 * 400];
    for (int i = 0; i < 400; i++) {
      short h = Float.floatToFloat16(i % 20 - 10);
      halves[2 * i] = (byte) h;
      halves[2 * i + 1] = (byte) (h >> 8);
    }
    Model m = model(Param.of("w", Tensor.of(DType.F16, Shape.of(20, 20), halves)));
    Param after = run(QuantizeOptions.defaults().withBits(5), m).model().param("w");
    assertThat(after.type()).isEqualTo(DType.F16);
    assertThat(((Codebook) after.values()).codebook().type()).isEqualTo(DType.F16);
    assertThat(after.values().toFloats()).isEqualTo(m.param("w").values().toFloats());
  }

  @Test
  void sharedValuesHaveTheTypeThatTheNetworkComputesIn() {
    float[] values = {0, 1, -3, 1 + 0x1p-9f + 0x1p-20f, 1e-10f, -1e-30f};
    Codebook c =
        new Codebook(
            Tensor.of(Shape.of(6), values),
            Tensor.of(DType.U8, Shape.of(6), new byte[] {0, 1, 2, 3, 4, 5}));
    assertThat(SharedValues.ofType(DType.F32, c)).isSameAs(c);
    assertThat(SharedValues.ofType(DType.F64, c).toFloats()).isEqualTo(values);
    // No value but the first becomes 0; the fourth has more digits than fit.
    assertThat(SharedValues.ofType(DType.F16, c).toFloats())
        .containsExactly(0, 1, -3, 1 + 0x1p-9f, 0x1p-14f, -0x1p-14f);
    assertThat(SharedValues.ofType(DType.BF16, c).toFloats())
        .containsExactly(0, 1, -3, 1, 1.0004442e-10f, -9.984021e-31f);
    assertThat(SharedValues.ofType(DType.BF16, c).codebook().type()).isEqualTo(DType.BF16);
  }

  @Test
  void problemsAreAllListedBeforeAnythingIsDone() {
    float[] bad = gaussian(100, 0);
    bad[17] = Float.NaN;
    Model m =
        model(
            matrix("fc1.weight", 10, 10, 0),
            Param.of("fc2.weight", Tensor.of(Shape.of(10, 10), bad)));
    SequencedMap<String, Integer> rules = new LinkedHashMap<>();
    rules.put("fc1.wieght", 4);
    rules.put("fc1.weight", 17);
    QuantizeOptions options =
        QuantizeOptions.defaults()
            .withBits(ByName.of(4, rules))
            .withFinetune(TrainOptions.defaults());
    List<String> problems = new QuantizeStage(options).check(m, CONTEXT);
    assertThat(problems).hasSize(4);
    assertThat(problems.get(0)).contains("did you mean 'fc1.weight'?");
    assertThat(problems.get(1)).contains("fc1.weight").contains("1 to 16 bits, not 17");
    assertThat(problems.get(2)).contains("fc2.weight: weight 17 is NaN");
    assertThat(problems.get(3)).contains("needs data");
    assertThatThrownBy(() -> new QuantizeStage(options).run(m, CONTEXT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("weight 17 is NaN");
  }

  @Test
  void nothingSelectedIsAnError() {
    Model m = model(Param.of("fc1.bias", Tensor.of(Shape.of(10), gaussian(10, 0))));
    assertThat(new QuantizeStage(QuantizeOptions.defaults()).check(m, CONTEXT))
        .containsExactly("nothing to quantize: no weight is selected");
    Selection misspelt = Selection.parse(List.of("fc1.bais"), List.of());
    assertThat(
            new QuantizeStage(QuantizeOptions.defaults().withSelection(misspelt)).check(m, CONTEXT))
        .first()
        .asString()
        .contains("did you mean 'fc1.bias'?");
  }
}
