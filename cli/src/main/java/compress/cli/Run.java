package compress.cli;

import compress.cli.pipeline.RunFlags;
import compress.cli.recipe.Recipe;
import compress.cli.recipe.RecipeReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compress run}: follows a recipe. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        "Follows a recipe: its stages in order, with a checkpoint after each. A run that was killed"
            + " continues when the same command is given again, and ends with the same bytes.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress run recipe.yaml",
      "  compress run recipe.yaml --dry-run",
      "  compress run recipe.yaml --data mnist/ -S prune.sparsity=0.95 -S seed=7 -o small.cmpr"
    })
final class Run implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private RunFlags flags;

  @Parameters(paramLabel = "RECIPE", description = "YAML file.")
  private Path file;

  @Option(
      names = {"-S", "--set"},
      paramLabel = "KEY=VALUE",
      description =
          "Goes before what the recipe says: seed=7, data.scale=1, gates.min-ratio=40, or"
              + " prune.sparsity=0.95 for all stages of that kind. May be given more than once.")
  private List<String> settings = new ArrayList<>();

  @Option(names = "--data", paramLabel = "PATH", description = "Data set in place of the recipe's.")
  private @Nullable Path data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where the result goes. Default: what the recipe says, or else the recipe's name with"
              + " .cmpr, in this folder.")
  private @Nullable Path output;

  @Option(names = "--seed", paramLabel = "N", description = "Seed in place of the recipe's.")
  private @Nullable Long seed;

  @Option(names = "--threads", paramLabel = "N", description = "Threads in place of the recipe's.")
  private @Nullable Integer threads;

  @Override
  public Integer call() throws Exception {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    Recipe recipe = RecipeReader.read(file, settings);
    if (data != null) {
      recipe.data().setPath(data);
    }
    if (seed != null) {
      recipe.run().setSeed(seed);
    }
    if (threads != null) {
      recipe.run().setThreads(threads);
    }
    if (output != null) {
      recipe.run().setOutput(output);
    } else if (recipe.run().output().isEmpty()) {
      String name = String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "");
      recipe.run().setOutput(Path.of(name + (recipe.encode().isPresent() ? ".cmpr" : ".onnx")));
    }
    return StageCommand.run(recipe, flags, console);
  }
}
