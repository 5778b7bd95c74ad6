package compress.train;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Holdout;
import compress.train.data.Preprocessing;
import java.util.Random;

/** Small images that a network learns in an instant: a bright bar, its place the class. */
final class Blobs {
  private Blobs() {}

  /** Images {@code [1, 28, 28]} of ten classes. */
  static DataSplit split(int train, int test, long seed) {
    return DataSplit.holdingOut(
        set(train, seed), set(test, seed + 1), Holdout.last(train / 5), Preprocessing.UNIT);
  }

  private static DataSet set(int count, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[count * 28 * 28];
    int[] labels = new int[count];
    for (int n = 0; n < count; n++) {
      labels[n] = random.nextInt(10);
      for (int p = 0; p < 28 * 28; p++) {
        boolean bar = p / 28 / 3 == labels[n];
        pixels[n * 28 * 28 + p] = (byte) ((bar ? 90 : 0) + random.nextInt(120));
      }
    }
    return DataSet.of(Tensor.of(DType.U8, Shape.of(count, 1, 28, 28), pixels), labels, 10);
  }
}
