package compress.train.data;

import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Samples to train on, samples held out of these to choose by, and samples that nothing was chosen
 * by, on which results are reported. A part may be empty.
 *
 * @param preprocessing for all three
 */
public record DataSplit(
    DataSet train, DataSet validation, DataSet test, Preprocessing preprocessing) {
  /**
   * Holds samples out of {@code train} for validation.
   *
   * @throws IllegalArgumentException if that leaves nothing to train on
   */
  public static DataSplit holdingOut(
      DataSet train, DataSet test, Holdout holdout, Preprocessing preprocessing) {
    int n = train.size();
    long out = holdout.samples().orElse(n / 12);
    if (n > 0 && out >= n) {
      throw new IllegalArgumentException(
          "cannot hold out %d of %d training samples for validation; at most %d"
              .formatted(out, n, n - 1));
    }
    int kept = n - (int) Math.min(out, n);
    if (!holdout.random()) {
      return new DataSplit(train.subset(0, kept), train.subset(kept, n), test, preprocessing);
    }
    int[] order = Order.shuffled(n, holdout.seed());
    BitSet heldOut = new BitSet(n);
    IntStream.range(kept, n).forEach(i -> heldOut.set(order[i]));
    return new DataSplit(
        train.subset(IntStream.range(0, n).filter(i -> !heldOut.get(i)).toArray()),
        train.subset(heldOut.stream().toArray()),
        test,
        preprocessing);
  }

  public DataSplit withPreprocessing(Preprocessing to) {
    return new DataSplit(train, validation, test, to);
  }
}
