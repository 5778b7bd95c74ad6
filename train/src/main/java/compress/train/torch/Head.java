package compress.train.torch;

import compress.train.data.DataSet;
import compress.train.data.Draw;
import compress.train.data.Targets;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** The loss of the labels. */
final class Head {
  // at::Reduction
  private static final long MEAN = 1;

  private Head() {}

  /** Scores as one row for each sample. */
  static Tensor rows(Tensor scores, long samples) {
    return scores.reshape(samples, scores.numel() / samples);
  }

  /**
   * The mean cross-entropy over samples, to which one without a label adds nothing.
   *
   * @param scores {@code [samples, classes]}
   */
  static Tensor loss(Tensor scores, DataSet data, Draw draw, double labelSmoothing) {
    boolean plain =
        draw.mixing().isEmpty() && IntStream.of(draw.samples()).allMatch(data::hasLabel);
    if (plain) {
      long[] labels = IntStream.of(draw.samples()).mapToLong(data::label).toArray();
      return torch.cross_entropy_loss(
          scores, Libtorch.longs(labels), new TensorOptional(), MEAN, -100, labelSmoothing);
    }
    int classes = (int) scores.size(1);
    Tensor targets =
        Libtorch.floats(Targets.of(data, draw, classes, labelSmoothing), draw.size(), classes);
    return torch.log_softmax(scores, 1).mul(targets).sum().mul(new Scalar(-1.0 / draw.size()));
  }
}
