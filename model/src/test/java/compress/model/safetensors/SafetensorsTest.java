package compress.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.FormatException;
import compress.model.Granularity;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Param;
import compress.model.Shape;
import compress.model.SharedData;
import compress.model.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);
    return Files.write(folder.resolve("a.safetensors"), file.array());
  }

  private static Model small() {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    for (Param p :
        new Param[] {
          Param.of("b", Tensor.of(Shape.of(2), 1, 2)),
          new Param(
              "shared",
              DType.F32,
              new Codebook(
                  Tensor.of(Shape.of(2), 0, 3),
                  Tensor.of(DType.U8, Shape.of(3), new byte[] {1, 0, 1}))),
          new Param(
              "q",
              DType.F32,
              new Affine(
                  Tensor.of(DType.I8, Shape.of(2, 2), new byte[] {1, 2, 3, 4}),
                  Tensor.of(Shape.of(2, 1), 2, 3),
                  Optional.empty(),
                  new Granularity.PerGroup(1, 2)))
        }) {
      params.put(p.name(), p);
    }
    return new Model(Optional.empty(), params, Map.of(), Map.of("made by", "hand"), new byte[0]);
  }

  @Test
  void valuesOfEveryKindComeBack() throws IOException {
    Path path = folder.resolve("small.safetensors");
    ModelFiles.write(small(), path);
    Model back = ModelFiles.read(path);
    assertThat(back.metadata()).isEqualTo(small().metadata());
    assertThat(back.params().keySet()).containsExactlyInAnyOrder("b", "shared", "q");
    assertThat(back.param("shared").values()).isInstanceOf(Codebook.class);
    assertThat(((Affine) back.param("q").values()).granularity())
        .isEqualTo(new Granularity.PerGroup(1, 2));
    assertThat(back.param("q").values().toFloats()).containsExactly(2, 4, 9, 12);
    assertThat(back.param("shared").values().toFloats()).containsExactly(3, 0, 3);
  }

  @Test
  void elementsAreAligned() throws IOException {
    Path path = folder.resolve("small.safetensors");
    ModelFiles.write(small(), path);
    ModelFiles.layout(path)
        .spans()
        .forEach(s -> assertThat(s.offset() % (s.type().bits() / 8)).as(s.name()).isZero());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}|4|span 4
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}|8|should start at
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}|8|belong to none
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}|2|ends inside 'a'
          {"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}|4|'F33'
          {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}|4|not a length
          {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}|4|overflows
          {"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}|4|not a length
          {"a":{"dtype":"F32","shape":[1]}}|4|needs dtype
          {"a":1}|4|needs dtype
          {"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}|0|uplicate
          {"__metadata__":{"k":1}}|0|not a string
          [1]|0|not ONNX
          """)
  void liesInTheHeaderAreSaid(String header, int dataBytes, String said) throws IOException {
    Path path = file(header, dataBytes);
    assertThatThrownBy(() -> ModelFiles.read(path))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("a.safetensors")
        .hasMessageContaining(said);
  }

  @Test
  void everyCutAndFlipIsRefusedOrRead() throws IOException {
    Path path = folder.resolve("small.safetensors");
    ModelFiles.write(small(), path);
    byte[] whole = Files.readAllBytes(path);
    Path damaged = folder.resolve("damaged.safetensors");
    for (int length = 0; length < whole.length; length++) {
      Files.write(damaged, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ModelFiles.read(damaged)).isInstanceOf(FormatException.class);
    }
    for (int i = 0; i < whole.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = whole.clone();
        flipped[i] ^= (byte) (1 << bit);
        Files.write(damaged, flipped);
        try {
          ModelFiles.read(damaged).params().values().forEach(p -> p.values().toFloats());
        } catch (FormatException e) {
          assertThat(e).hasMessageContaining("damaged.safetensors");
        }
      }
    }
  }

  @Test
  void hugeHeaderIsNotAllocated() throws IOException {
    Path path = folder.resolve("huge.safetensors");
    ByteBuffer bytes = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(1L << 40).put((byte) '{');
    Files.write(path, bytes.array());
    assertThatThrownBy(() -> ModelFiles.read(path))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("more than 100 MB");
  }

  @Test
  void realFilesComeBackTheSame() throws IOException {
    for (Path real : SharedData.models()) {
      if (ModelFiles.format(real) != ModelFiles.Format.SAFETENSORS) {
        continue;
      }
      Model model = ModelFiles.read(real);
      Path out = folder.resolve("back.safetensors");
      ModelFiles.write(model, out);
      Model back = ModelFiles.read(out);
      assertThat(back.params().keySet())
          .containsExactlyInAnyOrderElementsOf(model.params().keySet());
      model
          .params()
          .forEach((name, p) ->
              assertThat(((Dense) back.param(name).values()).tensor())
                  .matches(t -> t.sameAs(((Dense) p.values()).tensor())));
    }
  }
}
