package compress.cli.compare;

import compress.cli.Json;
import compress.cli.latency.Latency;
import compress.cli.pipeline.Sha256;
import compress.cli.pipeline.TemporaryFolder;
import compress.model.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a comparison keeps what it has: {@code report.json}, and a folder for each trial with its
 * recipe, the encoded file, what each test sample was answered, and the result, which is written
 * last. A trial's folder is named after it and the hash of all that its result depends on, so what
 * was done is found by any later comparison in the same place, and nothing else is.
 */
final class StudyFolder implements AutoCloseable {
  static final String RECIPE = "recipe.yaml";
  static final String MODEL = "model.cmpr";
  static final String ANSWERS = "answers.csv";
  static final String RESULT = "result.json";
  static final String REPORT = "report.json";
  static final String KERNELS = "kernels.json";

  /** Where recipes are drafted before it is known which trial's they are. */
  static final String DRAFT = "draft";

  private static final String LATENCY = "latency.json";
  private static final String FAILURE = "failure.txt";
  private static final String TRIALS = "trials";
  private static final String WORK = "work";
  private static final String LOCK = "lock";
  private static final int DIGITS = 12;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path path;
  private final FileChannel lock;

  private StudyFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes the folder, or goes on in it.
   *
   * @throws IllegalArgumentException if something else is in it, or another process is at it
   */
  static StudyFolder open(Path path) throws IOException {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new IllegalArgumentException(path + " is a file; --output takes a folder");
    }
    if (Files.isDirectory(path) && !Files.isDirectory(path.resolve(TRIALS))) {
      try (Stream<Path> inside = Files.list(path)) {
        if (inside.findAny().isPresent()) {
          throw new IllegalArgumentException(
              path + " holds something else; give an empty folder, or that of a comparison");
        }
      }
    }
    Files.createDirectories(path.resolve(TRIALS));
    FileChannel lock =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean mine;
    try {
      mine = lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      mine = false;
    }
    if (!mine) {
      lock.close();
      throw new IllegalArgumentException(
          path + " is in use by another comparison; wait, or give another --output");
    }
    return new StudyFolder(path, lock);
  }

  Path path() {
    return path;
  }

  /** From this folder, the one of a trial. */
  static String relative(Trial trial, String key) {
    return TRIALS + "/" + trial.label() + "-" + key.substring(0, DIGITS);
  }

  Path folder(String relative) {
    return path.resolve(relative);
  }

  /** For checkpoints of trials that begin alike. */
  Path work(Trial trial) {
    return path.resolve(WORK).resolve(Sha256.of(trial.pruning()).substring(0, DIGITS));
  }

  /** What came of a trial, if it was finished and its model is as it was. */
  Optional<TrialResult> finished(Order order) throws IOException {
    Path folder = folder(order.relative());
    Path model = folder.resolve(MODEL);
    Optional<TrialResult> result = read(folder.resolve(RESULT), TrialResult.class);
    return result.isPresent()
            && result.get().key().equals(order.key())
            && Files.exists(model)
            && Sha256.of(model).equals(result.get().sha256())
        ? result
        : Optional.empty();
  }

  Quality.Samples answers(TrialResult result) throws IOException {
    return AnswerFile.read(folder(result.folder()).resolve(ANSWERS));
  }

  /**
   * How long a result took, and under which circumstances.
   *
   * @param key the hash of these
   * @param remarks on all that was timed in the same go
   */
  record Timed(String key, List<Latency> latencies, List<String> remarks) {}

  Optional<Timed> timed(TrialResult result, String key) throws IOException {
    return read(folder(result.folder()).resolve(LATENCY), Timed.class)
        .filter(t -> t.key.equals(key));
  }

  void keep(TrialResult result, Timed timed) throws IOException {
    write(folder(result.folder()).resolve(LATENCY), Json.text(timed));
  }

  /** Notes why a trial failed, for people; the next comparison tries it again. */
  void fail(Order order, String reason) throws IOException {
    write(folder(order.relative()).resolve(FAILURE), reason + "\n");
  }

  void forgetFailure(Order order) throws IOException {
    Files.deleteIfExists(folder(order.relative()).resolve(FAILURE));
  }

  void write(Path file, String text) throws IOException {
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static <T> Optional<T> read(Path file, Class<T> type) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readString(file), type));
    } catch (JacksonException e) {
      // Of another version: as good as not there.
      return Optional.empty();
    }
  }

  /** Removes the checkpoints that no trial needs any more. */
  void forgetWork(Trial trial) throws IOException {
    TemporaryFolder.delete(work(trial));
  }

  @Override
  public void close() throws IOException {
    lock.close();
    Files.deleteIfExists(path.resolve(LOCK));
    Path work = path.resolve(WORK);
    if (Files.isDirectory(work)) {
      try (Stream<Path> inside = Files.list(work)) {
        if (inside.findAny().isPresent()) {
          return;
        }
      }
      Files.delete(work);
    }
  }
}
