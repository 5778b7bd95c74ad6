package compress.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import compress.model.Affine;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.FileLayout;
import compress.model.FormatException;
import compress.model.Granularity;
import compress.model.Graph;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.SharedData;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFilesTest {
  @TempDir Path folder;

  private Path file(String name, ModelProto proto) throws IOException {
    return Files.write(folder.resolve(name), proto.toByteArray());
  }

  private Model rewritten(Model model) throws IOException {
    Path out = folder.resolve("rewritten.onnx");
    ModelFiles.write(model, out);
    return ModelFiles.read(out);
  }

  @Test
  void nothingIsLostOnTheWay() throws IOException {
    ModelProto before = SmallModels.everything();
    ModelFiles.write(ModelFiles.read(file("a.onnx", before)), folder.resolve("b.onnx"));
    ModelProto after = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("b.onnx")));

    GraphProto g = before.getGraph();
    GraphProto h = after.getGraph();
    assertThat(after.toBuilder().clearGraph().build())
        .isEqualTo(before.toBuilder().clearGraph().build());
    assertThat(h.getInputList()).isEqualTo(g.getInputList());
    assertThat(h.getOutputList()).isEqualTo(g.getOutputList());
    assertThat(h.getValueInfoList()).isEqualTo(g.getValueInfoList());
    assertThat(h.getDocString()).isEqualTo(g.getDocString());
    assertThat(h.getSparseInitializerList()).isEqualTo(g.getSparseInitializerList());
    // The Constant node has become an initializer, float_data raw data; all else is as it was.
    assertThat(h.getNodeList()).isEqualTo(g.getNodeList().subList(1, g.getNodeCount()));
    List<TensorProto> tensors = h.getInitializerList();
    assertThat(tensors)
        .containsAll(
            g.getInitializerList().stream().filter(t -> !t.getName().equals("typed")).toList())
        .contains(
            SmallModels.floats("typed", new long[] {2}, 9, 10),
            SmallModels.floats("constant", new long[] {2}, 12, 13))
        .hasSize(6);
  }

  @Test
  void rawDataIsNotCopied() throws IOException {
    Path path = file("a.onnx", SmallModels.everything());
    Tensor w = ((Dense) ModelFiles.read(path).param("w").values()).tensor();
    assertThat(w.data().isMapped()).isTrue();
    assertThat(w.data().isReadOnly()).isTrue();
  }

  @Test
  void layoutFindsTheBytesOfEachTensor() throws IOException {
    Path path = file("a.onnx", SmallModels.everything());
    FileLayout layout = ModelFiles.layout(path);
    byte[] bytes = Files.readAllBytes(path);
    assertThat(layout.spans())
        .extracting(FileLayout.Span::name)
        .containsExactlyInAnyOrder("w", "default", "captured", "typed", "sparse", "constant");
    for (FileLayout.Span s : layout.spans()) {
      byte[] content = Arrays.copyOfRange(bytes, (int) s.offset(), (int) (s.offset() + s.bytes()));
      if (!s.name().equals("sparse")) {
        assertThat(Tensor.of(s.type(), s.shape(), content).toFloats())
            .as(s.name())
            .isEqualTo(ModelFiles.read(path).param(s.name()).values().toFloats());
      }
    }
  }

  @Test
  void codebooksAreStandardGathersAndComeBack() throws IOException {
    Model model = ModelFiles.read(file("a.onnx", SmallModels.everything()));
    Codebook shared =
        new Codebook(
            Tensor.of(Shape.of(3), 0, -1.5f, 2.5f),
            Tensor.of(DType.U8, Shape.of(2, 2), new byte[] {0, 1, 2, 1}));
    Model changed = model.with(List.of(model.param("w").with(shared)));
    Model back = rewritten(changed);
    assertThat(back.params().keySet()).isEqualTo(changed.params().keySet());
    assertThat(back.graph().orElseThrow().nodes())
        .hasSameSizeAs(model.graph().orElseThrow().nodes());
    Codebook read = (Codebook) back.param("w").values();
    assertThat(read.codebook().sameAs(shared.codebook())).isTrue();
    assertThat(read.indices().sameAs(shared.indices())).isTrue();
    assertThat(read.toFloats()).containsExactly(0, -1.5f, 2.5f, -1.5f);
    assertThat(read.bits()).isEqualTo(1);
  }

  @Test
  void narrowFloatsAndAffineValuesComeBack() throws IOException {
    Model model = ModelFiles.read(file("a.onnx", SmallModels.everything()));
    byte[] halves = new byte[8];
    for (int i = 0; i < 4; i++) {
      short h = Float.floatToFloat16(i + 0.5f);
      halves[2 * i] = (byte) h;
      halves[2 * i + 1] = (byte) (h >> 8);
    }
    Dense narrow = new Dense(Tensor.of(DType.F16, Shape.of(2, 2), halves));
    Model back = rewritten(model.with(List.of(model.param("w").with(narrow))));
    assertThat(back.param("w").type()).isEqualTo(DType.F32);
    assertThat(((Dense) back.param("w").values()).tensor().sameAs(narrow.tensor())).isTrue();

    Affine affine =
        new Affine(
            Tensor.of(DType.I8, Shape.of(2, 2), new byte[] {-3, 5, 7, 127}),
            Tensor.of(Shape.of(2), 0.5f, 2),
            Optional.of(Tensor.of(DType.I8, Shape.of(2), new byte[] {1, -1})),
            new Granularity.PerAxis(1));
    assertThat(affine.toFloats()).containsExactly(-2, 12, 3, 256);
    back = rewritten(model.with(List.of(model.param("w").with(affine))));
    Affine read = (Affine) back.param("w").values();
    assertThat(read.toFloats()).isEqualTo(affine.toFloats());
    assertThat(read.granularity()).isEqualTo(affine.granularity());
  }

  @Test
  void fourBitsNeedAnOperatorSetThatHasThem() throws IOException {
    Model model = ModelFiles.read(file("a.onnx", SmallModels.everything()));
    Affine packed =
        new Affine(
            Tensor.of(DType.I4, Shape.of(2, 2), new byte[] {0x1f, 0x70}),
            Tensor.of(Shape.of(), 1),
            Optional.empty(),
            new Granularity.PerTensor());
    assertThat(packed.toFloats()).containsExactly(-1, 1, 0, 7);
    Model changed = model.with(List.of(model.param("w").with(packed)));
    assertThatThrownBy(() -> ModelFiles.write(changed, folder.resolve("c.onnx")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'w'")
        .hasMessageContaining("operator set 21");
  }

  @Test
  void aGraphThatNoFileHadKeepsItsInputsAndOutputs() throws IOException {
    ValueInfo x =
        new ValueInfo(
            "x",
            Optional.of(DType.F32),
            Optional.of(List.of(OptionalLong.empty(), OptionalLong.of(2))),
            new byte[0]);
    ValueInfo y = new ValueInfo("y", Optional.of(DType.F32), Optional.empty(), new byte[0]);
    Node relu = Node.of("Relu", List.of("x"), List.of("y"), Map.of());
    Graph graph = new Graph("made", List.of(relu), List.of(x), List.of(y), new byte[0]);
    Graph back =
        rewritten(
                new Model(
                    Optional.of(graph),
                    new LinkedHashMap<>(),
                    Map.of("", 17L),
                    Map.of(),
                    new byte[0]))
            .graph()
            .orElseThrow();
    assertThat(back.inputs())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("carried")
        .containsExactly(x);
    assertThat(back.outputs().getFirst().dims()).isEmpty();
    assertThat(back.outputs().getFirst().name()).isEqualTo("y");
  }

  @Test
  void largeModelsKeepTheirTensorsOutside() throws IOException {
    Model model = ModelFiles.read(file("a.onnx", SmallModels.everything()));
    Path out = folder.resolve("large.onnx");
    OnnxWriter.write(model, out, 10);
    assertThat(folder.resolve("large.onnx.data")).exists();
    Model back = ModelFiles.read(out);
    model
        .params()
        .forEach((name, p) ->
            assertThat(back.param(name).values().toFloats())
                .as(name)
                .isEqualTo(p.values().toFloats()));
    assertThat(ModelFiles.layout(out).files()).hasSize(2);
    Files.write(folder.resolve("large.onnx.data"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> ModelFiles.read(out))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("large.onnx.data, byte 3");
  }

  @Test
  void externalDataStaysInTheModelsFolder() throws IOException {
    for (String location : List.of("../secret", "/etc/hostname", "", "missing.bin")) {
      TensorProto outside =
          TensorProto.newBuilder()
              .setName("w")
              .setDataType(1)
              .addDims(1)
              .setDataLocation(TensorProto.DataLocation.EXTERNAL)
              .addExternalData(
                  ai.onnx.proto.OnnxMl.StringStringEntryProto.newBuilder()
                      .setKey("location")
                      .setValue(location))
              .build();
      Path path =
          file(
              "e.onnx", SmallModels.model(GraphProto.newBuilder().addInitializer(outside)).build());
      assertThatThrownBy(() -> ModelFiles.read(path))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("'w'")
          .hasMessageContaining(location);
      assertThatThrownBy(() -> ModelFiles.layout(path)).isInstanceOf(FormatException.class);
    }
  }

  @Test
  void everyCutAndFlipEndsInAFormatExceptionOrAModel() throws IOException {
    byte[] whole = SmallModels.everything().toByteArray();
    Path path = folder.resolve("damaged.onnx");
    int refused = 0;
    for (int length = 0; length < whole.length; length++) {
      refused += readsOrRefuses(path, Arrays.copyOf(whole, length)) ? 0 : 1;
    }
    // Cutting between two fields of the model's own message leaves a message that is whole.
    assertThat(refused).isGreaterThan(whole.length - 4);
    Random random = new Random(7);
    for (int i = 0; i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] ^= (byte) (1 << random.nextInt(8));
      readsOrRefuses(path, flipped);
    }
  }

  private static boolean readsOrRefuses(Path path, byte[] bytes) throws IOException {
    Files.write(path, bytes);
    boolean reads = true;
    try {
      ModelFiles.layout(path);
    } catch (FormatException e) {
      assertThat(e).hasMessageContaining("damaged.onnx");
    }
    try {
      ModelFiles.read(path).params().values().forEach(p -> p.values().toFloats());
    } catch (FormatException e) {
      assertThat(e).hasMessageContaining("damaged.onnx");
      reads = false;
    }
    return reads;
  }

  @Test
  void realModelsComeBackTheSame() throws IOException {
    for (Path real : SharedData.models()) {
      if (ModelFiles.format(real) != ModelFiles.Format.ONNX) {
        continue;
      }
      Model model = ModelFiles.read(real);
      Model back = rewritten(model);
      assertThat(back.params().keySet()).isEqualTo(model.params().keySet());
      for (Param p : model.params().values()) {
        assertThat(((Dense) back.param(p.name()).values()).tensor())
            .as(real.getFileName() + " " + p.name())
            .matches(t -> t.sameAs(((Dense) p.values()).tensor()));
      }
      assertThat(back.graph().orElseThrow().nodes())
          .usingRecursiveComparison()
          .isEqualTo(model.graph().orElseThrow().nodes());
      long inSpans =
          ModelFiles.layout(real).spans().stream().mapToLong(FileLayout.Span::bytes).sum();
      assertThat(inSpans).isGreaterThan((long) (0.85 * Files.size(real)));
    }
  }
}
