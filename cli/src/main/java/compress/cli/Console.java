package compress.cli;

import compress.train.Progress;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/**
 * What every command has: where its results go, and how much it says. Results are for stdout, as
 * text or as one JSON document; progress and remarks are for stderr.
 */
final class Console {
  @Spec(Target.MIXEE)
  private CommandSpec command;

  @Option(names = "--json", description = "Print the result as one JSON document.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress, no remarks.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say more; -vv shows stack traces too.")
  private boolean[] verbose = {};

  boolean json() {
    return json;
  }

  /** 0, 1 for {@code -v}, 2 for {@code -vv}; -1 for {@code -q}. */
  int verbosity() {
    return quiet ? -1 : verbose.length;
  }

  /** As asked of a command that may have been parsed in part only. */
  static int verbosity(CommandSpec spec) {
    return spec.mixins().values().stream()
        .filter(m -> m.userObject() instanceof Console)
        .mapToInt(m -> ((Console) m.userObject()).verbosity())
        .findFirst()
        .orElse(0);
  }

  /** Where results go. */
  PrintWriter out() {
    return command.commandLine().getOut();
  }

  /** Tells the user something on stderr that is no result. */
  void remark(String text) {
    if (!quiet) {
      PrintWriter err = command.commandLine().getErr();
      err.println(text);
      err.flush();
    }
  }

  /** Tells the user on stderr what is wrong, however quiet it should be. */
  void complain(String text) {
    PrintWriter err = command.commandLine().getErr();
    err.println(command.qualifiedName() + ": " + text);
    err.flush();
  }

  /** Shows work in progress, if there is a terminal to show it on. */
  Progress progress() {
    return quiet || !TerminalProgress.isWanted()
        ? Progress.SILENT
        : new TerminalProgress(command.commandLine().getErr());
  }

  /** Prints a result: {@code document} as JSON if that was asked for, else {@code text}. */
  void print(Object document, Object text) {
    out().print(json ? Json.text(document) : text);
    out().flush();
  }
}
