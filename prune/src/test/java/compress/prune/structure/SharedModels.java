package compress.prune.structure;

import compress.model.Model;
import compress.model.ModelFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** Models that are too large for the repository. A test that asks for one passes without it. */
final class SharedModels {
  private SharedModels() {}

  /** The first file of these names that is there. */
  static Model read(String... names) throws Exception {
    return ModelFiles.read(file(names));
  }

  static Path file(String... names) {
    Optional<Path> found = Optional.empty();
    for (String name : names) {
      found = found.or(() -> find(name));
    }
    Assumptions.assumeTrue(found.isPresent(), "no " + names[0] + " in the shared data");
    return found.get();
  }

  private static Optional<Path> find(String name) {
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
