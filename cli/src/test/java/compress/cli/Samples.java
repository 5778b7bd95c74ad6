package compress.cli;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/** Small models and data that tests make for themselves. */
final class Samples {
  static final int CLASSES = 3;
  private static final int SIDE = 4;
  private static final int HIDDEN = 12;

  private Samples() {}

  /** Two layers, 16 to 12 to 3, with weights that only {@code seed} decides. */
  static Path model(Path file, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    for (Param p :
        List.of(
            normal("fc1.weight", random, HIDDEN, SIDE * SIDE),
            normal("fc1.bias", random, HIDDEN),
            normal("fc2.weight", random, CLASSES, HIDDEN),
            normal("fc2.bias", random, CLASSES))) {
      params.put(p.name(), p);
    }
    List<Node> nodes =
        List.of(
            Node.of("Flatten", List.of("image"), List.of("flat"), Map.of()),
            gemm("flat", "fc1", "hidden"),
            Node.of("Relu", List.of("hidden"), List.of("active"), Map.of()),
            gemm("active", "fc2", "answer"));
    Graph graph =
        new Graph(
            "small",
            nodes,
            List.of(info("image", 1, SIDE, SIDE)),
            List.of(info("answer", CLASSES)),
            new byte[0]);
    Model model = new Model(Optional.of(graph), params, Map.of("", 13L), Map.of(), new byte[0]);
    ModelFiles.write(model, file);
    return file;
  }

  private static Node gemm(String from, String layer, String to) {
    return Node.of(
        "Gemm",
        List.of(from, layer + ".weight", layer + ".bias"),
        List.of(to),
        Map.of("transB", new Attribute.IntValue(1)));
  }

  private static Param normal(String name, SplittableRandom random, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 2;
    }
    return Param.of(name, Tensor.of(shape, values));
  }

  private static ValueInfo info(String name, long... sample) {
    List<OptionalLong> dims = new java.util.ArrayList<>();
    dims.add(OptionalLong.empty());
    for (long d : sample) {
      dims.add(OptionalLong.of(d));
    }
    return new ValueInfo(name, Optional.of(DType.F32), Optional.of(dims), new byte[0]);
  }

  /** Images in the format of MNIST: which third of the image is bright is the class. */
  static Path data(Path folder, int train, int test) throws IOException {
    Files.createDirectories(folder);
    write(folder, "train", train, 1);
    write(folder, "t10k", test, 2);
    return folder;
  }

  private static void write(Path folder, String part, int count, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    try (DataOutputStream images =
            new DataOutputStream(
                Files.newOutputStream(folder.resolve(part + "-images-idx3-ubyte")));
        DataOutputStream labels =
            new DataOutputStream(
                Files.newOutputStream(folder.resolve(part + "-labels-idx1-ubyte")))) {
      images.writeInt(0x803);
      images.writeInt(count);
      images.writeInt(SIDE);
      images.writeInt(SIDE);
      labels.writeInt(0x801);
      labels.writeInt(count);
      for (int i = 0; i < count; i++) {
        int label = i % CLASSES;
        labels.writeByte(label);
        for (int p = 0; p < SIDE * SIDE; p++) {
          boolean bright = p * CLASSES / (SIDE * SIDE) == label;
          images.writeByte((bright ? 160 : 20) + random.nextInt(80));
        }
      }
    }
  }
}
