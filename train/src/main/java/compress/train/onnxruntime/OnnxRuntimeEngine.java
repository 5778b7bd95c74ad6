package compress.train.onnxruntime;

import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Runs an ONNX file by ONNX Runtime. */
@SuppressWarnings("DoNotCallSuggester")
public final class OnnxRuntimeEngine implements Engine {
  /**
   * @param threads for one operator
   * @throws compress.model.FormatException if ONNX Runtime cannot load the file
   */
  public OnnxRuntimeEngine(Path file, int threads) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public String name() {
    return "onnxruntime";
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
