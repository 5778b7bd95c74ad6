package compress.train.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Node;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Engine;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators as old operator sets wrote them, which today's node tests no longer show. */
final class OldFormsTest {
  @TempDir Path folder;

  /** One node on an input {@code [2, 3, 4]}. */
  record Form(long opset, String op, int outputs, Map<String, Attribute> attributes) {
    @Override
    public String toString() {
      return op + " of operator set " + opset;
    }
  }

  static List<Form> forms() {
    return List.of(
        new Form(8, "Softmax", 1, Map.of("axis", new Attribute.IntValue(1))),
        new Form(12, "LogSoftmax", 1, Map.of()),
        new Form(8, "Hardmax", 1, Map.of()),
        new Form(
            8, "Slice", 1, Map.of("axes", ints(2, 0), "starts", ints(-3, 1), "ends", ints(9, 2))),
        new Form(8, "Clip", 1, Map.of("min", number(-0.5f), "max", number(0.25f))),
        new Form(8, "Clip", 1, Map.of()),
        new Form(8, "Pad", 1, Map.of("pads", ints(0, 1, 2, 0, 0, 1), "value", number(3))),
        new Form(
            8,
            "Pad",
            1,
            Map.of("pads", ints(0, 1, 2, 0, 0, 1), "mode", new Attribute.Text("reflect"))),
        new Form(8, "Unsqueeze", 1, Map.of("axes", ints(0, 3))),
        new Form(8, "Split", 2, Map.of("axis", new Attribute.IntValue(1), "split", ints(1, 2))),
        new Form(8, "Split", 2, Map.of("axis", new Attribute.IntValue(2))),
        new Form(8, "ReduceSum", 1, Map.of("axes", ints(1, -1))),
        new Form(11, "ReduceMax", 1, Map.of("keepdims", new Attribute.IntValue(0))),
        new Form(8, "Dropout", 1, Map.of("ratio", number(0.9f))),
        new Form(9, "TopK", 2, Map.of("k", new Attribute.IntValue(2))),
        new Form(8, "Transpose", 1, Map.of()),
        new Form(8, "Flatten", 1, Map.of("axis", new Attribute.IntValue(2))),
        new Form(8, "ArgMax", 1, Map.of("axis", new Attribute.IntValue(1))));
  }

  private static Attribute ints(long... values) {
    return new Attribute.Ints(LongStream.of(values).boxed().toList());
  }

  private static Attribute number(float value) {
    return new Attribute.FloatValue(value);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void agreesWithOnnxRuntime(Form form) throws IOException {
    Model model = model(form);
    Path file = folder.resolve("form.onnx");
    ModelFiles.write(model, file);
    float[] x = new float[24];
    Random random = new Random(4);
    IntStream.range(0, 24).forEach(i -> x[i] = (float) random.nextGaussian());
    Map<String, Tensor> given = Map.of("x", Tensor.of(Shape.of(2, 3, 4), x));
    try (Engine torch = new TorchEngine(model, 1);
        Engine reference = new OnnxRuntimeEngine(file, 1)) {
      Map<String, Tensor> expected = reference.run(given);
      torch
          .run(given)
          .forEach((name, actual) -> {
            Tensor wanted = Objects.requireNonNull(expected.get(name));
            assertThat(actual.shape()).isEqualTo(wanted.shape());
            assertThat(actual.type()).isEqualTo(wanted.type());
            assertThat(actual.toFloats()).containsExactly(wanted.toFloats(), within(1e-6f));
          });
    }
  }

  private static Model model(Form form) {
    List<String> outputs = IntStream.range(0, form.outputs()).mapToObj(i -> "y" + i).toList();
    Map<String, Attribute> attributes = new LinkedHashMap<>(form.attributes());
    Node node = Node.of(form.op(), List.of("x"), outputs, attributes);
    List<OptionalLong> dims =
        Arrays.stream(new long[] {2, 3, 4}).mapToObj(OptionalLong::of).toList();
    Graph graph =
        new Graph(
            "g",
            List.of(node),
            List.of(new ValueInfo("x", Optional.of(DType.F32), Optional.of(dims), new byte[0])),
            outputs.stream().map(name -> output(form, name)).toList(),
            new byte[0]);
    return new Model(
        Optional.of(graph), new LinkedHashMap<>(), Map.of("", form.opset()), Map.of(), new byte[0]);
  }

  private static ValueInfo output(Form form, String name) {
    boolean places = form.op().equals("ArgMax") || form.op().equals("TopK") && name.equals("y1");
    return new ValueInfo(
        name, Optional.of(places ? DType.I64 : DType.F32), Optional.empty(), new byte[0]);
  }
}
