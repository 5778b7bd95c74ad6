package compress.cli;

import compress.cli.options.DistillStageOptions;
import compress.cli.recipe.Recipe.Source;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code compress distill}: trains a small network from a large one. */
@Command(
    name = "distill",
    mixinStandardHelpOptions = true,
    description =
        "Trains a small network, the student, from the answers and the inside of a large one, the"
            + " teacher, and compares the two.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress distill --teacher large.onnx --student small.onnx --data mnist/ -o taught.onnx",
      "  compress distill --teacher large.onnx --network mlp-30 --data mnist/ --temperature 8 \\",
      "      --lambda 0.9 --control alone -o taught.onnx",
      "  compress distill --teacher resnet.onnx --student-from-teacher width=1/2 --data cifar/ \\",
      "      --loss soft,attention=500 --dry-run -o half.onnx",
      "  compress distill --teacher large.onnx --student small.onnx --data mnist/ \\",
      "      --loss hint --pair relu1=relu1 -o taught.onnx",
      "  compress distill --teacher encoder.onnx --student-from-teacher layers=1/2 \\",
      "      --data sentences.jsonl --loss cosine,hint -o encoder3.onnx",
      "  compress distill --teacher pruned.onnx --student pruned.onnx --fresh --generations 3 \\",
      "      --data mnist/ -o reborn.onnx"
    })
final class Distill extends StageCommand implements Callable<Integer> {
  @Option(
      names = "--student",
      paramLabel = "MODEL",
      description = "ONNX or .cmpr file of the network to train. Or one of the next two.")
  private @Nullable Path student;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description =
          "Start from scratch: a network that 'compress train' knows. Needs --teacher. Default:"
              + " none.")
  private @Nullable String network;

  @Mixin private DistillStageOptions options;

  @Override
  public Integer call() throws Exception {
    return stage(source(), "distill", options);
  }

  private Source source() {
    Path teacher =
        options
            .teacher()
            .orElseThrow(() ->
                new IllegalArgumentException("the network to learn from is missing: --teacher"));
    boolean derived = options.isDerived();
    int ways = (student == null ? 0 : 1) + (network == null ? 0 : 1) + (derived ? 1 : 0);
    if (ways != 1) {
      throw new IllegalArgumentException(
          "give one of --student FILE, --network NAME, --student-from-teacher HOW");
    }
    return student != null
        ? new Source.File(student)
        : network != null ? Train.fresh(network) : new Source.File(teacher);
  }
}
