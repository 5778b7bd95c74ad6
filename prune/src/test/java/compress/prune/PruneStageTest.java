package compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.Affine;
import compress.model.ByName;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Model;
import compress.model.Param;
import compress.model.Selection;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
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

class PruneStageTest {
  private static final Context CONTEXT = Context.of(7);

  private static float[] gaussian(int n, double deviation) {
    SplittableRandom r = new SplittableRandom(n);
    float[] w = new float[n];
    for (int i = 0; i < n; i++) {
      w[i] = (float) (deviation * r.nextGaussian());
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

  private static Param matrix(String name, int rows, int columns, double deviation) {
    return Param.of(name, Tensor.of(Shape.of(rows, columns), gaussian(rows * columns, deviation)));
  }

  private static Model network() {
    return model(
        matrix("fc1.weight", 41, 31, 1),
        Param.of("fc1.bias", Tensor.of(Shape.of(41), gaussian(41, 1))),
        matrix("fc2.weight", 20, 41, 0.1),
        Param.of("fc2.bias", Tensor.of(Shape.of(20), gaussian(20, 1))));
  }

  private static Outcome run(PruneOptions options, Model model) throws Exception {
    return new PruneStage(options).run(model, CONTEXT);
  }

  private static long kept(Model model, String name) {
    return model.param(name).mask().kept();
  }

  private static <T> ByName<T> rules(T otherwise, String name, T value) {
    SequencedMap<String, T> rules = new LinkedHashMap<>();
    rules.put(name, value);
    return ByName.of(otherwise, rules);
  }

  @Test
  void removesExactlyTheShareAskedFor() throws Exception {
    Model before = network();
    for (double sparsity : new double[] {0, 0.1, 0.5, 0.925, 1}) {
      Outcome outcome = run(PruneOptions.of(sparsity), before);
      for (String name : List.of("fc1.weight", "fc2.weight")) {
        long size = before.param(name).size();
        assertThat(kept(outcome.model(), name)).isEqualTo(size - (long) Math.rint(size * sparsity));
      }
      assertThat(outcome.model().param("fc1.bias")).isSameAs(before.param("fc1.bias"));
      assertThat(outcome.changed())
          .extracting(Change::name)
          .containsExactly("fc1.weight", "fc2.weight");
      assertThat(outcome.skipped()).isEmpty();
    }
  }

  @Test
  void whatStaysIsBitForBitAsItWasAndLargerThanWhatGoes() throws Exception {
    Model before = network();
    Model after = run(PruneOptions.of(0.7), before).model();
    float[] was = before.param("fc1.weight").values().toFloats();
    float[] is = after.param("fc1.weight").values().toFloats();
    float smallestKept = Float.POSITIVE_INFINITY;
    float largestGone = 0;
    for (int i = 0; i < is.length; i++) {
      if (is[i] == 0) {
        assertThat(Float.floatToRawIntBits(is[i])).isZero();
        largestGone = Math.max(largestGone, Math.abs(was[i]));
      } else {
        assertThat(is[i]).isEqualTo(was[i]);
        smallestKept = Math.min(smallestKept, Math.abs(is[i]));
      }
    }
    assertThat(smallestKept).isGreaterThan(largestGone);
  }

  @Test
  void globalTakesMoreFromTheLayerOfSmallWeights() throws Exception {
    Model before = network();
    long total = before.param("fc1.weight").size() + before.param("fc2.weight").size();
    PruneOptions options = PruneOptions.of(0.5).withAllocation(new Allocations.Global());
    Model after = run(options, before).model();
    assertThat(kept(after, "fc1.weight") + kept(after, "fc2.weight"))
        .isEqualTo(total - (long) Math.rint(total * 0.5));
    assertThat(after.param("fc2.weight").mask().sparsity())
        .isGreaterThan(after.param("fc1.weight").mask().sparsity());
  }

  @Test
  void aLayerWithItsOwnAmountIsNoPartOfTheGlobalOne() throws Exception {
    PruneOptions options =
        PruneOptions.of(0)
            .withAllocation(new Allocations.Global())
            .withAmount(rules(0.5, "fc1.*", 0.9));
    Model after = run(options, network()).model();
    assertThat(kept(after, "fc1.weight")).isEqualTo(1271 - 1144);
    assertThat(kept(after, "fc2.weight")).isEqualTo(410);
  }

  @Test
  void zerosOfAnEarlierStageStayAndCount() throws Exception {
    Model once = run(PruneOptions.of(0.6), network()).model();
    Model less = run(PruneOptions.of(0.3), once).model();
    assertThat(less.param("fc1.weight").mask()).isEqualTo(once.param("fc1.weight").mask());
    for (Criterion c : Criteria.ALL) {
      if (c.evidence() != Criterion.Evidence.NONE || c instanceof Criteria.GeometricMedian) {
        // They need a graph, or score outputs as wholes.
        continue;
      }
      Model more = run(PruneOptions.of(0.8).withCriterion(c), once).model();
      assertThat(kept(more, "fc1.weight")).isEqualTo(1271 - 1017);
      for (int i = 0; i < 1271; i++) {
        assertThat(
                more.param("fc1.weight").mask().keeps(i)
                    && !once.param("fc1.weight").mask().keeps(i))
            .isFalse();
      }
    }
  }

  @Test
  void biasesOnlyByFullName() throws Exception {
    PruneOptions byGlob =
        PruneOptions.of(0.5).withSelection(Selection.parse(List.of("fc1*"), List.of()));
    assertThat(run(byGlob, network()).changed())
        .extracting(Change::name)
        .containsExactly("fc1.weight");
    PruneOptions byName =
        PruneOptions.of(0.5).withSelection(Selection.parse(List.of("fc1.bias"), List.of()));
    Outcome outcome = run(byName, network());
    assertThat(outcome.changed()).extracting(Change::name).containsExactly("fc1.bias");
    assertThat(kept(outcome.model(), "fc1.bias")).isEqualTo(41 - 20);
    assertThat(outcome.details())
        .extractingByKey("left")
        .asString()
        .contains("fc2.weight", "no target");
  }

  @Test
  void everyTypeOfFloatIsZeroedInPlace() throws Exception {
    for (DType type : DType.values()) {
      if (!type.isFloat() || type == DType.F8_E8M0) {
        continue;
      }
      byte[] bytes = new byte[(int) type.bytesFor(15 * 7)];
      // Bit patterns of finite numbers other than 0; of doubles with an exponent a float has.
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] =
            (byte)
                (type.bits() == 4
                    ? 0x21
                    : type == DType.F64 && i % 8 == 7 ? 0x40 : 0x11 + i % 0x20);
      }
      Param p = Param.of("w", Tensor.of(type, Shape.of(15, 7), bytes));
      Param after = run(PruneOptions.of(0.4), model(p)).model().param("w");
      assertThat(after.type()).isEqualTo(type);
      assertThat(after.mask().kept()).as("%s", type).isEqualTo(105 - 42);
      float[] was = p.values().toFloats();
      float[] is = after.values().toFloats();
      for (int i = 0; i < is.length; i++) {
        assertThat(is[i]).as("%s", type).isIn(0f, was[i]);
      }
    }
  }

  @Test
  void aTypeWithoutZeroIsSkipped() throws Exception {
    byte[] bytes = new byte[16];
    Param p = Param.of("w", Tensor.of(DType.F8_E8M0, Shape.of(4, 4), bytes));
    Outcome outcome = run(PruneOptions.of(0.5), model(p, matrix("v", 4, 4, 1)));
    assertThat(outcome.skipped()).extracting(Skip::name).containsExactly("w");
    assertThat(outcome.skipped().getFirst().reason()).contains("has no zero");
  }

  @Test
  void codebooksStayCodebooks() throws Exception {
    Tensor table = Tensor.of(Shape.of(3), -2f, 1f, 4f);
    Tensor indices = Tensor.of(DType.U8, Shape.of(2, 3), new byte[] {0, 1, 2, 1, 0, 2});
    Param p = new Param("w", DType.F32, new Codebook(table, indices));
    Codebook added = (Codebook) run(PruneOptions.of(0.5), model(p)).model().param("w").values();
    assertThat(added.codebook().toFloats()).containsExactly(0, -2, 1, 4);
    // The two ones go, and of the two -2 the one with the higher index.
    assertThat(added.toFloats()).containsExactly(-2, 0, 4, 0, 0, 4);

    Tensor withZero = Tensor.of(Shape.of(3), -2f, 0f, 4f);
    Param q = new Param("w", DType.F32, new Codebook(withZero, indices));
    Codebook kept = (Codebook) run(PruneOptions.of(0.5), model(q)).model().param("w").values();
    assertThat(kept.codebook().toFloats()).containsExactly(-2, 0, 4);
    assertThat(kept.toFloats()).containsExactly(-2, 0, 4, 0, 0, 4);
  }

  @Test
  void aFullByteCodebookGetsWiderIndices() throws Exception {
    float[] table = new float[256];
    byte[] indices = new byte[256];
    for (int i = 0; i < 256; i++) {
      table[i] = i + 1;
      indices[i] = (byte) i;
    }
    Param p =
        new Param(
            "w",
            DType.F32,
            new Codebook(
                Tensor.of(Shape.of(256), table), Tensor.of(DType.U8, Shape.of(16, 16), indices)));
    Codebook after = (Codebook) run(PruneOptions.of(0.25), model(p)).model().param("w").values();
    assertThat(after.indices().type()).isEqualTo(DType.U16);
    for (int i = 0; i < 256; i++) {
      assertThat(after.toFloats()[i]).isEqualTo(i < 64 ? 0 : i + 1);
    }
  }

  @Test
  void affineIntegersGoToTheirZeroPoint() throws Exception {
    for (DType type : new DType[] {DType.U4, DType.U8, DType.U16}) {
      byte[] integers = new byte[(int) type.bytesFor(8)];
      byte[] zeros = new byte[(int) type.bytesFor(2)];
      for (int i = 0; i < 8; i++) {
        put(type, integers, i, i + 1);
      }
      put(type, zeros, 0, 3);
      put(type, zeros, 1, 6);
      Values values =
          new Affine(
              Tensor.of(type, Shape.of(2, 4), integers),
              Tensor.of(Shape.of(2), 0.5f, 2f),
              Optional.of(Tensor.of(type, Shape.of(2), zeros)),
              new Granularity.PerAxis(0));
      // -1, -0.5, 0, 0.5 and -2, 0, 2, 4
      Param p = new Param("w", DType.F32, values);
      Affine after = (Affine) run(PruneOptions.of(0.5), model(p)).model().param("w").values();
      assertThat(after.toFloats()).as("%s", type).containsExactly(-1, 0, 0, 0, -2, 0, 2, 4);
      assertThat(after.integers().toLongs()).containsExactly(1, 3, 3, 3, 5, 6, 7, 8);
    }
  }

  private static void put(DType type, byte[] bytes, int i, int value) {
    switch (type.bits()) {
      case 4 -> bytes[i / 2] |= (byte) (value << 4 * (i % 2));
      case 8 -> bytes[i] = (byte) value;
      default -> bytes[2 * i] = (byte) value;
    }
  }

  @Test
  void emptyTensorsAndAllZeroOnes() throws Exception {
    Model m =
        model(
            Param.of("empty", Tensor.of(Shape.of(0, 3), new float[0])),
            Param.of("zeros", Tensor.of(Shape.of(3, 3), new float[9])),
            matrix("w", 4, 4, 1));
    for (Allocation a : Allocations.ALL) {
      Outcome outcome = run(PruneOptions.of(0.5).withAllocation(a), m);
      assertThat(kept(outcome.model(), "empty")).isZero();
      assertThat(kept(outcome.model(), "zeros")).isZero();
      assertThat(outcome.changed()).hasSize(3);
    }
  }

  @Test
  void theSameSeedGivesTheSameMaskAndItDoesNotDependOnOtherTensors() throws Exception {
    PruneOptions random = PruneOptions.of(0.5).withCriterion(new Criteria.Chance());
    Model both = run(random, network()).model();
    Model again = run(random, network()).model();
    Model alone = run(random, model(network().param("fc2.weight"))).model();
    assertThat(again.param("fc2.weight").mask()).isEqualTo(both.param("fc2.weight").mask());
    assertThat(alone.param("fc2.weight").mask()).isEqualTo(both.param("fc2.weight").mask());
    Model twins = run(random, model(matrix("a", 9, 9, 1), matrix("b", 9, 9, 1))).model();
    assertThat(twins.param("a").mask()).isNotEqualTo(twins.param("b").mask());
    Model other = new PruneStage(random).run(network(), Context.of(8)).model();
    assertThat(other.param("fc2.weight").mask()).isNotEqualTo(both.param("fc2.weight").mask());
  }

  @Test
  void problemsAreAllListedBeforeAnythingIsDone() {
    float[] bad = gaussian(16, 1);
    bad[5] = Float.NaN;
    Codebook codebook =
        new Codebook(Tensor.of(Shape.of(1), 1f), Tensor.of(DType.U8, Shape.of(4, 4), new byte[16]));
    Model m =
        model(
            Param.of("fc1.weight", Tensor.of(Shape.of(4, 4), bad)),
            new Param("fc2.weight", DType.F32, codebook));
    PruneOptions options =
        PruneOptions.of(1.5)
            .withAmount(rules(1.5, "fc3.weight", -1.0))
            .withSchedule(new Schedule.Gradual());
    List<String> problems = new PruneStage(options).check(m, CONTEXT);
    assertThat(problems)
        .anyMatch(p -> p.contains("'fc3.weight'; did you mean 'fc1.weight'?"))
        .anyMatch(p -> p.contains("not 1.5"))
        .anyMatch(p -> p.contains("fc3.weight: sparsity must be from 0 to 1, not -1.0"))
        .anyMatch(p -> p.contains("fc1.weight: weight 5 is NaN"))
        .anyMatch(p -> p.contains("add epochs of fine-tuning"))
        .anyMatch(p -> p.contains("fc2.weight: schedule 'gradual' needs plain floats"))
        .hasSize(6);
    assertThatThrownBy(() -> new PruneStage(options).run(m, CONTEXT))
        .isInstanceOf(IllegalArgumentException.class);
    PruneOptions training = PruneOptions.of(0.5).withFinetune(TrainOptions.defaults());
    assertThat(new PruneStage(training).check(network(), CONTEXT))
        .containsExactly("fine-tuning needs data; give some, or leave fine-tuning out");
    assertThat(new PruneStage(PruneOptions.of(0.5)).check(model(), CONTEXT))
        .containsExactly("nothing to prune: no weight is selected");
  }
}
