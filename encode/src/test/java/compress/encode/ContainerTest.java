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
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerTest {
  @TempDir Path folder;

  private FileLayout model() throws IOException {
    return TestModel.write(folder);
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

  /** Files that were written by the first version; see {@code docs/format.md}. */
  @ParameterizedTest
  @ValueSource(strings = {"best", "huffman"})
  void readsWhatEarlierVersionsWrote(String choice) throws Exception {
    Path golden =
        Path.of(
            Objects.requireNonNull(ContainerTest.class.getResource("v1-" + choice + ".cmpr"))
                .toURI());
    Path out = folder.resolve("golden/model.onnx");
    Decoder.decode(golden, out);
    FileLayout model = model();
    assertThat(out).hasSameBinaryContentAs(model.files().get(0));
    assertThat(folder.resolve("golden/weights/fc2.bin"))
        .hasSameBinaryContentAs(model.files().get(1));
    assertThat(Container.open(golden).index().sections())
        .extracting(Index.Section::coder)
        .contains(6, choice.equals("best") ? 4 : 2);
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
  void measuresWhatItWouldWrite() throws IOException {
    FileLayout model = model();
    long[] last = new long[2];
    Progress progress =
        (done, of) -> {
          assertThat(done).isBetween(last[0], of);
          last[0] = done;
          last[1] = of;
        };
    EncodeReport written =
        Encoder.encode(
            model, folder.resolve("x.cmpr"), new EncodeOptions(CoderChoice.BEST, 2, progress));
    assertThat(last[0]).isEqualTo(last[1]).isPositive();
    EncodeReport measured = Encoder.measure(model, EncodeOptions.defaults());
    assertThat(measured.ledger()).isEqualTo(written.ledger());
    assertThat(measured.bytes()).isEqualTo(written.bytes());
    assertThat(folder.resolve("x.cmpr")).hasDigest("SHA-256", written.sha256());
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
  void everyTruncationAndEveryFlippedByteIsFound() throws IOException {
    Path cmpr = folder.resolve("model.cmpr");
    Encoder.encode(model(), cmpr, EncodeOptions.defaults());
    readWhole(cmpr);
    byte[] good = Files.readAllBytes(cmpr);
    Path bad = folder.resolve("bad.cmpr");
    Path out = folder.resolve("bad/out.onnx");
    for (int length = 0; length < good.length; length++) {
      Files.write(bad, Arrays.copyOf(good, length));
      refused(bad, out, length);
    }
    // Another bit of each byte; of the header and the footer all.
    for (int bit = 0;
        bit < 8 * good.length;
        bit += bit < 50 || bit > 8 * good.length - 100 ? 1 : 7) {
      byte[] flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(bad, flipped);
      refused(bad, out, bit);
    }
    assertThat(out).doesNotExist();
  }

  /** Most are only read; now and then one is decoded to files, which must not appear. */
  private static void refused(Path bad, Path out, int round) {
    assertThatThrownBy(
            () -> {
              if (round % 40 == 0) {
                Decoder.decode(bad, out, 1, Progress.NONE);
              } else {
                readWhole(bad);
              }
            })
        .as("round %d", round)
        .isInstanceOf(FormatException.class);
  }

  private static void readWhole(Path file) throws IOException {
    Container container = Container.open(file);
    List<Form> forms = container.forms();
    for (int section = 0; section < forms.size(); section++) {
      container.decode(section, forms.get(section));
    }
  }

  /** The checksums are right, but the index lies. */
  @Test
  void refusesAnIndexThatLies() throws IOException {
    Path cmpr = folder.resolve("model.cmpr");
    Encoder.encode(model(), cmpr, EncodeOptions.defaults());
    Index index = Container.open(cmpr).index();
    List<Index.SourceFile> files = index.files();
    List<Index.Entry> tensors = index.tensors();
    Index.SourceFile data = files.get(1);
    for (String name :
        List.of("../x", "/etc/x", "a/../../x", "a//b", ".", "", "C:x", "a\\b", "model.out")) {
      Index lie =
          new Index(
              List.of(files.get(0), new Index.SourceFile(name, data.bytes(), data.sha256())),
              tensors,
              index.sections());
      refused(cmpr, lie, name.equals("model.out") ? "one name" : "outside");
    }
    Index.SourceFile main = files.get(0);
    refused(
        cmpr,
        new Index(
            List.of(new Index.SourceFile("", main.bytes(), data.sha256()), data),
            tensors,
            index.sections()),
        "SHA-256");
    refused(
        cmpr,
        new Index(
            List.of(new Index.SourceFile("", 1L << 45, main.sha256()), data),
            tensors,
            index.sections()),
        "sections");
    Index.Entry first = tensors.get(0);
    for (Shape shape : List.of(Shape.of(4000, 40), Shape.of(1L << 40))) {
      List<Index.Entry> lies =
          List.of(
              new Index.Entry(0, first.offset(), first.name(), DType.U8, shape), tensors.get(3));
      refused(cmpr, new Index(files, lies, index.sections()), "past the end");
    }
    Index.Entry huge = new Index.Entry(0, 100, "x", DType.U8, Shape.of(1L << 62));
    refused(cmpr, new Index(files, List.of(huge), index.sections()), "too large");
    refused(cmpr, new Index(files, tensors, index.sections().subList(0, 3)), "");
    List<Index.Section> sections = new java.util.ArrayList<>(index.sections());
    Index.Section s = sections.get(1);
    sections.set(1, new Index.Section(99, s.bytes(), s.crc32c()));
    refused(cmpr, new Index(files, tensors, sections), "coder 99 is not known");
    sections.set(1, new Index.Section(s.coder(), s.bytes() + 1, s.crc32c()));
    refused(cmpr, new Index(files, tensors, sections), "sections end");
    sections.set(1, s);
    Path other = folder.resolve("v2.cmpr");
    byte[] bytes = Files.readAllBytes(cmpr);
    bytes[4] = 2;
    Files.write(other, bytes);
    assertThatThrownBy(() -> Container.open(other)).hasMessageContaining("format version 2");
  }

  private void refused(Path cmpr, Index lie, String why) throws IOException {
    byte[] good = Files.readAllBytes(cmpr);
    int sections = Container.HEADER_BYTES;
    for (Index.Section s : Container.open(cmpr).index().sections()) {
      sections += s.bytes();
    }
    byte[] index = lie.write(CoderChoice.BEST).bytes();
    ByteOutput out = new ByteOutput();
    out.write(good, 0, sections);
    out.write(index);
    ByteOutput length = new ByteOutput();
    length.writeInt(index.length);
    out.write(length.toByteArray());
    byte[] header = Arrays.copyOf(good, Container.HEADER_BYTES);
    out.writeInt(Container.crc32c(header, index, length.toByteArray()));
    out.write(Container.END_MAGIC);
    Path bad = folder.resolve("lie.cmpr");
    Files.write(bad, out.toByteArray());
    Path result = folder.resolve("lies/model.out");
    assertThatThrownBy(() -> Decoder.decode(bad, result))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(why);
    assertThat(result).doesNotExist();
  }
}
