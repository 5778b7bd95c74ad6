package compress.quantize;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Preprocessing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/**
 * A small residual network with random weights: x [n, 3, 8, 8] through convolutions with batch
 * normalization, a depthwise one among them, a residual sum, a concatenation, pools and a fully
 * connected layer to 10 scores.
 */
final class Convolutional {
  private final SplittableRandom random;
  private final SequencedMap<String, Param> params = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private Convolutional(long seed) {
    this.random = new SplittableRandom(seed);
  }

  static Model network(long seed) {
    return new Convolutional(seed).build();
  }

  /** Random images with labels: 96 to look at, 32 kept back. */
  static DataSplit data(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    DataSet train = images(96, random);
    return new DataSplit(train, images(8, random), images(32, random), Preprocessing.RAW);
  }

  private static DataSet images(int n, SplittableRandom random) {
    float[] x = new float[n * 3 * 8 * 8];
    int[] labels = new int[n];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (random.nextGaussian() + 0.3);
    }
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextInt(10);
    }
    return DataSet.of(Tensor.of(Shape.of(n, 3, 8, 8), x), labels, 10);
  }

  private Model build() {
    String a = relu(norm(conv("x", "c1", 8, 3, 3, 1)));
    String d = relu(norm(conv(a, "c2", 8, 1, 3, 8)));
    String e = norm(conv(d, "c3", 8, 8, 1, 1));
    nodes.add(Node.of("Add", List.of(e, a), List.of("sum"), Map.of()));
    String f = relu("sum");
    String g = relu(conv(f, "c4", 4, 8, 1, 1));
    String h = relu(conv(f, "c5", 6, 8, 3, 1));
    nodes.add(
        Node.of(
            "Concat", List.of(g, h), List.of("cat"), Map.of("axis", new Attribute.IntValue(1))));
    nodes.add(
        Node.of(
            "MaxPool",
            List.of("cat"),
            List.of("max"),
            Map.of(
                "kernel_shape", new Attribute.Ints(List.of(2L, 2L)),
                "strides", new Attribute.Ints(List.of(2L, 2L)))));
    nodes.add(Node.of("GlobalAveragePool", List.of("max"), List.of("mean"), Map.of()));
    nodes.add(Node.of("Flatten", List.of("mean"), List.of("flat"), Map.of()));
    param("fc.weight", 0.5, 10, 10);
    param("fc.bias", 0.2, 10);
    nodes.add(
        Node.of(
            "Gemm",
            List.of("flat", "fc.weight", "fc.bias"),
            List.of("y"),
            Map.of("transB", new Attribute.IntValue(1))));
    Graph graph =
        new Graph(
            "residual",
            nodes,
            List.of(value("x", -1, 3, 8, 8)),
            List.of(value("y", -1, 10)),
            new byte[0]);
    return new Model(Optional.of(graph), params, Map.of("", 13L), Map.of(), new byte[0]);
  }

  private static ValueInfo value(String name, long... dims) {
    List<OptionalLong> open = new ArrayList<>();
    for (long d : dims) {
      open.add(d < 0 ? OptionalLong.empty() : OptionalLong.of(d));
    }
    return new ValueInfo(name, Optional.of(DType.F32), Optional.of(open), new byte[0]);
  }

  private void param(String name, double spread, long... dims) {
    float[] w = new float[(int) Shape.of(dims).size()];
    int perOutput = w.length / (int) dims[0];
    double[] reach = new double[(int) dims[0]];
    for (int o = 0; o < reach.length; o++) {
      // Outputs of very different reach, as depthwise networks have them.
      reach[o] = spread * Math.exp(random.nextGaussian());
    }
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (reach[i / perOutput] * random.nextGaussian());
    }
    params.put(name, Param.of(name, Tensor.of(Shape.of(dims), w)));
  }

  private String conv(String from, String name, int out, int in, int kernel, int group) {
    param(name + ".weight", 1 / Math.sqrt(in * kernel * kernel), out, in, kernel, kernel);
    long pad = kernel / 2;
    nodes.add(
        Node.of(
            "Conv",
            List.of(from, name + ".weight"),
            List.of(name),
            Map.of(
                "pads", new Attribute.Ints(List.of(pad, pad, pad, pad)),
                "group", new Attribute.IntValue(group))));
    return name;
  }

  private String norm(String from) {
    int channels =
        (int) java.util.Objects.requireNonNull(params.get(from + ".weight")).shape().dim(0);
    param(from + ".gain", 1, channels);
    param(from + ".beta", 0.3, channels);
    param(from + ".mean", 0.3, channels);
    float[] variance = new float[channels];
    for (int i = 0; i < channels; i++) {
      variance[i] = (float) (0.2 + random.nextDouble());
    }
    String v = from + ".variance";
    params.put(v, Param.of(v, Tensor.of(Shape.of(channels), variance)));
    nodes.add(
        Node.of(
            "BatchNormalization",
            List.of(from, from + ".gain", from + ".beta", from + ".mean", v),
            List.of(from + ".norm"),
            Map.of()));
    return from + ".norm";
  }

  private String relu(String from) {
    nodes.add(Node.of("Relu", List.of(from), List.of(from + ".relu"), Map.of()));
    return from + ".relu";
  }
}
