package compress.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the commands. */
@Command(
    name = "compress",
    description = {
      "Makes trained neural networks smaller: prunes, quantizes and entropy-codes ONNX and"
          + " safetensors files. Sizes are those of files that were read back.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Compress.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%n",
    subcommands = {
      Inspect.class,
      Train.class,
      Eval.class,
      Diff.class,
      Prune.class,
      Quantize.class,
      Encode.class,
      Decode.class,
      Run.class,
      WarmUp.class,
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress inspect model.onnx",
      "  compress prune model.onnx --sparsity 0.9 -o pruned.onnx",
      "  compress quantize pruned.onnx --scheme kmeans --bits 4 -o shared.onnx",
      "  compress encode shared.onnx -o model.cmpr",
      "  compress run recipe.yaml --data DIR",
      "",
      "Exit codes: 0 done; 1 the work failed; 2 the command or recipe is wrong; 3 a bound was",
      "missed; 4 an input is damaged or unsupported; 5 something was skipped under --strict.",
      "'compress COMMAND --help' has the options and examples of a command."
    })
public final class Compress implements Runnable {
  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The commands, ready to {@link CommandLine#execute}; writes to the standard streams. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Compress());
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
      int code = new CommandLine.RunLast().execute(parsed);
      line.getOut().flush();
      return code;
    });
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  /** As the jar states it. */
  static String version() {
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
