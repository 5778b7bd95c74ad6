package compress.cli.options;

import compress.distill.Distillation;
import compress.distill.Distillation.Cache;
import compress.distill.Distillation.Pair;
import compress.distill.Distillation.Weighted;
import compress.distill.Loss;
import compress.distill.Losses;
import compress.distill.Ramp;
import compress.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to learn from a teacher, for all that do. */
public final class TeachingOptions {
  private static final double MEBI = 1 << 20;

  /** The weight that a loss has by itself; recipes may write it. */
  private static final String USUAL = "usual";

  @Option(
      names = "--loss",
      paramLabel = "NAME[=W]",
      split = ",",
      mapFallbackValue = USUAL,
      description =
          "What to learn of the teacher, each times a weight. soft: its softened answers (Hinton);"
              + " reverse: the same divergence the other way round; logits: its scores by squares;"
              + " hint: values in the middle, through a learned adapter (FitNets); attention: where"
              + " it looks; distance, angle: how samples lie to each other (RKD); cosine, mse:"
              + " embeddings. Weights are 1, of attention 1000, distance 25, angle 50 if it is not"
              + " said. Default: soft.")
  private Map<String, String> loss = new LinkedHashMap<>();

  @Option(
      names = "--temperature",
      paramLabel = "X",
      description =
          "Softens the scores of both; X, or START:END[:cosine] over the training. Default:"
              + " ${DEFAULT-VALUE}.")
  private String temperature = "4";

  @Option(
      names = "--lambda",
      paramLabel = "X",
      description =
          "The teacher's share of the loss, the labels having the rest; X, or START:END[:cosine]."
              + " Default: ${DEFAULT-VALUE}.")
  private String lambda = "0.5";

  @Option(
      names = "--pair",
      paramLabel = "TEACHER=STUDENT",
      description =
          "Values inside that belong together, by their names in the graphs. Default: found by their"
              + " shapes; --dry-run shows them.")
  private Map<String, String> pair = new LinkedHashMap<>();

  @Option(
      names = "--most-cached",
      paramLabel = "MIB",
      description =
          "Keep the teacher's answers on disk if they are no more than that; 0 asks at each step."
              + " Default: ${DEFAULT-VALUE}.")
  private long mostCached = 4096;

  @Option(
      names = "--answers",
      paramLabel = "FOLDER",
      description =
          "Keep them there for later trainings on the same samples. Default: as long as this one"
              + " takes.")
  private @Nullable Path answers;

  Distillation distillation(Model teacher) {
    List<Weighted> losses = new ArrayList<>();
    loss.forEach((name, weight) -> losses.add(weighted(name, weight)));
    if (losses.isEmpty()) {
      losses.add(weighted("soft", USUAL));
    }
    List<Pair> pairs = new ArrayList<>();
    pair.forEach((theirs, own) -> pairs.add(new Pair(theirs, own)));
    if (mostCached < 0) {
      throw new IllegalArgumentException("most-cached must not be negative: " + mostCached);
    }
    return new Distillation(
        teacher,
        losses,
        Ramp.parse("temperature", temperature),
        Ramp.parse("lambda", lambda),
        pairs,
        new Cache((long) (mostCached * MEBI), Optional.ofNullable(answers)));
  }

  private static Weighted weighted(String name, String weight) {
    Loss found = Losses.named(name);
    try {
      return new Weighted(
          found, weight.equals(USUAL) ? found.usualWeight() : Double.parseDouble(weight));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the weight of loss '%s' is '%s', which is no number".formatted(name, weight), e);
    }
  }
}
