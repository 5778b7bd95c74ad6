package compress.encode;

import compress.model.DType;
import compress.model.FileLayout;
import compress.model.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * A model in two files, the same on every run. Its bytes need not be ONNX: the layout says where
 * the tensors are.
 */
final class TestModel {
  private TestModel() {}

  static FileLayout write(Path folder) throws IOException {
    Random random = new Random(3);
    Chunk fc1 = Samples.codebook(60, 40, 0.25, 16, random);
    Chunk bias = Samples.gaussian(DType.F32, 1, 60, 1, random);
    Chunk fc2 = Samples.gaussian(DType.F32, 10, 30, 0.2, random);
    byte[] main = new byte[3000];
    byte[] data = new byte[1300];
    random.nextBytes(data);
    byte[] graph = "ir_version graph fc1.weight fc2.weight".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(graph, 0, main, 3, graph.length);
    for (int i = 0; i < 2400; i++) {
      // Inputs that are always 0, as at an image's border, keep no weights.
      main[100 + i] = i % 40 < 20 ? 0 : fc1.bytes()[i];
    }
    System.arraycopy(bias.bytes(), 0, main, 2600, 240);
    System.arraycopy(fc2.bytes(), 0, data, 64, 1200);
    Path mainFile = Files.write(folder.resolve("model.onnx"), main);
    Files.createDirectories(folder.resolve("weights"));
    Path dataFile = Files.write(folder.resolve("weights/fc2.bin"), data);
    return new FileLayout(
        List.of(mainFile, dataFile),
        List.of(
            new FileLayout.Span(0, "fc1.weight", DType.U8, Shape.of(60, 40), 100),
            new FileLayout.Span(0, "fc1.bias", DType.F32, Shape.of(60), 2600),
            new FileLayout.Span(0, "nothing", DType.F32, Shape.of(0, 3), 2900),
            new FileLayout.Span(1, "fc2.weight", DType.F32, Shape.of(10, 30), 64)));
  }
}
