package compress.train.data;

import compress.model.Tensor;
import compress.model.ValueInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a network is run on: batches of tensors by the names of its inputs, always in the same
 * order. Nothing but the batch that is asked for need be in memory.
 */
public interface Inputs {
  /** How many batches there are. */
  int batches();

  /**
   * Batch {@code i}, one tensor for each of the network's inputs.
   *
   * @param i from 0 to below {@link #batches}
   */
  Map<String, Tensor> batch(int i);

  /** At most {@code most} of the batches, chosen by the seed, in their order. */
  default Inputs some(int most, long seed) {
    if (batches() <= most) {
      return this;
    }
    int[] chosen = Arrays.copyOf(Order.shuffled(batches(), seed), most);
    Arrays.sort(chosen);
    return of(Arrays.stream(chosen).mapToObj(this::batch).toList());
  }

  /** Batches as they are: token ids and their masks, say, each sentence a batch of one. */
  static Inputs of(List<Map<String, Tensor>> batches) {
    List<Map<String, Tensor>> copy = List.copyOf(batches);
    return new Inputs() {
      @Override
      public int batches() {
        return copy.size();
      }

      @Override
      public Map<String, Tensor> batch(int i) {
        return copy.get(i);
      }
    };
  }

  /**
   * The samples of a data set, in their order, some 32 at a time, or as many as the network takes.
   * A last batch that such a network would not take is left out.
   *
   * @param inputs of the network, which must be one
   * @throws IllegalArgumentException if samples and network do not fit
   */
  static Inputs of(DataSet data, Preprocessing preprocessing, List<ValueInfo> inputs) {
    if (inputs.size() != 1) {
      throw new IllegalArgumentException(
          "the network has %d inputs (%s); samples can be given to one only"
              .formatted(inputs.size(), inputs.stream().map(ValueInfo::name).toList()));
    }
    Batches batches = Batches.of(data, preprocessing, inputs.getFirst());
    boolean fixed = batches.fixedBatch().isPresent();
    int size = batches.fixedBatch().orElse(32);
    int count = fixed ? data.size() / size : Math.ceilDiv(data.size(), size);
    if (count == 0) {
      throw new IllegalArgumentException(
          "there are %d samples, the network takes %d at a time".formatted(data.size(), size));
    }
    return new Inputs() {
      @Override
      public int batches() {
        return count;
      }

      @Override
      public Map<String, Tensor> batch(int i) {
        int[] samples = IntStream.range(i * size, Math.min((i + 1) * size, data.size())).toArray();
        return Map.of(inputs.getFirst().name(), batches.batch(samples));
      }
    };
  }
}
