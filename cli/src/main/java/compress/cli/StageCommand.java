package compress.cli;

import compress.cli.options.DataOptions;
import compress.cli.options.EncodeStageOptions;
import compress.cli.options.GateOptions;
import compress.cli.options.StageOptions;
import compress.cli.pipeline.Pipeline;
import compress.cli.pipeline.RunFlags;
import compress.cli.pipeline.RunReport;
import compress.cli.pipeline.RunText;
import compress.cli.recipe.Recipe;
import compress.cli.recipe.Recipe.Source;
import compress.cli.recipe.Recipe.Step;
import compress.cli.recipe.RunOptions;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;

/** A command that is a recipe of one stage: what such commands have in common. */
abstract class StageCommand {
  @Mixin Console console;
  @Mixin RunOptions run;
  @Mixin DataOptions data;
  @Mixin GateOptions gates;
  @Mixin RunFlags flags;

  /** Runs the stage called {@code name}. */
  int stage(Source source, String name, StageOptions options) throws IOException {
    return run(source, List.of(new Step(name, options, "")), Optional.empty());
  }

  int run(Source source, List<Step> steps, Optional<EncodeStageOptions> encode) throws IOException {
    Recipe recipe =
        new Recipe(Optional.empty(), source, data, run, steps, encode, gates, List.of());
    return run(recipe, flags, console);
  }

  /** Runs any recipe, tells what came of it, and gives the exit code. */
  static int run(Recipe recipe, RunFlags flags, Console console) throws IOException {
    Pipeline pipeline = new Pipeline(recipe, flags, Compress.version(), console.progress());
    RunReport report = pipeline.run();
    console.print(report.document(), RunText.of(report, console.verbosity() > 0));
    report.missed().forEach(console::complain);
    return report.missed().isEmpty() ? Exit.DONE : Exit.GATE_MISSED;
  }
}
