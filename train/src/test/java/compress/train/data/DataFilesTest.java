package compress.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import compress.model.DType;
import compress.model.FormatException;
import compress.model.Shape;
import compress.train.TestData;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

final class DataFilesTest {
  @TempDir Path folder;

  private static byte[] idx(int... dims) {
    int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * dims.length + size);
    bytes.put(new byte[] {0, 0, 8, (byte) dims.length});
    Arrays.stream(dims).forEach(bytes::putInt);
    for (int i = 0; i < size; i++) {
      bytes.put((byte) (i % 7));
    }
    return bytes.array();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private static byte[] xz(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new XZOutputStream(packed, new LZMA2Options())) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private void write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private DataSplit read() throws IOException {
    return DataFiles.read(folder);
  }

  @Test
  void idxPlainAndPacked() throws IOException {
    write("train-images-idx3-ubyte", idx(24, 3, 4));
    write("train-labels-idx1-ubyte.gz", gzip(idx(24)));
    write("t10k-images-idx3-ubyte.xz", xz(idx(5, 3, 4)));
    write("t10k-labels.idx1-ubyte", idx(5));
    DataSplit split = read();
    assertThat(split.train().size()).isEqualTo(22);
    assertThat(split.validation().size()).isEqualTo(2);
    assertThat(split.test().size()).isEqualTo(5);
    assertThat(split.train().sampleShape()).isEqualTo(Shape.of(1, 3, 4));
    assertThat(split.test().samples().longAt(13)).isEqualTo(13 % 7);
    assertThat(split.validation().label(0)).isEqualTo(22 % 7);
    assertThat(split.train().classes()).isEqualTo(7);
  }

  @Test
  void idxCutAtEachByteIsAnError() throws IOException {
    byte[] images = idx(3, 2, 2);
    write("t10k-labels-idx1-ubyte", idx(3));
    for (int length = 0; length < images.length; length++) {
      write("t10k-images-idx3-ubyte", Arrays.copyOf(images, length));
      assertThatThrownBy(this::read).as("length %d", length).isInstanceOf(FormatException.class);
    }
    byte[] packed = gzip(images);
    Files.delete(folder.resolve("t10k-images-idx3-ubyte"));
    for (int length = 0; length < packed.length; length++) {
      write("t10k-images-idx3-ubyte.gz", Arrays.copyOf(packed, length));
      assertThatThrownBy(this::read).as("length %d", length).isInstanceOf(FormatException.class);
    }
  }

  @Test
  void idxThatLiesAboutItsSizeTakesNoMemory() throws IOException {
    byte[] images = idx(3, 2, 2);
    ByteBuffer.wrap(images).putInt(4, 0x7fffffff).putInt(8, 0x7fffffff);
    write("t10k-images-idx3-ubyte", images);
    write("t10k-labels-idx1-ubyte", idx(3));
    assertThatThrownBy(this::read)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("byte 4")
        .hasMessageContaining("2147483647");
    ByteBuffer.wrap(images).putInt(4, 400_000_000).putInt(8, 2);
    write("t10k-images-idx3-ubyte", images);
    assertThatThrownBy(this::read).hasMessageContaining("truncated");
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    assertThatThrownBy(() -> DataFiles.read(folder.resolve("nowhere")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("nowhere")
        .hasMessageContaining("fetch-data");
    assertThatThrownBy(this::read)
        .hasMessageContaining("t10k-images-idx3-ubyte")
        .hasMessageContaining("data_batch_1.bin")
        .hasMessageContaining(".npz")
        .hasMessageContaining("labels.csv");
    write("t10k-images-idx3-ubyte", idx(3, 2, 2));
    assertThatThrownBy(this::read).hasMessageContaining("labels are missing");
  }

  @Test
  void cifarRecords() throws IOException {
    byte[] records = new byte[2 * 3073];
    records[0] = 9;
    records[3073] = 4;
    records[3073 + 1 + 1024] = 77;
    write("test_batch.bin", records);
    DataSet test = read().test();
    assertThat(test.sampleShape()).isEqualTo(Shape.of(3, 32, 32));
    assertThat(test.label(0)).isEqualTo(9);
    assertThat(test.samples().longAt(3072 + 1024)).isEqualTo(77);
    records[3073] = 10;
    write("test_batch.bin", records);
    assertThatThrownBy(this::read).hasMessageContaining("record 1 has label 10");
    write("test_batch.bin", Arrays.copyOf(records, 3074));
    assertThatThrownBy(this::read).hasMessageContaining("3073");
  }

  private static byte[] npy(String type, String shape, byte[] data) {
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape);
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes = ByteBuffer.allocate(10 + text.length + data.length);
    bytes
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    return bytes.putShort((short) text.length).put(text).put(data).array();
  }

  @Test
  void numpyArraysPlainAndZipped() throws IOException {
    ByteBuffer labels = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    labels.putLong(2).putLong(0);
    byte[] pixels = new byte[2 * 5 * 5 * 3];
    pixels[3 * 5 * 5 + 4] = 99; // the second image's second pixel, green
    byte[] x = npy("|u1", "2, 5, 5, 3", pixels);
    byte[] y = npy("<i8", "2,", labels.array());
    write("x_test.npy", x);
    write("y_test.npy", y);
    Path zip = folder.resolve("data.npz");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("x.npy"));
      out.write(x);
      out.putNextEntry(new ZipEntry("y.npy"));
      out.write(y);
    }
    for (DataSet test : new DataSet[] {read().test(), DataFiles.read(zip).test()}) {
      assertThat(test.sampleShape()).isEqualTo(Shape.of(3, 5, 5));
      assertThat(test.samples().longAt(75 + 25 + 1)).isEqualTo(99);
      assertThat(test.label(0)).isEqualTo(2);
      assertThat(test.classes()).isEqualTo(3);
    }
    for (int length = 0; length < x.length; length += 3) {
      write("x_test.npy", Arrays.copyOf(x, length));
      assertThatThrownBy(this::read).as("length %d", length).isInstanceOf(FormatException.class);
    }
  }

  @Test
  void numpyFloats() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 6; i++) {
      data.putFloat(i / 4f);
    }
    write("x_train.npy", npy("<f4", "2, 3", data.array()));
    DataSet train = DataFiles.read(folder, Preprocessing.RAW, Holdout.last(0)).train();
    assertThat(train.samples().type()).isEqualTo(DType.F32);
    assertThat(train.samples().floatAt(5)).isEqualTo(1.25f);
    assertThat(train.hasLabels()).isFalse();
  }

  private void image(String name, int width, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(width, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(1, 0, rgb);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, "png", bytes)).isTrue();
    write(name, bytes.toByteArray());
  }

  @Test
  void imagesInAFolderForEachClass() throws IOException {
    image("train/cat/1.png", 3, 0x102030);
    image("train/dog/1.png", 3, 0x405060);
    image("train/dog/2.png", 3, 0x405060);
    image("test/dog/3.png", 3, 0x405060);
    DataSplit split = DataFiles.read(folder, Preprocessing.RAW, Holdout.last(0));
    assertThat(split.train().size()).isEqualTo(3);
    assertThat(split.train().sampleShape()).isEqualTo(Shape.of(3, 2, 3));
    for (int i = 0; i < 3; i++) {
      long red = split.train().samples().longAt(i * 18 + 1);
      long blue = split.train().samples().longAt(i * 18 + 13);
      assertThat(red).isEqualTo(split.train().label(i) == 0 ? 0x10 : 0x40);
      assertThat(blue).isEqualTo(red + 0x20);
    }
  }

  @Test
  void imagesWithAListOfLabels() throws IOException {
    image("a.png", 3, 0x102030);
    write("labels.csv", "file,class\na.png,4,cat\n".getBytes(StandardCharsets.UTF_8));
    DataSet test = read().test();
    assertThat(test.label(0)).isEqualTo(4);
    write("labels.csv", "a.png,x\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::read).hasMessageContaining("line 1");
    image("b.png", 4, 0);
    write("labels.csv", "a.png,1\nb.png,1\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::read).hasMessageContaining("resize");
  }

  @Test
  void tablesOfNumbers() throws IOException {
    write("digits.tra", "a,b,class\n1,2.5,0\n3,4,1\n5,6,0\n".getBytes(StandardCharsets.UTF_8));
    write("digits.tes", "7,8,1\n".getBytes(StandardCharsets.UTF_8));
    DataSplit split = DataFiles.read(folder, Preprocessing.RAW, Holdout.last(1));
    assertThat(split.train().samples().toFloats()).containsExactly(1, 2.5f, 3, 4);
    assertThat(split.validation().label(0)).isZero();
    assertThat(split.test().samples().toFloats()).containsExactly(7, 8);
    write("digits.tes", "7,8,1\n7,1\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::read).hasMessageContaining("line 2 has 2 numbers");
    write("digits.tes", "7,x,1\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::read).hasMessageContaining("column 2");
    write("digits.tes", "7,8,1.5\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::read).hasMessageContaining("1.5");
  }

  @Test
  void theSharedDataSetsHaveTheirKnownSizes() throws IOException {
    Optional<Path> mnist = TestData.find("mnist");
    Optional<Path> digits = TestData.find("optdigits");
    assumeTrue(mnist.isPresent() && digits.isPresent(), "the data sets are not here");
    DataSplit split = DataFiles.read(mnist.get());
    assertThat(split.train().size()).isEqualTo(55_000);
    assertThat(split.validation().size()).isEqualTo(5_000);
    assertThat(split.test().size()).isEqualTo(10_000);
    DataSplit table = DataFiles.read(digits.get());
    assertThat(table.train().size() + table.validation().size()).isEqualTo(3823);
    assertThat(table.test().size()).isEqualTo(1797);
    assertThat(table.test().sampleShape()).isEqualTo(Shape.of(64));
  }
}
