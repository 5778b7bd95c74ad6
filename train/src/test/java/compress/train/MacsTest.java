package compress.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shapes and multiply-accumulates, beside counts made by hand. */
class MacsTest {
  /**
   * LeNet-300-100: 784*300 + 300*100 + 100*10. LeNet-5: 24²*20*25 + 8²*50*20*25 + 800*500 + 500*10.
   */
  @ParameterizedTest
  @CsvSource({"lenet-300-100, 266200", "lenet-5, 2293000", "resnet-20, 40813184"})
  void ofOurNetworks(String name, long expected) throws Exception {
    Model model = Networks.make(name, 1);
    assertThat(Macs.of(model, ValueShapes.of(model, 1)).total()).isEqualTo(expected);
    assertThat(Macs.of(model, ValueShapes.of(model, 3)).total()).isEqualTo(3 * expected);
  }

  @Test
  void shapesOfAllValues() throws Exception {
    Model model = Networks.make("lenet-5", 1);
    SequencedMap<String, Shape> shapes = ValueShapes.of(model, 2);
    assertThat(shapes)
        .containsEntry("input", Shape.of(2, 1, 28, 28))
        .containsEntry("conv1.weight", Shape.of(20, 1, 5, 5))
        .containsEntry("pool2", Shape.of(2, 50, 4, 4))
        .containsEntry("flatten", Shape.of(2, 800))
        .containsEntry("output", Shape.of(2, 10));
    assertThat(Macs.of(model, shapes).of("ip1.weight")).isEqualTo(2 * 400_000);
  }

  private static Model model(String op, Map<String, Attribute> attributes, long[] x, Param... ps) {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    List<String> inputs = new java.util.ArrayList<>(List.of("x"));
    for (Param p : ps) {
      params.put(p.name(), p);
      inputs.add(p.name());
    }
    Graph graph =
        new Graph(
            "one",
            List.of(Node.of(op, inputs, List.of("y"), attributes)),
            List.of(info("x", x)),
            List.of(new ValueInfo("y", Optional.of(DType.F32), Optional.empty(), new byte[0])),
            new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", 13L), Map.of(), new byte[0]);
  }

  private static ValueInfo info(String name, long... dims) {
    List<OptionalLong> lengths = java.util.Arrays.stream(dims).mapToObj(OptionalLong::of).toList();
    return new ValueInfo(name, Optional.of(DType.F32), Optional.of(lengths), new byte[0]);
  }

  private static Param zeros(String name, long... dims) {
    Shape shape = Shape.of(dims);
    return Param.of(name, Tensor.of(shape, new float[(int) shape.size()]));
  }

  private static long macs(Model model) throws Exception {
    return Macs.of(model, ValueShapes.of(model, 1)).total();
  }

  @Test
  void ofSingleNodes() throws Exception {
    // In two groups an output channel sees three of the six inputs.
    assertThat(
            macs(
                model(
                    "Conv",
                    Map.of("group", new Attribute.IntValue(2)),
                    new long[] {1, 6, 5, 5},
                    zeros("w", 8, 3, 3, 3))))
        .isEqualTo(8 * 3 * 3 * 27);
    assertThat(
            macs(model("ConvTranspose", Map.of(), new long[] {1, 6, 5, 5}, zeros("w", 6, 4, 2, 2))))
        .isEqualTo(6 * 25 * 16);
    assertThat(macs(model("MatMul", Map.of(), new long[] {2, 7, 5}, zeros("w", 5, 3))))
        .isEqualTo(2 * 7 * 5 * 3);
    assertThat(
            macs(
                model(
                    "Gemm",
                    Map.of("transA", new Attribute.IntValue(1)),
                    new long[] {5, 7},
                    zeros("w", 5, 3))))
        .isEqualTo(7 * 5 * 3);
    assertThat(
            macs(
                model(
                    "LSTM",
                    Map.of("hidden_size", new Attribute.IntValue(4)),
                    new long[] {6, 1, 3},
                    zeros("w", 1, 16, 3),
                    zeros("r", 1, 16, 4))))
        .isEqualTo(6 * (16 * 3 + 16 * 4));
    assertThat(macs(model("Softmax", Map.of(), new long[] {2, 7}))).isZero();
  }

  @Test
  void withoutAGraphThereIsNothingToRun() {
    Model bare =
        new Model(Optional.empty(), new LinkedHashMap<>(), Map.of(), Map.of(), new byte[0]);
    assertThatThrownBy(() -> ValueShapes.of(bare, 1)).hasMessage("the model has no graph to run");
    assertThat(Macs.of(bare, Map.of()).total()).isZero();
  }
}
