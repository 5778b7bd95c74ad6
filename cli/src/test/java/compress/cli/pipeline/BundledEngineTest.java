package compress.cli.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import compress.model.DType;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Engine;
import compress.train.Networks;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bundled engine answers as ONNX Runtime does. */
final class BundledEngineTest {
  /** Of the largest entry of an output. */
  private static final double TOLERANCE = 1e-4;

  @TempDir Path folder;

  static List<String> networks() {
    return Networks.names();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void networksMadeHere(String name) throws IOException {
    Path file = folder.resolve(name + ".onnx");
    ModelFiles.write(Networks.make(name, 5), file);
    agree(file, 2, 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void publishedModels(int batch) throws IOException {
    List<Path> files = models();
    assumeTrue(!files.isEmpty(), "models are not here");
    for (Path file : files) {
      agree(file, batch, batch == 1 ? 1 : 2);
    }
  }

  private static List<Path> models() throws IOException {
    String said = System.getProperty("compress.data", System.getenv("COMPRESS_DATA"));
    Path models = Path.of(said == null ? "../../shared/data" : said, "models");
    if (!Files.isDirectory(models)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(models)) {
      return files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  private static void agree(Path file, int batch, int threads) throws IOException {
    Model model = ModelFiles.read(file);
    try (Engine ours = new BundledEngine(file, model, threads);
        Engine reference = new OnnxRuntimeEngine(file, 1)) {
      Map<String, Tensor> given = inputs(ours, batch);
      SequencedMap<String, Tensor> expected = reference.run(given);
      SequencedMap<String, Tensor> found = ours.run(given);
      assertThat(found.keySet()).isEqualTo(expected.keySet());
      for (Map.Entry<String, Tensor> output : expected.entrySet()) {
        Tensor actual = Objects.requireNonNull(found.get(output.getKey()));
        assertThat(actual.shape()).isEqualTo(output.getValue().shape());
        compare(file + " " + output.getKey(), output.getValue().toFloats(), actual.toFloats());
      }
    }
  }

  private static Map<String, Tensor> inputs(Engine engine, int batch) {
    Random random = new Random(3);
    Map<String, Tensor> given = new HashMap<>();
    for (ValueInfo input : engine.inputs()) {
      List<Long> dims = new ArrayList<>();
      input.dims().orElseThrow().forEach(d -> dims.add(d.orElse(batch)));
      Shape shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
      assertThat(input.type()).contains(DType.F32);
      float[] values = new float[(int) shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat();
      }
      given.put(input.name(), Tensor.of(shape, values));
    }
    return given;
  }

  private static void compare(String what, float[] expected, float[] actual) {
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      double error = Math.abs((double) expected[i] - actual[i]);
      worst = Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(worst, error);
    }
    assertThat(worst).as(what).isLessThanOrEqualTo(TOLERANCE * largest);
  }
}
