package compress.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class WeightsTest {
  private static Model model(Map<String, Shape> shapes, Node... nodes) {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    shapes.forEach((name, shape) ->
        params.put(name, Param.of(name, Tensor.of(shape, new float[(int) shape.size()]))));
    Graph graph = new Graph("g", List.of(nodes), List.of(), List.of(), new byte[0]);
    return new Model(
        nodes.length == 0 ? Optional.empty() : Optional.of(graph),
        params,
        Map.of("", 17L),
        Map.of(),
        new byte[0]);
  }

  private static Node node(String op, String out, String... in) {
    return Node.of(op, List.of(in), List.of(out), Map.of());
  }

  private static Weight weight(List<Weight> found, String name) {
    return found.stream().filter(w -> w.name().equals(name)).findFirst().orElseThrow();
  }

  private static void assertRole(List<Weight> found, String name, Role role, int outputAxis) {
    assertThat(weight(found, name).role()).as(name).isEqualTo(role);
    assertThat(weight(found, name).outputAxis()).as(name).isEqualTo(outputAxis);
  }

  @Test
  void rolesFollowFromTheNodesThatRead() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("conv", Shape.of(8, 3, 3, 3));
    shapes.put("conv.bias", Shape.of(8));
    shapes.put("up", Shape.of(8, 4, 2, 2));
    shapes.put("scale", Shape.of(4));
    shapes.put("fc", Shape.of(10, 4));
    shapes.put("fc.bias", Shape.of(10));
    shapes.put("embedding", Shape.of(100, 16));
    shapes.put("lstm", Shape.of(1, 64, 16));
    shapes.put("alone", Shape.of(2, 2));
    List<Weight> found =
        Weights.of(
            model(
                shapes,
                node("Conv", "c", "x", "conv", "conv.bias"),
                node("ConvTranspose", "u", "c", "up"),
                node("Mul", "s", "u", "scale"),
                Node.of(
                    "Gemm",
                    List.of("s", "fc", "fc.bias"),
                    List.of("y"),
                    Map.of("transB", new Attribute.IntValue(1))),
                node("Gather", "e", "embedding", "ids"),
                node("LSTM", "l", "e", "lstm", "lstm")));
    assertRole(found, "conv", Role.CONV, 0);
    assertRole(found, "conv.bias", Role.BIAS, 0);
    assertRole(found, "up", Role.CONV_TRANSPOSE, 1);
    assertRole(found, "scale", Role.OTHER, -1);
    assertRole(found, "fc", Role.GEMM, 0);
    assertRole(found, "fc.bias", Role.BIAS, 0);
    assertRole(found, "embedding", Role.EMBEDDING, 0);
    assertRole(found, "lstm", Role.RECURRENT, 1);
    assertRole(found, "alone", Role.OTHER, -1);
    assertThat(weight(found, "fc").node()).isEqualTo("y/Gemm");
  }

  @Test
  void aTransposedWeightIsFoundWithItsOutputsFirst() {
    Model model =
        model(
            Map.of("w", Shape.of(10, 4), "b", Shape.of(10)),
            Node.of(
                "Transpose",
                List.of("w"),
                List.of("wt"),
                Map.of("perm", new Attribute.Ints(List.of(1L, 0L)))),
            node("MatMul", "m", "x", "wt"),
            node("Add", "y", "b", "m"));
    assertRole(Weights.of(model), "w", Role.MATMUL, 0);
    assertRole(Weights.of(model), "b", Role.BIAS, 0);
  }

  @Test
  void aSharedWeightHasTheRoleOfItsFirstUseAsAWeight() {
    Model model =
        model(
            Map.of("w", Shape.of(4, 4)), node("Mul", "m", "x", "w"), node("MatMul", "y", "m", "w"));
    assertRole(Weights.of(model), "w", Role.MATMUL, 1);
  }

  @Test
  void withoutAGraphTheShapeDecides() {
    List<Weight> found =
        Weights.of(
            model(
                Map.of(
                    "w",
                    Shape.of(10, 4),
                    "k",
                    Shape.of(2, 2, 3, 3),
                    "b",
                    Shape.of(4),
                    "s",
                    Shape.of())));
    assertRole(found, "w", Role.GEMM, 0);
    assertRole(found, "k", Role.CONV, 0);
    assertRole(found, "b", Role.BIAS, 0);
    assertRole(found, "s", Role.OTHER, -1);
  }

  @Test
  void weightsOfRealModelsAreFound() throws IOException {
    // From the table of what the files hold: weights in Conv, Gemm and MatMul, as people count
    // them.
    Map<String, Long> expected =
        Map.of(
            "lenet5_caffe_mnist.onnx",
            430_500L,
            "mnist-8.onnx",
            8 * 25 + 16 * 8 * 25 + 256 * 10L,
            "resnet20_cifar10.onnx",
            267_696 + 640L,
            "squeezenet1.1.onnx",
            1_235_496 - 3_944L);
    for (Path file : SharedData.models()) {
      Long weights = expected.get(file.getFileName().toString());
      if (weights != null) {
        long counted =
            Weights.of(ModelFiles.read(file)).stream()
                .filter(w -> w.role().isWeight())
                .mapToLong(w -> w.param().size())
                .sum();
        assertThat(counted).as(file.toString()).isEqualTo(weights);
      }
    }
  }
}
