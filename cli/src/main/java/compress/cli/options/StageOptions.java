package compress.cli.options;

import compress.model.Model;
import compress.train.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What one kind of stage can be told. */
public interface StageOptions {
  /**
   * The stage that these options describe.
   *
   * @param original the network as it was before the first stage, which may be a teacher
   * @throws IllegalArgumentException if the options contradict each other or are out of range
   */
  Stage stage(Model original) throws IOException;

  /**
   * The same stage without its training, whose result is as large; empty if training is all it
   * does.
   */
  Optional<Stage> untrained(Model original) throws IOException;

  /** Files that the stage reads beside the model and the data. */
  default List<Path> files() {
    return List.of();
  }
}
