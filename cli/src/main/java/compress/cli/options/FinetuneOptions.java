package compress.cli.options;

import compress.model.Model;
import compress.train.TrainOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Training that makes up for what a stage took away. */
public final class FinetuneOptions {
  @Option(
      names = "--finetune",
      paramLabel = "EPOCHS",
      description =
          "Train so long afterwards, or between the steps of a gradual schedule; with integers,"
              + " through the rounding. Needs --data."
              + " Default: ${DEFAULT-VALUE}, no training.")
  private int finetune = 0;

  @Mixin private TrainingOptions training;
  @Mixin private GuideOptions guide;

  public int epochs() {
    return finetune;
  }

  /** Empty if nothing is to be trained. */
  Optional<TrainOptions> options(Model original) throws IOException {
    return finetune == 0
        ? Optional.empty()
        : Optional.of(guide.guided(training.options(finetune, original), original));
  }

  List<Path> files() {
    return finetune == 0 ? List.of() : guide.files();
  }
}
