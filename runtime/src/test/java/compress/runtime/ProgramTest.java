package compress.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import compress.model.Attribute;
import compress.model.FormatException;
import compress.model.Model;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs give one answer however they are planned, and no more memory the longer they run. */
final class ProgramTest {
  private static final Path FILE = Path.of("model.onnx");

  private static Map<String, Tensor> given(int batch, long seed) {
    Random random = new Random(seed);
    return Map.of(
        "x", Graphs.noise(random, batch, 3, 8, 8), "mask", Graphs.noise(random, batch, 1, 16));
  }

  private static float[] run(Model model, Options options, Map<String, Tensor> given)
      throws IOException {
    try (Program program = new Program(FILE, model, options)) {
      return Objects.requireNonNull(program.run(given).get("y")).toFloats();
    }
  }

  private static final Options PLAIN =
      Options.threads(1).withFuse(false).withSharedMemory(false).withDense(true);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void sameAnswerHoweverPlanned(int batch) throws IOException {
    Model model = Graphs.everything(7).model("y");
    Map<String, Tensor> given = given(batch, batch);
    float[] expected = run(model, PLAIN, given);
    double largest = 0;
    for (float v : expected) {
      largest = Math.max(largest, Math.abs(v));
    }
    for (Options options :
        List.of(
            PLAIN.withFuse(true),
            PLAIN.withSharedMemory(true),
            Options.threads(1),
            Options.threads(3))) {
      assertThat(run(model, options, given))
          .as(options.toString())
          .containsExactly(expected, within((float) (1e-5 * largest)));
    }
  }

  @Test
  void fusionLeavesFewSteps() throws IOException {
    Model model = Graphs.everything(7).model("y");
    try (Program program = new Program(FILE, model, Options.threads(1))) {
      Plan plan = program.plan(Map.of("x", Shape.of(2, 3, 8, 8), "mask", Shape.of(2, 1, 16)));
      assertThat(plan.steps().stream().map(Step::op))
          .containsExactly(
              "Conv",
              "Conv",
              "Conv",
              "MaxPool",
              "LayerNormalization",
              "MatMul",
              "MatMul",
              "MatMul",
              "MatMul",
              "Softmax",
              "MatMul",
              "Add",
              "MatMul",
              "Gelu",
              "MatMul",
              "Identity");
      assertThat(plan.steps().getFirst().products().getFirst().k()).isEqualTo(27);
    }
  }

  @Test
  void valuesShareMemory() throws IOException {
    Model model = Graphs.everything(7).model("y");
    Map<String, Shape> shapes = Map.of("x", Shape.of(4, 3, 8, 8), "mask", Shape.of(4, 1, 16));
    try (Program apart = new Program(FILE, model, PLAIN);
        Program shared = new Program(FILE, model, PLAIN.withSharedMemory(true))) {
      assertThat(shared.plan(shapes).bytes()).isLessThan(apart.plan(shapes).bytes() / 3);
    }
  }

  @Test
  void tenThousandRunsTakeNoMemory() throws IOException {
    Model model = Graphs.everything(3).model("y");
    Map<String, Tensor> given = given(1, 1);
    List<Long> heap = new ArrayList<>();
    List<Long> resident = new ArrayList<>();
    try (Program program = new Program(FILE, model, Options.threads(1).withDense(true))) {
      for (int i = 0; i < 10_000; i++) {
        program.run(given);
        if (i == 3_000 || i == 9_999) {
          System.gc();
          Runtime runtime = Runtime.getRuntime();
          heap.add(runtime.totalMemory() - runtime.freeMemory());
          resident.add(residentBytes() - runtime.totalMemory());
        }
      }
    }
    assertThat(heap.get(1) - heap.get(0)).isLessThan(2 << 20);
    // What is outside the heap, the compilers' memory with it.
    assertThat(resident.get(1) - resident.get(0)).isLessThan(32 << 20);
  }

  /** Memory that the process has in fact; on systems that do not say it so, 0. */
  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shapesMayChangeFromRunToRun() throws IOException {
    Model model = Graphs.everything(7).model("y");
    try (Program program = new Program(FILE, model, Options.threads(2).withDense(true))) {
      for (int batch : new int[] {3, 1, 3, 8, 1}) {
        Map<String, Tensor> given = given(batch, batch);
        float[] y = Objects.requireNonNull(program.run(given).get("y")).toFloats();
        float[] alone = run(model, Options.threads(1).withDense(true), given);
        assertThat(y).containsExactly(alone, within(1e-3f));
      }
    }
  }

  @Test
  void timesEveryStep() throws IOException {
    Model model = Graphs.everything(7).model("y");
    try (Program program = new Program(FILE, model, Options.threads(1).withDense(true))) {
      List<Step> timed = new ArrayList<>();
      program.run(given(1, 2), (step, nanos) -> timed.add(step));
      Plan plan = program.plan(Map.of("x", Shape.of(1, 3, 8, 8), "mask", Shape.of(1, 1, 16)));
      assertThat(timed).isEqualTo(plan.steps());
    }
  }

  @Test
  void numbersThatDecideAboutShapes() throws IOException {
    Model model =
        new Graphs(1)
            .input("x", 5)
            .param("zero", Tensor.of(Shape.of(), 0))
            .node("Greater", "positive", "x", "zero")
            .node("Compress", "y", Map.of("axis", new Attribute.IntValue(0)), "x", "positive")
            .model("y");
    try (Program program = new Program(FILE, model, Options.threads(1))) {
      Tensor x = Tensor.of(Shape.of(5), 1, -2, 3, -4, 5);
      assertThat(Objects.requireNonNull(program.run(Map.of("x", x)).get("y")).toFloats())
          .containsExactly(1, 3, 5);
      Tensor none = Tensor.of(Shape.of(5), -1, -2, -3, -4, -5);
      assertThat(Objects.requireNonNull(program.run(Map.of("x", none)).get("y")).toFloats())
          .isEmpty();
    }
  }

  @Test
  void refusesWhatItCannotRun() {
    Model unknown = new Graphs(1).input("x", 2).node("Nonsense", "y", "x").model("y");
    assertThatThrownBy(() -> new Program(FILE, unknown, Options.threads(1)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("model.onnx: y/Nonsense: operator 'Nonsense'");
  }

  @Test
  void refusesShapesThatDoNotFit() throws IOException {
    Model model =
        new Graphs(1).input("x", -1, 3).param("w", 4, 5).node("MatMul", "y", "x", "w").model("y");
    try (Program program = new Program(FILE, model, Options.threads(1))) {
      assertThatThrownBy(() -> program.run(Map.of("x", Tensor.of(Shape.of(1, 3), 1, 2, 3))))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("y/MatMul: F32 [1, 3] times F32 [4, 5]");
      assertThatThrownBy(() -> program.run(Map.of("x", Tensor.of(Shape.of(3), 1, 2, 3))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("input 'x' is F32 [3]; the network takes F32 [?, 3]");
      assertThatThrownBy(() -> program.run(Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("input 'x' is missing");
    }
  }
}
