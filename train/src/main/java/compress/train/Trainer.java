package compress.train;

import compress.model.Model;
import compress.train.data.DataSplit;
import compress.train.torch.TorchTraining;
import java.io.IOException;
import java.util.List;

/**
 * Trains a network on labelled samples. What a param's {@link compress.model.Values} are decides
 * what is trained: dense floats are, a codebook's shared values are (each by the sum of the
 * gradients of its entries; the one that is exactly 0 stays 0 and no entry changes its index), so
 * are shared vectors and hashed buckets, and affine integers and weights with outliers stay as they
 * are. Floats that a graph casts from 16 bits become F32.
 *
 * <p>A shared value's gradient is a sum over thousands of entries: plain gradient descent wants a
 * rate as much smaller, while {@link Optimizer.Adam} takes the scale out.
 *
 * @see <a href="https://arxiv.org/abs/1510.00149">Han, Mao and Dally 2016</a>, section 3.3, for
 *     shared values
 */
public final class Trainer {
  private Trainer() {}

  /**
   * Everything that would make {@link #train} fail: operators that cannot be trained, data that
   * does not fit the network, names in the options that the model does not have. Loads no native
   * code, unless a guide asks for shapes.
   */
  public static List<String> check(Model model, DataSplit data, TrainOptions options) {
    return TorchTraining.check(model, data, options);
  }

  /**
   * Trains. The order of samples follows from the seed and the epoch; with the folder for
   * checkpoints in {@code context}, a run that was killed goes on after the last whole epoch and
   * ends with the same bytes.
   *
   * @throws IllegalArgumentException for what {@link #check} lists
   * @throws IllegalStateException if libtorch for this system is not there
   */
  public static Trained train(
      Model model, DataSplit data, TrainOptions options, Context context, StepHook hook)
      throws IOException {
    return TorchTraining.train(model, data, options, context, hook);
  }
}
