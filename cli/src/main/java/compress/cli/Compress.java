package compress.cli;

import compress.cli.bench.VectorJava;
import compress.cli.recipe.RunOptions.EngineKind;
import compress.kernels.KernelCatalog;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The root of the commands. */
@Command(
    name = "compress",
    description = {
      "Makes trained neural networks smaller: prunes, quantizes, distils and entropy-codes ONNX"
          + " and safetensors files. Sizes are those of files that were read back.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Compress.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress inspect model.onnx",
      "  compress prune model.onnx --sparsity 0.9 -o pruned.onnx",
      "  compress quantize pruned.onnx --scheme kmeans --bits 4 -o shared.onnx",
      "  compress encode shared.onnx -o model.cmpr",
      "  compress run recipe.yaml --data DIR",
      "  compress compare model.onnx --data DIR -o compared",
      "",
      "Exit codes: 0 done; 1 the work failed; 2 the command or recipe is wrong; 3 a bound was",
      "missed; 4 an input is damaged or unsupported; 5 something was skipped under --strict.",
      "'compress COMMAND --help' has the options and examples of a command."
    })
public final class Compress implements Runnable {
  /** The commands, in the order of {@code --help}. */
  private static final List<Class<?>> COMMANDS =
      List.of(
          Inspect.class,
          Train.class,
          Eval.class,
          Diff.class,
          Prune.class,
          Quantize.class,
          Distill.class,
          Encode.class,
          Decode.class,
          Run.class,
          Compare.class,
          Report.class,
          Gate.class,
          DiffReport.class,
          Bench.class,
          WarmUp.class);

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    System.exit(commandLine(args).execute(args));
  }

  /**
   * The commands, ready to {@link CommandLine#execute}; writes to the standard streams.
   *
   * @param args that it will be given
   */
  public static CommandLine commandLine(String... args) {
    CommandLine line = new CommandLine(new Compress());
    for (Class<?> command : COMMANDS) {
      add(line, command, List.of(args));
    }
    line.setOut(new PrintWriter(System.out, false, System.out.charset()));
    line.setErr(new PrintWriter(System.err, true, System.err.charset()));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAbbreviatedOptionsAllowed(false);
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(100);
    line.setUsageHelpLongOptionsMaxWidth(30);
    Failures failures = new Failures();
    line.setParameterExceptionHandler(failures);
    line.setExecutionExceptionHandler(failures);
    line.setExecutionStrategy(parsed -> {
      int code =
          wantsVectors(parsed)
              ? VectorJava.again(
                  Compress.class, parsed.originalArgs(), line.getOut(), line.getErr())
              : new CommandLine.RunLast().execute(parsed);
      line.getOut().flush();
      return code;
    });
    return line;
  }

  /** Whether the bundled engine was asked for, whose kernels this Java does not run. */
  private static boolean wantsVectors(ParseResult parsed) {
    ParseResult command = parsed;
    while (command.hasSubcommand()) {
      command = command.subcommand();
    }
    return command.matchedOptions().stream().anyMatch(o -> o.getValue() == EngineKind.BUNDLED)
        && !command.isUsageHelpRequested()
        && VectorJava.hasVectors()
        && !KernelCatalog.hasVectorApi();
  }

  /** Reading the options of all commands would take longer than most commands do. */
  private static void add(CommandLine line, Class<?> command, List<String> args) {
    Command annotation = command.getAnnotation(Command.class);
    if (args.contains(annotation.name())) {
      line.addSubcommand(command);
      return;
    }
    CommandSpec named = CommandSpec.create();
    named.usageMessage().description(annotation.description()).hidden(annotation.hidden());
    line.addSubcommand(annotation.name(), named);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  /** As the jar states it. */
  public static String version() {
    String version = Compress.class.getPackage().getImplementationVersion();
    return version == null ? "unpacked" : version;
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"compress " + version(), "Java " + Runtime.version()};
    }
  }
}
