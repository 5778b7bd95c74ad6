package compress.cli.options;

import compress.model.Selection;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Which tensors a stage may change. */
public final class TargetOptions {
  @Option(
      names = "--target",
      paramLabel = "NAMES",
      description =
          "Only tensors of these names: a glob, or re: and a regular expression. May be given more"
              + " than once. Default: every weight that the stage takes by itself.")
  private List<String> target = new ArrayList<>();

  @Option(
      names = "--ignore",
      paramLabel = "NAMES",
      description = "Not tensors of these names, as in --target. Default: none.")
  private List<String> ignore = new ArrayList<>();

  public Selection selection() {
    return Selection.parse(target, ignore);
  }
}
