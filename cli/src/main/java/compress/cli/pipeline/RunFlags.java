package compress.cli.pipeline;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a run treats files and gaps; no part of a recipe, since no result depends on it. */
public final class RunFlags {
  @Option(
      names = "--force",
      description = "Replace an existing output. Default: it is refused, exit code 2.")
  private boolean force;

  @Option(
      names = "--dry-run",
      description =
          "Check everything and predict the result's size, without training and without writing"
              + " anything.")
  private boolean dryRun;

  @Option(
      names = "--strict",
      description = "Fail with exit code 5 if a stage skips a tensor that it was to change.")
  private boolean strict;

  @Option(
      names = "--keep-work",
      description = "Keep the checkpoints in OUTPUT.work. Default: they go when the run ends well.")
  private boolean keepWork;

  @Option(
      names = "--save-recipe",
      paramLabel = "FILE",
      description = "Write a recipe that does the same with 'compress run'.")
  private @Nullable Path saveRecipe;

  /** To go on with what is there, to replace it, and to keep the checkpoints for others. */
  public static RunFlags keeping() {
    RunFlags flags = new RunFlags();
    flags.force = true;
    flags.keepWork = true;
    return flags;
  }

  public boolean force() {
    return force;
  }

  boolean dryRun() {
    return dryRun;
  }

  public boolean strict() {
    return strict;
  }

  boolean keepWork() {
    return keepWork;
  }

  Optional<Path> saveRecipe() {
    return Optional.ofNullable(saveRecipe);
  }
}
