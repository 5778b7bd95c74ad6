package compress.cli.recipe;

import compress.cli.recipe.RunOptions.EngineKind;
import picocli.CommandLine.Option;

/** How networks are run to be evaluated. */
public final class EvalOptions {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "What runs the network: onnxruntime, torch, or bundled (the kernels of this project)."
              + " Default: ${DEFAULT-VALUE}.")
  private EngineKind engine = EngineKind.ONNXRUNTIME;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to use. Default: as many as there are processors, at most 8.")
  private int threads = Math.min(8, Runtime.getRuntime().availableProcessors());

  public EngineKind engine() {
    return engine;
  }

  public int threads() {
    return threads;
  }
}
