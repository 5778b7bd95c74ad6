package compress.kernels.measure;

import compress.model.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Measurements of one kind of processor, kept between runs: a JSON document of the machine and its
 * results, as {@code compress bench kernels --json} prints them.
 */
public record TuningFile(Machine machine, List<Result> results) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * Where the measurements for this machine and number of threads are kept: in {@code
   * $XDG_CACHE_HOME/compress}, or {@code ~/.cache/compress}.
   */
  public static Path path(Machine machine, int threads) {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path folder =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    String name =
        "%s %d %d"
            .formatted(machine.cpu(), machine.simdBits(), threads)
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-");
    return folder.resolve("compress").resolve("kernels-" + name + ".json");
  }

  public void write(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }

  /**
   * Empty if there is no file, if it is not readable as one, or if it was measured on another kind
   * of machine: measurements can be taken again, so what is damaged is as good as absent.
   */
  public static Optional<TuningFile> read(Path file, Machine machine) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      TuningFile found = JSON.readValue(Files.readAllBytes(file), TuningFile.class);
      boolean ours =
          found.machine.cpu().equals(machine.cpu())
              && found.machine.simdBits() == machine.simdBits();
      return ours ? Optional.of(found) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
