package compress.distill;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Holdout;
import compress.train.data.Preprocessing;
import java.util.Random;
import java.util.stream.IntStream;

/** Small images that a network learns in an instant: a bright bar, its place the class. */
final class Toys {
  private Toys() {}

  /** Images {@code [1, 28, 28]} of ten classes. */
  static DataSplit digits(int train, int test) {
    return split(1, 28, train, test);
  }

  /** Images {@code [3, 32, 32]} of ten classes. */
  static DataSplit pictures(int train, int test) {
    return split(3, 32, train, test);
  }

  private static DataSplit split(int channels, int side, int train, int test) {
    return DataSplit.holdingOut(
        set(channels, side, train, 7),
        set(channels, side, test, 8),
        Holdout.last(train / 5),
        Preprocessing.UNIT);
  }

  private static DataSet set(int channels, int side, int count, long seed) {
    Random random = new Random(seed);
    int size = channels * side * side;
    byte[] pixels = new byte[count * size];
    int[] labels = new int[count];
    for (int n = 0; n < count; n++) {
      labels[n] = random.nextInt(10);
      for (int p = 0; p < size; p++) {
        boolean bar = p % (side * side) / side / 3 == labels[n];
        pixels[n * size + p] = (byte) ((bar ? 90 : 0) + random.nextInt(120));
      }
    }
    Tensor images = Tensor.of(DType.U8, Shape.of(count, channels, side, side), pixels);
    return DataSet.of(images, labels, 10);
  }

  /** The same without labels in the training part. */
  static DataSplit unlabelled(DataSplit split) {
    return new DataSplit(
        DataSet.unlabelled(split.train().samples()),
        split.validation(),
        split.test(),
        split.preprocessing());
  }

  /** Numbers of a normal distribution. */
  static Tensor normal(long seed, long... dims) {
    Random random = new Random(seed);
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.size()];
    IntStream.range(0, values.length).forEach(i -> values[i] = (float) random.nextGaussian());
    return Tensor.of(shape, values);
  }
}
