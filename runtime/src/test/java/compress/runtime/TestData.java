package compress.runtime;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the data sets and models that are too large for the repository are, if they are. */
public final class TestData {
  private TestData() {}

  /** A file or folder of it; empty where there is none. */
  public static Optional<Path> find(String name) {
    String said = System.getProperty("compress.data", System.getenv("COMPRESS_DATA"));
    if (said != null) {
      return Optional.of(Path.of(said, name)).filter(Files::exists);
    }
    // From the module's folder or the project's.
    return Optional.of(Path.of("../shared/data", name))
        .filter(Files::exists)
        .or(() -> Optional.of(Path.of("../../shared/data", name)).filter(Files::exists));
  }
}
