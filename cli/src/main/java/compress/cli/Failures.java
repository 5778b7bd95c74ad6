package compress.cli;

import compress.cli.pipeline.SkippedException;
import compress.model.FormatException;
import compress.model.NearestName;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns whatever goes wrong into a message and an exit code. A stack trace is printed under {@code
 * -vv} only.
 */
public final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    PrintWriter err = command.getErr();
    err.println(name + ": " + describe(e));
    err.println("'" + name + " --help' says what there is.");
    err.flush();
    return Exit.USAGE;
  }

  private static String describe(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return String.valueOf(e.getMessage());
    }
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    String typed = unmatched.getUnmatched().getFirst();
    if (typed.startsWith("-")) {
      String option = typed.replaceFirst("=.*", "");
      return "unknown option '" + option + "'" + NearestName.hint(option, optionNames(spec));
    }
    return spec.subcommands().isEmpty()
        ? "unexpected argument '" + typed + "'"
        : "unknown command '" + typed + "'" + NearestName.hint(typed, spec.subcommands().keySet());
  }

  private static List<String> optionNames(CommandSpec spec) {
    List<String> names = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      names.addAll(List.of(option.names()));
    }
    return names;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    err.println(command.getCommandSpec().qualifiedName() + ": " + describe(e));
    if (Console.verbosity(command.getCommandSpec()) >= 2) {
      e.printStackTrace(err);
    }
    err.flush();
    return codeOf(e);
  }

  private static int codeOf(Exception e) {
    return switch (e) {
      case UncheckedIOException f -> codeOf(Objects.requireNonNull(f.getCause()));
      case SkippedException f -> Exit.SKIPPED;
      case FormatException f -> Exit.BAD_INPUT;
      case NoSuchFileException f -> Exit.USAGE;
      case FileAlreadyExistsException f -> Exit.USAGE;
      case IllegalArgumentException f -> Exit.USAGE;
      default -> Exit.FAILED;
    };
  }

  /** What went wrong, in a line for the user. */
  public static String describe(Exception e) {
    return switch (e) {
      case UncheckedIOException f -> describe(Objects.requireNonNull(f.getCause()));
      case SkippedException f -> String.valueOf(f.getMessage());
      case FormatException f -> String.valueOf(f.getMessage());
      case NoSuchFileException f -> f.getFile() + ": no such file or folder";
      case FileAlreadyExistsException f ->
          f.getFile() + " exists already; --force replaces it, or give another --output";
      case AccessDeniedException f ->
          f.getFile() + ": permission denied; choose a place that you may read and write";
      case IOException f -> orDiskFull(String.valueOf(f.getMessage()));
      case IllegalArgumentException f -> String.valueOf(f.getMessage());
      default -> "internal error: " + e + "; -vv shows where";
    };
  }

  private static String orDiskFull(String message) {
    String lower = message.toLowerCase(Locale.ROOT);
    return lower.contains("no space left") || lower.contains("quota")
        ? message + "; nothing was written: free some space, or give an --output on another disk"
        : message;
  }

  /** The message of running out of memory, which is not an {@link Exception}. */
  public static String describe(OutOfMemoryError e) {
    return "out of memory ("
        + e.getMessage()
        + "); the limit is "
        + Figures.bytes(Runtime.getRuntime().maxMemory())
        + ": COMPRESS_JAVA_OPTS=-Xmx8g sets another";
  }
}
