package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import compress.model.Codebook;
import compress.model.DType;
import compress.model.Hashed;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Param;
import compress.model.Patched;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.VectorCodebook;
import compress.model.XxHash32;
import compress.train.Context;
import compress.train.Evaluator;
import compress.train.Optimizer;
import compress.train.Outcome;
import compress.train.Progress;
import compress.train.TrainOptions;
import compress.train.data.DataSplit;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.XXHash32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Weights that share vectors or buckets, and outliers beside: what files hold, and what it means.
 */
class SharingTest {
  private static final long SEED = 17;
  private static final DataSplit DATA = Convolutional.data(SEED);
  private static final Context CONTEXT = Context.of(SEED).withData(DATA).withThreads(1);

  @TempDir Path folder;

  private static QuantizeOptions product(int length, int bits) {
    // Of the network's weights, those whose rows are runs of the length.
    return QuantizeOptions.defaults()
        .withScheme(new Product(length))
        .withBits(bits)
        .withSelection(
            compress.model.Selection.parse(List.of("c1*", "c4*", "c5*"), List.of("*b*")));
  }

  static Stream<QuantizeOptions> ways() {
    QuantizeOptions outliers = QuantizeOptions.defaults().withOutliers(0.02);
    return Stream.of(
        product(3, 5).withSelection(named("c1.weight", "c5.weight")),
        product(8, 6).withSelection(named("c4.weight", "c5.weight")),
        QuantizeOptions.defaults().withScheme(new HashedSharing()).withBits(8),
        outliers.withBits(3),
        outliers.withScheme(Linear.defaults()).withBits(8),
        outliers.withScheme(Schemes.parse("linear", Map.of("granularity", "tensor"))).withBits(3));
  }

  private static compress.model.Selection named(String... names) {
    return compress.model.Selection.parse(List.of(names), List.of());
  }

  private static float[][] answers(Path file) throws IOException {
    try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(file, 1)) {
      return Evaluator.outputs(engine, DATA.test(), DATA.preprocessing(), Progress.SILENT);
    }
  }

  /** ONNX Runtime unfolds what was written to the very numbers that the params stand for. */
  @ParameterizedTest
  @MethodSource("ways")
  void filesHoldItAndComeBackAsTheSame(QuantizeOptions options) throws Exception {
    Outcome outcome = new QuantizeStage(options).run(Convolutional.network(SEED), CONTEXT);
    assertThat(outcome.changed()).isNotEmpty();
    assertThat(outcome.skipped()).isEmpty();
    Model model = outcome.model();
    Path file = folder.resolve("a.onnx");
    ModelFiles.write(model, file);
    Model read = ModelFiles.read(file);
    assertThat(read.params().keySet()).containsExactlyElementsOf(model.params().keySet());
    for (Param p : model.params().values()) {
      Values back = read.param(p.name()).values();
      assertThat(back).as(p.name()).hasSameClassAs(p.values());
      assertThat(back.toFloats()).as(p.name()).isEqualTo(p.values().toFloats());
    }
    assertThat(read.graph().orElseThrow().nodes())
        .hasSameSizeAs(model.graph().orElseThrow().nodes());
    Path again = folder.resolve("b.onnx");
    ModelFiles.write(read, again);
    assertThat(again).hasSameBinaryContentAs(file);
    Path dense = folder.resolve("dense.onnx");
    ModelFiles.write(
        model.with(
            model.params().values().stream()
                .filter(p -> p.type() == DType.F32)
                .map(p -> Param.of(p.name(), Tensor.of(p.shape(), p.values().toFloats())))
                .toList()),
        dense);
    float[][] wanted = answers(dense);
    float[][] got = answers(file);
    for (int i = 0; i < wanted.length; i++) {
      for (int j = 0; j < wanted[i].length; j++) {
        // ONNX Runtime lays out weights that it knows at load in another way than others.
        assertThat(got[i][j]).isCloseTo(wanted[i][j], within(1e-4f * (1 + Math.abs(wanted[i][j]))));
      }
    }
    Path weights = folder.resolve("a.safetensors");
    ModelFiles.write(
        new Model(Optional.empty(), model.params(), Map.of(), Map.of(), new byte[0]), weights);
    Model bare = ModelFiles.read(weights);
    for (Param p : model.params().values()) {
      Values back = bare.param(p.name()).values();
      assertThat(back).as(p.name()).hasSameClassAs(p.values());
      assertThat(back.toFloats()).as(p.name()).isEqualTo(p.values().toFloats());
    }
    assertThat(bare.params()).hasSameSizeAs(model.params());
  }

  @Test
  void theHashIsThatOfThePaper() {
    for (int seed : new int[] {0, 1, -1, 0x9E3779B1}) {
      for (int key : new int[] {0, 1, 255, 256, 123_456_789, Integer.MAX_VALUE, -7}) {
        XXHash32 other = new XXHash32(seed);
        other.update(
            ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(key).array(), 0, 4);
        assertThat(Integer.toUnsignedLong(XxHash32.of(key, seed))).isEqualTo(other.getValue());
      }
    }
  }

  @Test
  void bucketsAreFilledEvenlyAndStartAtTheBestThatTheyCanSay() {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] w = new float[64 * 100];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextGaussian();
    }
    Layer layer = Layer.of(Shape.of(64, 100), w);
    Hashed hashed = (Hashed) new HashedSharing().quantize(layer, 4, SEED);
    assertThat(hashed.buckets().size()).isEqualTo(800);
    assertThat(hashed.bits()).isEqualTo(4);
    int[] counts = new int[1600];
    for (int i = 0; i < w.length; i++) {
      counts[hashed.index(i)]++;
    }
    double chiSquared = 0;
    for (int count : counts) {
      chiSquared += Math.pow(count - 4, 2) / 4;
    }
    // 1,599 degrees of freedom: mean 1,599, deviation 57.
    assertThat(chiSquared).isCloseTo(1599, within(250.0));
    double start = error(w, hashed.toFloats());
    float[] buckets = hashed.buckets().toFloats();
    for (int b = 0; b < 800; b += 90) {
      for (float change : new float[] {-0.01f, 0.01f}) {
        float[] other = buckets.clone();
        other[b] += change;
        Hashed moved = new Hashed(Tensor.of(Shape.of(800), other), hashed.seed(), hashed.shape());
        assertThat(error(w, moved.toFloats())).isGreaterThanOrEqualTo(start);
      }
    }
  }

  private static double error(float[] w, float[] q) {
    double sum = 0;
    for (int i = 0; i < w.length; i++) {
      sum += Math.pow((double) w[i] - q[i], 2);
    }
    return sum;
  }

  @Test
  void runsThatHangTogetherAreWorthMoreThanWeightsAlone() {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] w = new float[32 * 256];
    for (int i = 0; i < w.length; i += 4) {
      double common = random.nextGaussian();
      for (int j = 0; j < 4; j++) {
        w[i + j] = (float) (common * (j + 1) + 0.1 * random.nextGaussian());
      }
    }
    Layer layer = Layer.of(Shape.of(32, 256), w);
    VectorCodebook vectors = (VectorCodebook) new Product(4).quantize(layer, 8, SEED);
    assertThat(vectors.bits()).isEqualTo(2);
    Codebook single = new KMeans(new Inits.Exact()).quantize(layer, 2, SEED);
    assertThat(error(w, vectors.toFloats())).isLessThan(error(w, single.toFloats()) / 10);
    // Each run has the nearest vector, and each vector is about the mean of its runs.
    float[] book = vectors.codebook().toFloats();
    for (int run = 0; run < 40; run++) {
      double own = distance(w, run, book, vectors.index(run));
      for (int v = 0; v < vectors.vectors(); v++) {
        assertThat(own).isLessThanOrEqualTo(distance(w, run, book, v) + 1e-5);
      }
    }
    Values again = new Product(4).quantize(layer, 8, SEED);
    assertThat(((VectorCodebook) again).indices().sameAs(vectors.indices())).isTrue();
    assertThat(((VectorCodebook) again).codebook().sameAs(vectors.codebook())).isTrue();
  }

  private static double distance(float[] w, int run, float[] book, int vector) {
    double sum = 0;
    for (int j = 0; j < 4; j++) {
      sum += Math.pow((double) w[4 * run + j] - book[4 * vector + j], 2);
    }
    return sum;
  }

  @Test
  void zerosThatWouldNotStayAreRefusedAndWholeRunsOfThemStay() {
    float[] w = {1, 2, 0, 0, 3, 4, 0, 0};
    Layer blocks = Layer.of(Shape.of(2, 4), w);
    assertThat(new Product(2).refusal(blocks)).isEmpty();
    assertThat(new Product(2).quantize(blocks, 1, SEED).toFloats()).containsExactly(w);
    assertThat(new Product(4).refusal(blocks)).get().asString().contains("blocks of 4");
    assertThat(new HashedSharing().refusal(blocks)).get().asString().contains("pruned");
    assertThat(new Product(3).objection(Shape.of(5, 8), DType.F32, 0))
        .get()
        .asString()
        .contains("rows of 8", "sub-vector 2, 4, 8");
  }

  @Test
  void theLargestStayAsTheyAre() throws Exception {
    Model model = Convolutional.network(SEED);
    QuantizeOptions plain =
        QuantizeOptions.defaults().withBits(2).withSelection(named("c5.weight"));
    float[] was = model.param("c5.weight").values().toFloats();
    Values without =
        new QuantizeStage(plain).run(model, CONTEXT).model().param("c5.weight").values();
    Outcome outcome = new QuantizeStage(plain.withOutliers(0.03)).run(model, CONTEXT);
    Patched patched = (Patched) outcome.model().param("c5.weight").values();
    // 432 weights: 13 of them, 4 bytes for each place and each value.
    assertThat(patched.places().size()).isEqualTo(13);
    assertThat(outcome.details())
        .extractingByKey("tensors")
        .asString()
        .contains("outlier_bytes=104");
    assertThat(patched.bits()).isEqualTo(2);
    assertThat(((Codebook) patched.base()).codebook().size()).isEqualTo(4);
    float[] is = patched.toFloats();
    float least = Float.POSITIVE_INFINITY;
    for (int i = 0; i < 13; i++) {
      int place = (int) patched.places().longAt(i);
      assertThat(is[place]).isEqualTo(was[place]);
      least = Math.min(least, Math.abs(was[place]));
    }
    for (int i = 0; i < was.length; i++) {
      if (Math.abs(was[i]) > least) {
        assertThat(is[i]).isEqualTo(was[i]);
      }
    }
    assertThat(error(was, is)).isLessThan(error(was, without.toFloats()) / 2);
  }

  @Test
  void outliersAreForCodebooksAndIntegersAndNotTrained() {
    Model model = Convolutional.network(SEED);
    QuantizeOptions options = QuantizeOptions.defaults().withOutliers(0.01);
    assertThat(new QuantizeStage(options.withScheme(new Half()).withBits(16)).check(model, CONTEXT))
        .anyMatch(p -> p.contains("not scheme 'fp16'"));
    assertThat(
            new QuantizeStage(options.withFinetune(TrainOptions.defaults())).check(model, CONTEXT))
        .anyMatch(p -> p.contains("not trained"));
  }

  @Test
  void trainingMovesSharedVectorsAndBucketsAndNothingElse() throws Exception {
    TrainOptions training =
        TrainOptions.defaults().withEpochs(8).withBatch(32).withOptimizer(Optimizer.adam(0.01));
    Model model = Convolutional.network(SEED);
    for (QuantizeOptions options :
        List.of(
            product(8, 3).withSelection(named("c4.weight", "c5.weight")),
            QuantizeOptions.defaults().withScheme(new HashedSharing()).withBits(4))) {
      Model before = new QuantizeStage(options).run(model, CONTEXT).model();
      Outcome outcome = new QuantizeStage(options.withFinetune(training)).run(model, CONTEXT);
      Values was = before.param("c5.weight").values();
      Values is = outcome.model().param("c5.weight").values();
      assertThat(is).hasSameClassAs(was);
      assertThat(is.toFloats()).isNotEqualTo(was.toFloats());
      if (was instanceof VectorCodebook v) {
        assertThat(((VectorCodebook) is).indices().sameAs(v.indices())).isTrue();
      } else {
        assertThat(((Hashed) is).seed()).isEqualTo(((Hashed) was).seed());
      }
      Path file = folder.resolve("trained.onnx");
      ModelFiles.write(outcome.model(), file);
      assertThat(loss(file)).isLessThan(loss(written(before)));
    }
  }

  private Path written(Model model) throws IOException {
    Path file = folder.resolve("before.onnx");
    ModelFiles.write(model, file);
    return file;
  }

  /** The mean cross entropy on the samples that were trained on. */
  private static double loss(Path file) throws IOException {
    try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(file, 1)) {
      float[][] scores =
          Evaluator.outputs(engine, DATA.train(), DATA.preprocessing(), Progress.SILENT);
      double sum = 0;
      for (int i = 0; i < scores.length; i++) {
        double all = 0;
        for (float s : scores[i]) {
          all += Math.exp(s);
        }
        sum += Math.log(all) - scores[i][DATA.train().label(i)];
      }
      return sum / scores.length;
    }
  }
}
