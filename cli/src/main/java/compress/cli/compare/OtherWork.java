package compress.cli.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How busy the machine is with what is not ours, while we do nothing. */
final class OtherWork {
  private static final Path STAT = Path.of("/proc/stat");
  private static final long MILLIS = 500;
  private static final int IDLE = 3;
  private static final int IO_WAIT = 4;

  /** The columns that follow count time again that is in others. */
  private static final int COLUMNS = 8;

  private OtherWork() {}

  /** The share of the processors' time that is used; empty where the system does not say. */
  static Optional<Double> share() {
    try {
      long[] before = times();
      Thread.sleep(MILLIS);
      long[] after = times();
      long total = Arrays.stream(after).sum() - Arrays.stream(before).sum();
      long idle = after[IDLE] + after[IO_WAIT] - before[IDLE] - before[IO_WAIT];
      return total > 0 ? Optional.of(1 - (double) idle / total) : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static long[] times() throws IOException {
    List<String> lines = Files.readAllLines(STAT);
    long[] times =
        Arrays.stream(lines.getFirst().split("\\s+"))
            .skip(1)
            .limit(COLUMNS)
            .mapToLong(Long::parseLong)
            .toArray();
    if (times.length < COLUMNS) {
      throw new IllegalArgumentException("another /proc/stat");
    }
    return times;
  }
}
