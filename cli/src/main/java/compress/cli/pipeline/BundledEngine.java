package compress.cli.pipeline;

import compress.model.Model;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.runtime.Options;
import compress.runtime.Program;
import compress.train.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Runs a network from its packed weights by the executor of this project. */
public final class BundledEngine implements Engine {
  private final Program program;

  /**
   * @param file where the model comes from, for messages
   * @throws compress.model.FormatException if the model has an operator that is not offered
   */
  public BundledEngine(Path file, Model model, int threads) throws IOException {
    this.program = new Program(file, model, Options.threads(threads));
  }

  @Override
  public String name() {
    return "bundled";
  }

  @Override
  public List<ValueInfo> inputs() {
    return program.inputs();
  }

  @Override
  public List<String> outputs() {
    return program.outputs();
  }

  @Override
  public SequencedMap<String, Tensor> run(Map<String, Tensor> inputs) throws IOException {
    return program.run(inputs);
  }

  @Override
  public void close() {
    program.close();
  }
}
