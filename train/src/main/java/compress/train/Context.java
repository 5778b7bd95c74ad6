package compress.train;

import compress.train.data.DataSplit;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a stage is given beside the network.
 *
 * @param data absent if none was named; a stage that needs it says so in its check
 * @param seed every random choice derives from it
 * @param threads that native code may use, at least 1
 * @param checkpoints the folder where a long stage keeps its state: one that was killed and starts
 *     again with the same inputs continues from there, and ends with the same bytes; absent to keep
 *     none
 */
public record Context(
    Optional<DataSplit> data,
    long seed,
    int threads,
    Progress progress,
    Optional<Path> checkpoints) {
  public Context {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
  }

  /** No data, two threads, silent, no checkpoints. */
  public static Context of(long seed) {
    return new Context(Optional.empty(), seed, 2, Progress.SILENT, Optional.empty());
  }

  public Context withData(DataSplit split) {
    return new Context(Optional.of(split), seed, threads, progress, checkpoints);
  }

  public Context withThreads(int count) {
    return new Context(data, seed, count, progress, checkpoints);
  }

  public Context withProgress(Progress to) {
    return new Context(data, seed, threads, to, checkpoints);
  }

  public Context withCheckpoints(Path folder) {
    return new Context(data, seed, threads, progress, Optional.of(folder));
  }
}
