package compress.train.data;

import compress.model.DType;
import compress.model.FormatException;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.data.DataFormat.Parts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads data sets of every format in the list here, found by what the file or folder holds. */
public final class DataFiles {
  private static final List<DataFormat> FORMATS =
      List.of(new Idx(), new Cifar(), new Npy(), new Csv(), new ImageFolder());

  private DataFiles() {}

  /** As {@link #read(Path, Preprocessing, Holdout)}, bytes scaled to 0 to 1, the usual holdout. */
  public static DataSplit read(Path path) throws IOException {
    return read(path, Preprocessing.UNIT, Holdout.DEFAULT);
  }

  /**
   * Reads a data set whole into memory. A source without a training part, or without names that
   * tell the parts apart, is all test samples.
   *
   * @throws FormatException if nothing is there, nothing here knows it, or it is damaged
   * @throws IllegalArgumentException if {@code holdout} leaves nothing to train on
   */
  public static DataSplit read(Path path, Preprocessing preprocessing, Holdout holdout)
      throws IOException {
    if (!Files.exists(path)) {
      throw new FormatException(
          path,
          FormatException.NOWHERE,
          "no such data; samples/fetch-data.sh fetches MNIST, Fashion-MNIST and CIFAR-10");
    }
    for (DataFormat format : FORMATS) {
      Optional<Parts> parts = format.read(path);
      if (parts.isPresent()) {
        return split(parts.get(), preprocessing, holdout);
      }
    }
    throw new FormatException(
        path,
        FormatException.NOWHERE,
        FORMATS.stream()
            .map(DataFormat::looksFor)
            .collect(Collectors.joining("; ", "no data set found; looked for: ", "")));
  }

  private static DataSplit split(Parts parts, Preprocessing preprocessing, Holdout holdout) {
    DataSet any = parts.train().or(parts::test).orElseGet(DataFiles::nothing);
    return DataSplit.holdingOut(
        parts.train().orElseGet(() -> any.subset(0, 0)),
        parts.test().orElseGet(() -> any.subset(0, 0)),
        holdout,
        preprocessing);
  }

  private static DataSet nothing() {
    return DataSet.unlabelled(Tensor.of(DType.U8, Shape.of(0, 1), new byte[0]));
  }
}
