package compress.train.data;

import compress.model.DType;
import compress.model.FormatException;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * CIFAR-10's binary version: records of a label and an image of 3 x 32 x 32 bytes, channel by
 * channel. As many of the five training files as there are.
 *
 * @see <a href="https://www.cs.toronto.edu/~kriz/cifar.html">The CIFAR-10 dataset</a>, "binary
 *     version"
 */
final class Cifar implements DataFormat {
  private static final int PIXELS = 3 * 32 * 32;
  private static final int RECORD = 1 + PIXELS;
  private static final int CLASSES = 10;
  private static final List<String> PACKINGS = List.of("", ".gz", ".xz");

  @Override
  public String looksFor() {
    return "data_batch_1.bin to data_batch_5.bin and test_batch.bin (plain, .gz or .xz)";
  }

  @Override
  public Optional<Parts> read(Path path) throws IOException {
    List<Path> train =
        IntStream.rangeClosed(1, 5)
            .mapToObj(i -> find(path, "data_batch_" + i + ".bin"))
            .flatMap(Optional::stream)
            .toList();
    List<Path> test = find(path, "test_batch.bin").stream().toList();
    if (train.isEmpty() && test.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Parts(set(train), set(test)));
  }

  private static Optional<Path> find(Path folder, String name) {
    return PACKINGS.stream()
        .map(packing -> folder.resolve(name + packing))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static Optional<DataSet> set(List<Path> files) throws IOException {
    if (files.isEmpty()) {
      return Optional.empty();
    }
    ByteArrayOutputStream images = new ByteArrayOutputStream();
    List<Integer> labels = new ArrayList<>();
    for (Path file : files) {
      byte[] bytes;
      try (Unpacked in = Unpacked.open(file)) {
        bytes = in.rest(RECORD * 100_000);
      }
      if (bytes.length == 0 || bytes.length % RECORD != 0) {
        throw new FormatException(
            file,
            FormatException.NOWHERE,
            "%d bytes are not a number of records of %d".formatted(bytes.length, RECORD));
      }
      for (int at = 0; at < bytes.length; at += RECORD) {
        if (bytes[at] < 0 || bytes[at] >= CLASSES) {
          throw new FormatException(
              file,
              FormatException.NOWHERE,
              "record %d has label %d; 0 to 9 are expected".formatted(at / RECORD, bytes[at]));
        }
        labels.add((int) bytes[at]);
        images.write(bytes, at + 1, PIXELS);
      }
    }
    Tensor tensor = Tensor.of(DType.U8, Shape.of(labels.size(), 3, 32, 32), images.toByteArray());
    return Optional.of(
        DataSet.of(tensor, labels.stream().mapToInt(Integer::intValue).toArray(), CLASSES));
  }
}
