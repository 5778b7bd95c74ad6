package compress.cli.recipe;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What concerns a run as a whole, whichever stages it has. */
public final class RunOptions {
  /** What runs a network that is evaluated. */
  public enum EngineKind {
    TORCH,
    ONNXRUNTIME,
    /** The executor of this project. */
    BUNDLED
  }

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Every random choice follows from it. Default: ${DEFAULT-VALUE}.")
  private long seed = 0;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to use. Default: as many as there are processors, at most 8.")
  private int threads = Math.min(8, Runtime.getRuntime().availableProcessors());

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "What runs the network to evaluate it: onnxruntime, torch or bundled. Default:"
              + " ${DEFAULT-VALUE}.")
  private EngineKind engine = EngineKind.ONNXRUNTIME;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where the result goes.")
  private @Nullable Path output;

  public long seed() {
    return seed;
  }

  public int threads() {
    return threads;
  }

  public EngineKind engine() {
    return engine;
  }

  public Optional<Path> output() {
    return Optional.ofNullable(output);
  }

  public void setOutput(Path to) {
    output = to;
  }

  public void setSeed(long to) {
    seed = to;
  }

  public void setThreads(int to) {
    threads = to;
  }
}
