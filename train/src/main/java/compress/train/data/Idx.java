package compress.train.data;

import compress.model.DType;
import compress.model.FormatException;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of MNIST and its kin: images and labels of a training and a test set, four files in a
 * folder, plain or packed.
 *
 * @see <a href="https://yann.lecun.org/exdb/mnist/">The MNIST database</a>, "file formats"
 */
final class Idx implements DataFormat {
  private static final List<String> TRAIN = List.of("train");
  private static final List<String> TEST = List.of("t10k", "test");
  private static final List<String> PACKINGS = List.of("", ".gz", ".xz");

  @Override
  public String looksFor() {
    return "train-images-idx3-ubyte and train-labels-idx1-ubyte, t10k-images-idx3-ubyte and"
        + " t10k-labels-idx1-ubyte (plain, .gz or .xz)";
  }

  @Override
  public Optional<Parts> read(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    Optional<DataSet> train = part(path, TRAIN);
    Optional<DataSet> test = part(path, TEST);
    return train.isPresent() || test.isPresent()
        ? Optional.of(new Parts(train, test))
        : Optional.empty();
  }

  private static Optional<DataSet> part(Path folder, List<String> names) throws IOException {
    Optional<Path> images = find(folder, names, "images", 3);
    Optional<Path> labels = find(folder, names, "labels", 1);
    if (images.isEmpty() && labels.isEmpty()) {
      return Optional.empty();
    }
    if (images.isEmpty() || labels.isEmpty()) {
      throw new FormatException(
          images.or(() -> labels).orElseThrow(),
          FormatException.NOWHERE,
          "its %s are missing: looked for %s-%s-idx%d-ubyte beside it"
              .formatted(
                  images.isEmpty() ? "images" : "labels",
                  names.getFirst(),
                  images.isEmpty() ? "images" : "labels",
                  images.isEmpty() ? 3 : 1));
    }
    return Optional.of(join(images.get(), labels.get()));
  }

  private static Optional<Path> find(Path folder, List<String> names, String kind, int rank) {
    return names.stream()
        .flatMap(name ->
            Stream.of("-", ".").map(dot -> name + "-" + kind + dot + "idx" + rank + "-ubyte"))
        .flatMap(name -> PACKINGS.stream().map(packing -> folder.resolve(name + packing)))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static DataSet join(Path imageFile, Path labelFile) throws IOException {
    Tensor images = tensor(imageFile);
    Tensor labels = tensor(labelFile);
    if (labels.shape().rank() != 1 || images.shape().rank() < 2) {
      throw new FormatException(
          labelFile,
          3,
          "labels of shape %s for images of shape %s".formatted(labels.shape(), images.shape()));
    }
    if (labels.size() != images.shape().dim(0)) {
      throw new FormatException(
          labelFile,
          4,
          "%d labels, but %s has %d images"
              .formatted(labels.size(), imageFile.getFileName(), images.shape().dim(0)));
    }
    int[] classes = new int[(int) labels.size()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (int) labels.longAt(i);
    }
    return DataSet.of(withChannel(images), classes, Arrays.stream(classes).max().orElse(-1) + 1);
  }

  /** {@code [n, height, width]} as images of one channel. */
  private static Tensor withChannel(Tensor images) {
    long[] dims = images.shape().toArray();
    return dims.length == 3 ? images.reshaped(Shape.of(dims[0], 1, dims[1], dims[2])) : images;
  }

  /** Reads one file of bytes. */
  static Tensor tensor(Path file) throws IOException {
    try (Unpacked in = Unpacked.open(file)) {
      byte[] magic = in.read(4, "its head");
      if (magic[0] != 0 || magic[1] != 0 || magic[2] != 8) {
        throw new FormatException(
            file,
            0,
            "starts with %02x%02x%02x; an IDX file of unsigned bytes starts with 000008"
                .formatted(magic[0], magic[1], magic[2]));
      }
      int rank = magic[3];
      if (rank < 1 || rank > 4) {
        throw new FormatException(file, 3, rank + " axes; 1 to 4 are expected");
      }
      ByteBuffer lengths = ByteBuffer.wrap(in.read(4 * rank, "its head"));
      long[] dims = new long[rank];
      long size = 1;
      for (int i = 0; i < rank; i++) {
        dims[i] = lengths.getInt() & 0xffff_ffffL;
        size = dims[i] == 0 ? 0 : size > (1L << 31) / dims[i] ? 1L << 31 : size * dims[i];
      }
      if (size >= Integer.MAX_VALUE - 16) {
        throw new FormatException(
            file, 4, "claims the shape " + Arrays.toString(dims) + "; at most 2 GiB are read");
      }
      byte[] bytes = in.read((int) size, "its " + Arrays.toString(dims) + " entries");
      in.requireEnd();
      return Tensor.of(DType.U8, Shape.of(dims), bytes);
    }
  }
}
