package compress.cli.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder that goes away when it is closed, or when Java ends before that. */
public final class TemporaryFolder implements AutoCloseable {
  private final Path path;
  private final Thread atExit;

  public TemporaryFolder() throws IOException {
    path = Files.createTempDirectory("compress-");
    atExit = new Thread(() -> deleteQuietly(path));
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    delete(path);
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // Java is ending and runs the hook, which then finds nothing.
    }
  }

  /** Deletes {@code folder} and all that is in it, if it is there. */
  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> inside = Files.walk(folder)) {
        for (Path p : inside.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(p);
        }
      }
    }
  }

  private static void deleteQuietly(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      // Nobody is left to tell.
    }
  }
}
