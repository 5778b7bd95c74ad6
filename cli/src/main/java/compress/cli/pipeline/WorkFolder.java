package compress.cli.pipeline;

import compress.model.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a run keeps what it has done so far, beside its output: for each finished stage the model
 * and a {@link StageRecord}, under a name that is the hash of all that the stage's result depends
 * on. A run that was killed finds there what it need not do again.
 */
final class WorkFolder {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path path;
  private @Nullable FileChannel lock;

  private WorkFolder(Path path) {
    this.path = path;
  }

  /** The one that belongs to {@code output}, made or not. */
  static WorkFolder of(Path output) {
    return new WorkFolder(output.resolveSibling(output.getFileName() + ".work"));
  }

  /** At a place of its own, which runs that follow each other share. */
  static WorkFolder at(Path path) {
    return new WorkFolder(path);
  }

  Path path() {
    return path;
  }

  /** Whether a run began here and did not end. */
  boolean isUnfinished() {
    return Files.exists(unfinished());
  }

  private Path unfinished() {
    return path.resolve("unfinished");
  }

  /**
   * Begins a run, or goes on with one that was killed.
   *
   * @throws IllegalArgumentException if another process is at it
   */
  void begin() throws IOException {
    Files.createDirectories(path);
    lock = FileChannel.open(unfinished(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean mine;
    try {
      mine = lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      mine = false;
    }
    if (!mine) {
      lock.close();
      throw new IllegalArgumentException(
          path + " is in use: another run writes the same output; wait, or give another --output");
    }
  }

  private void unlock() throws IOException {
    if (lock != null) {
      lock.close();
    }
  }

  /** The run has ended well. */
  void end(boolean keep) throws IOException {
    unlock();
    if (keep) {
      Files.deleteIfExists(unfinished());
    } else {
      TemporaryFolder.delete(path);
    }
  }

  /** The run has failed: what it finished stays for the next, and without any of that nothing. */
  void abandon() throws IOException {
    unlock();
    try (Stream<Path> inside = Files.walk(path)) {
      if (inside.filter(Files::isRegularFile).allMatch(unfinished()::equals)) {
        TemporaryFolder.delete(path);
      }
    }
  }

  /** A place for {@code name}, which starts with a hash. */
  Path file(String name) {
    return path.resolve(name);
  }

  /** A folder for what a stage in progress keeps. */
  Path folder(String name) throws IOException {
    return Files.createDirectories(path.resolve(name));
  }

  /** What is known of a stage, if it was finished and its model is as it was. */
  Optional<StageRecord> finished(String key, Path model) throws IOException {
    Path record = file(key + ".json");
    if (!Files.exists(record) || !Files.exists(model)) {
      return Optional.empty();
    }
    try {
      StageRecord read = JSON.readValue(Files.readString(record), StageRecord.class);
      return read.sha256().equals(Sha256.of(model)) ? Optional.of(read) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /**
   * Writes down that a stage is finished; its model is there already. Returns what will be read.
   */
  StageRecord finish(String key, StageRecord record) throws IOException {
    String json = JSON.writeValueAsString(record);
    AtomicFile.write(file(key + ".json"), json.getBytes(StandardCharsets.UTF_8));
    return JSON.readValue(json, StageRecord.class);
  }
}
