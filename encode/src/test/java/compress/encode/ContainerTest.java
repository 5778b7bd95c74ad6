package compress.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.DType;
import compress.model.FileLayout;
import compress.model.FormatException;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerTest {
  @TempDir Path folder;

  /** A model in two files; its bytes need not be ONNX, since the layout says where tensors are. */
  private FileLayout model() throws IOException {
    Random random = new Random(3);
    Chunk fc1 = Samples.codebook(30, 40, 0.1, 16, random);
    Chunk bias = Samples.gaussian(DType.F32, 1, 30, 1, random);
    Chunk fc2 = Samples.gaussian(DType.F32, 10, 30, 0.2, random);
    byte[] main = new byte[2000];
    byte[] data = new byte[1300];
    random.nextBytes(data);
    System.arraycopy(
        "ir_version graph fc1.weight fc2.weight".getBytes(java.nio.charset.StandardCharsets.UTF_8),
        0,
        main,
        3,
        38);
    System.arraycopy(fc1.bytes(), 0, main, 100, 1200);
    System.arraycopy(bias.bytes(), 0, main, 1300, 120);
    System.arraycopy(fc2.bytes(), 0, data, 64, 1200);
    Path mainFile = Files.write(folder.resolve("model.onnx"), main);
    Files.createDirectories(folder.resolve("weights"));
    Path dataFile = Files.write(folder.resolve("weights/fc2.bin"), data);
    return new FileLayout(
        List.of(mainFile, dataFile),
        List.of(
            new FileLayout.Span(0, "fc1.weight", DType.U8, Shape.of(30, 40), 100),
            new FileLayout.Span(0, "fc1.bias", DType.F32, Shape.of(30), 1300),
            new FileLayout.Span(0, "nothing", DType.F32, Shape.of(0, 3), 1500),
            new FileLayout.Span(1, "fc2.weight", DType.F32, Shape.of(10, 30), 64)));
  }

  @Test
  void restoresEveryFileToTheByte() throws IOException {
    FileLayout model = model();
    for (CoderChoice choice : CoderChoice.values()) {
      Path cmpr = folder.resolve("model.cmpr");
      EncodeReport report = Encoder.encode(model, cmpr, EncodeOptions.defaults().with(choice));
      assertThat(report.bytes()).isEqualTo(Files.size(cmpr));
      assertThat(report.ledger().stream().mapToLong(Ledger::bytes).sum())
          .isEqualTo(Files.size(cmpr));
      Path out = folder.resolve("out/restored.onnx");
      assertThat(Decoder.outputs(cmpr, out))
          .containsExactly(out, folder.resolve("out/weights/fc2.bin"));
      Decoder.decode(cmpr, out);
      assertThat(out).hasSameBinaryContentAs(model.files().get(0));
      assertThat(folder.resolve("out/weights/fc2.bin"))
          .hasSameBinaryContentAs(model.files().get(1));
    }
  }

  @Test
  void decodesOneTensorAlone() throws IOException {
    Path cmpr = folder.resolve("model.cmpr");
    FileLayout model = model();
    Encoder.encode(model, cmpr, EncodeOptions.defaults());
    Container container = Container.open(cmpr);
    assertThat(container.tensors())
        .extracting(Container.TensorInfo::name)
        .containsExactly("fc1.weight", "fc1.bias", "nothing", "fc2.weight");
    Tensor weight = container.tensor("fc2.weight");
    assertThat(weight.shape()).isEqualTo(Shape.of(10, 30));
    byte[] data = Files.readAllBytes(model.files().get(1));
    assertThat(weight.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
        .isEqualTo(Arrays.copyOfRange(data, 64, 1264));
    assertThat(container.tensor("nothing").size()).isZero();
    assertThatThrownBy(() -> container.tensor("fc3.weight"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fc3.weight");
  }

  @Test
  void doesNotDependOnTheNumberOfThreads() throws IOException {
    FileLayout model = model();
    Path one = folder.resolve("one.cmpr");
    Path five = folder.resolve("five.cmpr");
    Encoder.encode(model, one, new EncodeOptions(CoderChoice.BEST, 1, Progress.NONE));
    Encoder.encode(model, five, new EncodeOptions(CoderChoice.BEST, 5, Progress.NONE));
    assertThat(one).hasSameBinaryContentAs(five);
  }

  @Test
  void everyTruncationAndEveryFlippedBitIsFound() throws IOException {
    Path cmpr = folder.resolve("model.cmpr");
    Encoder.encode(model(), cmpr, EncodeOptions.defaults());
    byte[] good = Files.readAllBytes(cmpr);
    Path bad = folder.resolve("bad.cmpr");
    Path out = folder.resolve("bad/out.onnx");
    for (int length = 0; length < good.length; length++) {
      Files.write(bad, Arrays.copyOf(good, length));
      assertThatThrownBy(() -> Decoder.decode(bad, out, 1, Progress.NONE))
          .isInstanceOf(FormatException.class);
    }
    for (int bit = 0; bit < 8 * good.length; bit += 1 + bit % 3) {
      byte[] flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(bad, flipped);
      assertThatThrownBy(() -> Decoder.decode(bad, out, 1, Progress.NONE))
          .as("bit %d", bit)
          .isInstanceOf(FormatException.class);
    }
    try (java.util.stream.Stream<Path> left = Files.walk(out.getParent())) {
      assertThat(left).noneMatch(Files::isRegularFile);
    }
  }
}
