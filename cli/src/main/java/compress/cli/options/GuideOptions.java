package compress.cli.options;

import compress.model.Model;
import compress.model.ModelFiles;
import compress.train.TrainOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A teacher for a training that has another purpose. */
public final class GuideOptions {
  /** The name of the network before the first stage, as a teacher. */
  private static final String ORIGINAL = "original";

  @Option(
      names = "--distill",
      paramLabel = "MODEL",
      description =
          "Learn from this model too; 'original' is the model before the first stage. Default:"
              + " none.")
  private @Nullable String distill;

  @Mixin private TeachingOptions teaching;

  /**
   * @param original the network before the first stage
   */
  TrainOptions guided(TrainOptions training, Model original) throws IOException {
    if (distill == null) {
      return training;
    }
    Model teacher = distill.equals(ORIGINAL) ? original : ModelFiles.read(Path.of(distill));
    return training.withGuide(teaching.distillation(teacher));
  }

  /** Files that are read for it. */
  List<Path> files() {
    return distill == null || distill.equals(ORIGINAL) ? List.of() : List.of(Path.of(distill));
  }
}
