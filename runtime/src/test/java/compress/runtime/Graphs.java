package compress.runtime;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.model.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SequencedMap;

/** Puts small networks together. */
final class Graphs {
  private final List<Node> nodes = new ArrayList<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final SequencedMap<String, Param> params = new LinkedHashMap<>();
  private final Random random;

  Graphs(long seed) {
    this.random = new Random(seed);
  }

  /** An input; an axis of length -1 is open. */
  Graphs input(String name, long... shape) {
    List<OptionalLong> dims =
        Arrays.stream(shape)
            .mapToObj(d -> d < 0 ? OptionalLong.empty() : OptionalLong.of(d))
            .toList();
    inputs.add(new ValueInfo(name, Optional.of(DType.F32), Optional.of(dims), new byte[0]));
    return this;
  }

  Graphs param(String name, Values values) {
    params.put(name, new Param(name, DType.F32, values));
    return this;
  }

  /** Random weights. */
  Graphs param(String name, long... shape) {
    params.put(name, Param.of(name, noise(random, shape)));
    return this;
  }

  Graphs param(String name, Tensor tensor) {
    params.put(name, Param.of(name, tensor));
    return this;
  }

  Graphs node(String op, String output, Map<String, Attribute> attributes, String... reads) {
    nodes.add(Node.of(op, List.of(reads), List.of(output), attributes));
    return this;
  }

  Graphs node(String op, String output, String... reads) {
    return node(op, output, Map.of(), reads);
  }

  Model model(String... outputs) {
    List<ValueInfo> out =
        Arrays.stream(outputs)
            .map(name -> new ValueInfo(name, Optional.of(DType.F32), Optional.empty(), new byte[0]))
            .toList();
    return new Model(
        Optional.of(new Graph("g", nodes, inputs, out, new byte[0])),
        params,
        Map.of("", 17L),
        Map.of(),
        new byte[0]);
  }

  static Tensor noise(Random random, long... shape) {
    float[] values = new float[(int) Shape.of(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(Shape.of(shape), values);
  }

  static Attribute ints(long... values) {
    return new Attribute.Ints(Arrays.stream(values).boxed().toList());
  }

  /**
   * A network with all that fusion looks for: convolutions with batch normalization, activations, a
   * residual, a transposed view, layer normalization and the error function in small steps, and
   * attention.
   */
  static Graphs everything(long seed) {
    Map<String, Attribute> padded = Map.of("pads", ints(1, 1, 1, 1));
    Graphs g =
        new Graphs(seed)
            .input("x", -1, 3, 8, 8)
            .param("w1", 16, 3, 3, 3)
            .param("w2", 16, 16, 3, 3)
            .param("w3", 16, 16, 1, 1)
            .param("scale", 16)
            .param("shift", 16)
            .param("mean", 16)
            .param("variance", Tensor.of(Shape.of(16), ones(16, 0.5f)));
    g.node("Conv", "c1", padded, "x", "w1")
        .node("BatchNormalization", "n1", "c1", "scale", "shift", "mean", "variance")
        .node("Relu", "r1", "n1")
        .node("Conv", "c2", padded, "r1", "w2")
        .node("BatchNormalization", "n2", "c2", "scale", "shift", "mean", "variance")
        .node("Conv", "c3", "r1", "w3")
        .node("Add", "s", "n2", "c3")
        .node("Relu", "r2", "s")
        .node("MaxPool", "p", Map.of("kernel_shape", ints(2, 2), "strides", ints(2, 2)), "r2");
    g.param("to", Tensor.ofLongs(Shape.of(3), 0, 16, 16))
        .node("Reshape", "flat", "p", "to")
        .node("Transpose", "t", Map.of("perm", ints(0, 2, 1)), "flat")
        .param("two", Tensor.of(Shape.of(), 2))
        .param("epsilon", Tensor.of(Shape.of(), 1e-5f))
        .param("gamma", 16)
        .param("beta", 16);
    Map<String, Attribute> last = Map.of("axes", ints(-1));
    g.node("ReduceMean", "m", last, "t")
        .node("Sub", "d", "t", "m")
        .node("Pow", "q", "d", "two")
        .node("ReduceMean", "v", last, "q")
        .node("Add", "e", "v", "epsilon")
        .node("Sqrt", "root", "e")
        .node("Div", "norm", "d", "root")
        .node("Mul", "g1", "norm", "gamma")
        .node("Add", "ln", "g1", "beta");
    g.param("wq", 16, 16).param("wk", 16, 16).param("wv", 16, 16).param("bq", 16);
    g.param("root8", Tensor.of(Shape.of(), 2.83f))
        .input("mask", -1, 1, 16)
        .node("MatMul", "qm", "ln", "wq")
        .node("Add", "qs", "bq", "qm")
        .node("MatMul", "ks", "ln", "wk")
        .node("MatMul", "vs", "ln", "wv")
        .node("Transpose", "kt", Map.of("perm", ints(0, 2, 1)), "ks")
        .node("MatMul", "scores", "qs", "kt")
        .node("Div", "scaled", "scores", "root8")
        .node("Add", "masked", "scaled", "mask")
        .node("Softmax", "weights", Map.of("axis", new Attribute.IntValue(-1)), "masked")
        .node("MatMul", "context", "weights", "vs")
        .node("Add", "res", "context", "ln");
    return g.param("up", 16, 32)
        .param("down", 32, 16)
        .param("root2", Tensor.of(Shape.of(), (float) Math.sqrt(2)))
        .param("one", Tensor.of(Shape.of(), 1))
        .param("half", Tensor.of(Shape.of(), 0.5f))
        .node("MatMul", "h", "res", "up")
        .node("Div", "h2", "h", "root2")
        .node("Erf", "er", "h2")
        .node("Add", "er1", "er", "one")
        .node("Mul", "hm", "h", "er1")
        .node("Mul", "gelu", "hm", "half")
        .node("MatMul", "back", "gelu", "down")
        .node("Add", "y", "back", "res");
  }

  private static float[] ones(int n, float value) {
    float[] all = new float[n];
    Arrays.fill(all, value);
    return all;
  }
}
