package compress.cli;

import compress.cli.compare.CompareOptions;
import compress.cli.compare.Comparison;
import compress.cli.compare.ComparisonText;
import compress.cli.compare.Study;
import compress.cli.options.GateOptions;
import compress.cli.pipeline.Gates;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code compress compare}: which pattern, how sparse, how many bits. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Compresses a network in many ways under the same budget, and says what each costs in accuracy"
          + " and gives in bytes and time: patterns, sparsities, bits. Every trial is a recipe that"
          + " 'compress run' repeats. A comparison that was killed goes on when the same command is"
          + " given again, and a wider one uses what is there.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress compare model.onnx --data mnist/ --finetune 1 -o compared",
      "  compress compare model.onnx --data samples.csv --sparsity 0.5,0.8 -o compared",
      "  compress compare model.onnx --patterns unstructured,bank:64,2:4,block:8x1,channel \\",
      "      --sparsity 0.5,0.75,0.9 --bits 32,8,4 --values linear,codebook --data samples.npz \\",
      "      --finetune 2 --seeds 3 --max-drop 0.5%% -o compared",
      "  compress report compared"
    })
final class Compare implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private CompareOptions options;
  @Mixin private GateOptions gates;

  @Parameters(paramLabel = "MODEL", description = "ONNX or .cmpr file.")
  private Path file;

  @Override
  public Integer call() throws Exception {
    Comparison comparison =
        new Study(
                file,
                options,
                gates,
                console.progress(),
                line -> {
                  if (console.verbosity() > 0) {
                    console.remark(line);
                  }
                })
            .run();
    String folder = String.valueOf(options.folder());
    console.print(
        comparison,
        ComparisonText.of(comparison, folder)
            + "\nwrote %s; 'compress report %s' makes a page of it\n"
                .formatted(options.folder().resolve("report.json"), folder));
    comparison
        .failures()
        .forEach(f ->
            console.complain(
                "%s seed %d failed: %s"
                    .formatted(f.trial().configuration(), f.trial().seed(), f.reason())));
    if (!comparison.failures().isEmpty()) {
      return Exit.FAILED;
    }
    List<String> missed = Gates.missed(comparison.gates(gates));
    missed.forEach(console::complain);
    return missed.isEmpty() ? Exit.DONE : Exit.GATE_MISSED;
  }
}
