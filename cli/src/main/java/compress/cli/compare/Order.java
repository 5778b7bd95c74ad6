package compress.cli.compare;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link TrialWorker} is to do, as one line of JSON.
 *
 * @param folder of the trial, with its recipe in it
 * @param relative the same from the folder of the comparison
 * @param work where checkpoints are kept
 * @param original the network's file
 * @param tokens a file of JSON lines to compare answers on, instead of the recipe's data
 * @param random so many random samples instead; 0 for none
 */
record Order(
    Trial trial,
    String key,
    String folder,
    String relative,
    String work,
    String original,
    @Nullable String tokens,
    int random) {

  /** As a worker answers: null if the trial's files are there. */
  record Answer(@Nullable String failure) {
    Optional<String> reason() {
      return Optional.ofNullable(failure);
    }
  }
}
