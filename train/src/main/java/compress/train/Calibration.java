package compress.train;

import compress.model.Model;
import compress.model.Tensor;
import compress.train.data.Inputs;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.Function;

/**
 * Looks at what layers are given: runs a network over samples and lets one collector for each layer
 * see all rows of its input. Memory is that of the collectors and one batch.
 *
 * @param inputs what the network is run on
 * @param rowsPerSample of a convolution's windows so many are looked at in each sample, spread
 *     evenly; {@link #ALL_ROWS} for all. Other layers show all their rows.
 */
public record Calibration(Inputs inputs, int rowsPerSample, int threads, Progress progress) {
  public static final int ALL_ROWS = Integer.MAX_VALUE;

  /**
   * One collector for each of {@code weights}. Weights that are all multiplied with the same
   * tensors in the same way have one in common; a weight that several nodes multiply has seen the
   * inputs of all of them.
   *
   * @param make a new collector for rows of this kind
   * @throws IllegalArgumentException if {@link LayerInput#of} does not have one of the weights
   */
  public <T extends Unfolding.Rows> SequencedMap<String, T> collect(
      Model model, Collection<String> weights, Function<Unfolding, T> make) throws IOException {
    SequencedMap<String, List<LayerInput>> all = LayerInput.of(model);
    Map<List<Source>, T> bySources = new LinkedHashMap<>();
    SequencedMap<String, T> byWeight = new LinkedHashMap<>();
    SequencedSet<String> tensors = new LinkedHashSet<>();
    for (String weight : weights) {
      List<LayerInput> places = all.get(weight);
      if (places == null) {
        throw new IllegalArgumentException(
            weight
                + " is not multiplied by a Conv, Gemm or MatMul, so it has no inputs to look at");
      }
      List<Source> sources =
          places.stream().map(p -> new Source(p.tensor(), p.unfolding())).toList();
      byWeight.put(
          weight, bySources.computeIfAbsent(sources, s -> make.apply(s.getFirst().unfolding)));
      sources.forEach(s -> tensors.add(s.tensor));
    }
    Activations.stream(
        model,
        tensors,
        inputs,
        threads,
        progress,
        (batch, values) ->
            bySources.forEach((sources, collector) -> {
              for (Source s : sources) {
                Tensor value = Objects.requireNonNull(values.get(s.tensor));
                s.unfolding.unfold(value, rowsPerSample, collector);
              }
            }));
    return byWeight;
  }

  private record Source(String tensor, Unfolding unfolding) {}
}
