package compress.cli.options;

import compress.model.Model;
import compress.train.Stage;
import compress.train.TrainStage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Training, from scratch or further. */
public final class TrainStageOptions implements StageOptions {
  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often to go through the training samples. Default: ${DEFAULT-VALUE}.")
  private int epochs = 10;

  @Mixin private TrainingOptions training;
  @Mixin private GuideOptions guide;

  @Override
  public Stage stage(Model original) throws IOException {
    return new TrainStage(guide.guided(training.options(epochs, original), original));
  }

  @Override
  public Optional<Stage> untrained(Model original) {
    return Optional.empty();
  }

  @Override
  public List<Path> files() {
    return guide.files();
  }
}
