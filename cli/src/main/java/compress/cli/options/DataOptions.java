package compress.cli.options;

import compress.model.DType;
import compress.train.data.DataFiles;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Holdout;
import compress.train.data.Preprocessing;
import compress.train.data.Preprocessing.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which data set, and how its numbers become what the network takes. */
public final class DataOptions {
  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "Data set, recognised by its content: a folder with MNIST-style IDX or CIFAR binary"
              + " files, NPY or NPZ, a folder of images; or lines of JSON with arrays of tokens (.jsonl)."
              + " Default: none.")
  private @Nullable Path data;

  @Option(
      names = "--scale",
      paramLabel = "X",
      converter = Fraction.class,
      description =
          "What each number of the data is multiplied with: 1/255, say. Default: 1/255 for bytes,"
              + " 1 for floats.")
  private @Nullable Double scale;

  @Option(
      names = "--mean",
      paramLabel = "X",
      split = ",",
      description = "Subtracted after that, one for all channels or one for each. Default: 0.")
  private List<Double> mean = new ArrayList<>();

  @Option(
      names = "--std",
      paramLabel = "X",
      split = ",",
      description = "Divided by after that, as --mean. Default: 1.")
  private List<Double> std = new ArrayList<>();

  @Option(
      names = "--layout",
      paramLabel = "AXES",
      description =
          "Order of an image's axes in the network: nchw, nhwc, or auto, which looks at the shape"
              + " of the network's input. Default: ${DEFAULT-VALUE}.")
  private Layout layout = Layout.AUTO;

  @Option(
      names = "--validation",
      paramLabel = "N",
      description = "Training samples kept back to choose by: the last N. Default: one in twelve.")
  private @Nullable Long validation;

  @Option(
      names = "--validation-random",
      description = "Choose these at random, by the seed. Default: ${DEFAULT-VALUE}.")
  private boolean validationRandom;

  /** Whether a data set was named. */
  public boolean given() {
    return data != null;
  }

  public Optional<Path> path() {
    return Optional.ofNullable(data);
  }

  /** Takes another data set, with the same preprocessing. */
  public void setPath(Path path) {
    data = path;
  }

  /**
   * Reads the data set; empty if none was named.
   *
   * @throws NoSuchFileException if it is not there
   */
  public Optional<DataSplit> read(long seed) throws IOException {
    if (data == null) {
      return Optional.empty();
    }
    Holdout holdout =
        new Holdout(
            validation == null ? OptionalLong.empty() : OptionalLong.of(validation),
            validationRandom,
            seed);
    DataSplit split = read(data, holdout);
    boolean bytes =
        (split.test().isEmpty() ? split.train() : split.test()).samples().type() == DType.U8;
    double factor = scale != null ? scale : bytes ? 1.0 / 255 : 1;
    return Optional.of(split.withPreprocessing(new Preprocessing(factor, mean, std, layout)));
  }

  /**
   * The data set there, its numbers as they are.
   *
   * @throws NoSuchFileException if it is not there
   */
  static DataSplit read(Path path, Holdout holdout) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (!NamedInputs.isJsonLines(path)) {
      return DataFiles.read(path, Preprocessing.RAW, holdout);
    }
    DataSet none = DataSet.ofTokens(List.of());
    return DataSplit.holdingOut(NamedInputs.sequences(path), none, holdout, Preprocessing.RAW);
  }

  /** In a few words, for reports: {@code scale 0.00392, nchw}. */
  @Override
  public String toString() {
    return data + ", " + layout.name().toLowerCase(Locale.ROOT);
  }
}
