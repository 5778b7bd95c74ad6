package compress.train.torch;

import compress.model.Model;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Engine;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Runs a model by libtorch. */
@SuppressWarnings("DoNotCallSuggester")
public final class TorchEngine implements Engine {
  /**
   * @param threads that libtorch may use
   * @throws IllegalArgumentException listing the nodes that cannot be run
   */
  public TorchEngine(Model model, int threads) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String name() {
    return "torch";
  }

  @Override
  public List<ValueInfo> inputs() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<String> outputs() {
    throw new UnsupportedOperationException();
  }

  @Override
  public SequencedMap<String, Tensor> run(Map<String, Tensor> inputs) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
