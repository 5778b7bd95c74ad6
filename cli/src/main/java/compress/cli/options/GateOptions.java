package compress.cli.options;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Bounds that a result must keep; a missed one is exit code 3. */
public final class GateOptions {
  @Option(
      names = "--max-drop",
      paramLabel = "X",
      converter = Fraction.class,
      description =
          "Accuracy on the test samples may fall by at most this fraction of 1: 0.003, or 0.3%%, is"
              + " 0.3 points. Needs --data. Default: any.")
  private @Nullable Double maxDrop;

  @Option(
      names = "--min-ratio",
      paramLabel = "X",
      converter = Fraction.class,
      description =
          "The input's bytes must be at least this many times the output's. Default: any.")
  private @Nullable Double minRatio;

  @Option(
      names = "--max-bytes",
      paramLabel = "N",
      description = "The output must have at most this many bytes. Default: any.")
  private @Nullable Long maxBytes;

  @Option(
      names = "--min-speedup",
      paramLabel = "X",
      converter = Fraction.class,
      description =
          "The original's time for one input must be at least this many times the result's, each by"
              + " the runtime that is fastest with it. Default: any.")
  private @Nullable Double minSpeedup;

  public @Nullable Double maxDrop() {
    return maxDrop;
  }

  public @Nullable Double minRatio() {
    return minRatio;
  }

  public @Nullable Long maxBytes() {
    return maxBytes;
  }

  public @Nullable Double minSpeedup() {
    return minSpeedup;
  }

  /** Whether there is any bound. */
  public boolean given() {
    return maxDrop != null || minRatio != null || maxBytes != null || minSpeedup != null;
  }
}
