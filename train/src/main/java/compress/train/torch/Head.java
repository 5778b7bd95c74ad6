package compress.train.torch;

import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.train.TrainOptions;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Where the loss takes hold of a network, and the loss. */
final class Head {
  // at::Reduction
  private static final long MEAN = 1;
  private static final long SUM = 2;

  private static final Set<String> REARRANGING =
      Set.of("Reshape", "Flatten", "Squeeze", "Identity", "Unsqueeze");

  private Head() {}

  /**
   * The value that the loss reads as unnormalized scores: the graph's first output, or what goes
   * into the softmax that makes it, which is the same to a reader and has the better gradient.
   */
  static String scores(Model model) {
    Graph graph = model.graph().orElseThrow();
    String output = graph.outputs().getFirst().name();
    String value = output;
    while (true) {
      String name = value;
      Optional<Node> maker =
          graph.nodes().stream().filter(n -> n.outputs().contains(name)).findFirst();
      if (maker.isEmpty()) {
        return output;
      }
      if (maker.get().is("Softmax")) {
        return maker.get().input(0);
      }
      if (!REARRANGING.contains(maker.get().op())) {
        return output;
      }
      value = maker.get().input(0);
    }
  }

  /** Scores as one row for each sample. */
  static Tensor rows(Tensor scores, long samples) {
    return scores.reshape(samples, scores.numel() / samples);
  }

  /**
   * The mean loss over samples.
   *
   * @param scores {@code [samples, classes]}
   * @param teacher scores of the teacher, if there is one
   */
  static Tensor loss(Tensor scores, Tensor labels, Optional<Tensor> teacher, TrainOptions options) {
    Tensor hard =
        torch.cross_entropy_loss(
            scores, labels, new TensorOptional(), MEAN, -100, options.labelSmoothing());
    if (teacher.isEmpty()) {
      return hard;
    }
    double temperature = options.distill().orElseThrow().temperature();
    double lambda = options.distill().orElseThrow().lambda();
    Scalar byTemperature = new Scalar(1 / temperature);
    Tensor student = torch.log_softmax(scores.mul(byTemperature), 1);
    Tensor expected = torch.log_softmax(teacher.get().mul(byTemperature), 1);
    Tensor soft =
        torch
            .kl_div(student, expected, SUM, true)
            .mul(new Scalar(temperature * temperature / scores.size(0)));
    return soft.mul(new Scalar(lambda)).add(hard.mul(new Scalar(1 - lambda)));
  }
}
