package compress.train;

import compress.train.data.DataSet;
import compress.train.data.Preprocessing;
import java.io.IOException;

/** Runs networks over data sets. */
@SuppressWarnings("DoNotCallSuggester")
public final class Evaluator {
  private Evaluator() {}

  /**
   * How often the largest entry of the network's first output is at the sample's label; of equal
   * entries the first counts.
   *
   * @throws IllegalArgumentException if samples and network do not fit, or there are no labels
   */
  public static Accuracy accuracy(
      Engine engine, DataSet data, Preprocessing preprocessing, Progress progress)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** As the other, silently. */
  public static Accuracy accuracy(Engine engine, DataSet data, Preprocessing preprocessing)
      throws IOException {
    return accuracy(engine, data, preprocessing, Progress.SILENT);
  }

  /** Runs both networks over the samples and compares their first outputs. */
  public static OutputComparison compare(
      Engine first, Engine second, DataSet data, Preprocessing preprocessing, Progress progress)
      throws IOException {
    throw new UnsupportedOperationException();
  }
}
