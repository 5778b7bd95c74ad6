package compress.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code compress bench}: the root of what measures. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {"Measures how fast things are on this machine.", ""},
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    subcommands = {BenchKernels.class, BenchModel.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress bench kernels",
      "  compress bench kernels --pattern unstructured,block:8x1 --sparsity 0.5:0.95:0.05",
      "  compress bench model pruned.onnx --against original.onnx --threads 2"
    })
final class Bench implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
