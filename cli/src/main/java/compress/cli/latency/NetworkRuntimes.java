package compress.cli.latency;

import compress.cli.pipeline.BundledEngine;
import compress.model.ModelFiles;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.util.List;

/** The runtimes there are: ONNX Runtime, which knows no zeros, and ours, which leaves them out. */
final class NetworkRuntimes {
  static final List<NetworkRuntime> ALL =
      List.of(
          new EngineNetworks("onnxruntime", OnnxRuntimeEngine::new),
          new EngineNetworks(
              "bundled",
              (file, threads) -> new BundledEngine(file, ModelFiles.read(file), threads)));

  private NetworkRuntimes() {}
}
