package compress.train;

import compress.model.Tensor;
import compress.model.ValueInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Runs one network. Not safe for use by several threads at once. */
public interface Engine extends AutoCloseable {
  /** {@code torch} or {@code onnxruntime}. */
  String name();

  /** What {@link #run} must be given. */
  List<ValueInfo> inputs();

  /** What {@link #run} gives, in the order of the graph. */
  List<String> outputs();

  /**
   * One forward pass.
   *
   * @param inputs by name, one for each of {@link #inputs}
   * @return the outputs by name, in the order of {@link #outputs}; their memory is their own
   * @throws IllegalArgumentException if an input is missing or has a shape the network rejects
   * @throws IOException if the engine fails
   */
  SequencedMap<String, Tensor> run(Map<String, Tensor> inputs) throws IOException;

  @Override
  void close();
}
