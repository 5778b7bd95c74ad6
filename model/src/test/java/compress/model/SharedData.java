package compress.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Real data and models beside the checkout; tests that use them pass without. */
public final class SharedData {
  private SharedData() {}

  /** The folder that {@code COMPRESS_DATA} names, else {@code shared/data} beside the checkout. */
  public static Optional<Path> folder() {
    String named = System.getProperty("compress.data", System.getenv("COMPRESS_DATA"));
    if (named != null) {
      return Optional.of(Path.of(named)).filter(Files::isDirectory);
    }
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      if (Files.isRegularFile(p.resolve("mvnw"))) {
        return Optional.of(p.resolveSibling("shared").resolve("data")).filter(Files::isDirectory);
      }
    }
    return Optional.empty();
  }

  /** The model files of the folder; none if it is not there. */
  public static List<Path> models() throws IOException {
    Optional<Path> models = folder().map(f -> f.resolve("models"));
    if (models.isEmpty()) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(models.get())) {
      return files
          .filter(f -> f.toString().endsWith(".onnx") || f.toString().endsWith(".safetensors"))
          .sorted()
          .toList();
    }
  }
}
