package compress.cli.latency;

import compress.cli.options.NamedInputs;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Networks that an {@link Engine} runs.
 *
 * @param name as reports have it
 * @param opener what loads a file
 */
record EngineNetworks(String name, Opener opener) implements NetworkRuntime {
  /** Of axes that a network leaves open, but for the first. */
  private static final int LENGTH = 16;

  /** Loads a network for so many threads. */
  interface Opener {
    Engine open(Path file, int threads) throws IOException;
  }

  @Override
  public Loaded load(Path file, long batch, int threads) throws IOException {
    Engine engine = opener.open(file, threads);
    Map<String, Tensor> inputs;
    try {
      inputs = NamedInputs.randomBatch(engine.inputs(), batch(engine, batch), LENGTH, 0);
      engine.run(inputs);
    } catch (IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
    return new Loaded() {
      @Override
      public void run() throws IOException {
        engine.run(inputs);
      }

      @Override
      public void close() {
        engine.close();
      }
    };
  }

  /** A network with a batch of its own is run with that. */
  private static int batch(Engine engine, long wanted) {
    for (ValueInfo input : engine.inputs()) {
      List<OptionalLong> dims = input.dims().orElse(List.of());
      if (!dims.isEmpty() && dims.getFirst().isPresent()) {
        return Math.toIntExact(dims.getFirst().getAsLong());
      }
    }
    return Math.toIntExact(wanted);
  }
}
