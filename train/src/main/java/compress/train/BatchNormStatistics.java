package compress.train;

import compress.model.Dense;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Tensor;
import compress.train.data.Inputs;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * Measures the means and variances of batch normalizations anew: after pruning those of the
 * training no longer fit what the layers give. One after the other in the order of the graph, since
 * each changes what the next is given; the network is run up to each of them.
 *
 * @see <a href="https://arxiv.org/abs/2007.02491">Li et al. 2020</a>, section 3.3, adaptive batch
 *     normalization
 */
public final class BatchNormStatistics {
  private BatchNormStatistics() {}

  /** Whether the model has batch normalizations whose statistics are params. */
  public static boolean exist(Model model) {
    return model.graph().stream()
        .flatMap(g -> g.nodes().stream())
        .anyMatch(n -> isMeasurable(model, n));
  }

  private static boolean isMeasurable(Model model, Node node) {
    return node.is("BatchNormalization")
        && model.params().containsKey(node.input(3))
        && model.params().containsKey(node.input(4));
  }

  /** The model with the statistics that it has over all batches together. */
  public static Model measured(Model model, Inputs inputs, int threads, Progress progress)
      throws IOException {
    Graph graph = model.graph().orElseThrow();
    Model current = model;
    for (Node node : graph.nodes()) {
      if (isMeasurable(model, node)) {
        Sums sums = new Sums(Math.toIntExact(model.param(node.input(3)).size()));
        String input = node.input(0);
        Activations.stream(
            current,
            List.of(input),
            inputs,
            threads,
            progress,
            (batch, values) -> sums.add(Objects.requireNonNull(values.get(input))));
        current =
            current.with(
                List.of(
                    with(model.param(node.input(3)), sums.means()),
                    with(model.param(node.input(4)), sums.variances())));
      }
    }
    return current;
  }

  private static Param with(Param param, float[] values) {
    return param.with(new Dense(Tensor.of(param.shape(), values)));
  }

  /** Sums over samples and places, by channel. */
  private static final class Sums {
    private final double[] values;
    private final double[] squares;
    private long count;

    Sums(int channels) {
      values = new double[channels];
      squares = new double[channels];
    }

    /** Takes {@code [samples, channels, ...]}. */
    void add(Tensor tensor) {
      float[] x = tensor.toFloats();
      int channels = values.length;
      int samples = (int) tensor.shape().dim(0);
      int places = x.length / Math.max(1, samples * channels);
      for (int i = 0; i < x.length; i++) {
        int channel = i / places % channels;
        values[channel] += x[i];
        squares[channel] += (double) x[i] * x[i];
      }
      count += (long) samples * places;
    }

    float[] means() {
      float[] means = new float[values.length];
      for (int c = 0; c < means.length; c++) {
        means[c] = (float) (values[c] / count);
      }
      return means;
    }

    float[] variances() {
      float[] variances = new float[values.length];
      for (int c = 0; c < variances.length; c++) {
        double mean = values[c] / count;
        variances[c] = (float) Math.max(0, squares[c] / count - mean * mean);
      }
      return variances;
    }
  }
}
