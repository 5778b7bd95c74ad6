package compress.cli.pipeline;

import compress.encode.Decoder;
import compress.model.FileLayout;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.ModelFiles.Format;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A model file that was opened, of whatever kind: ONNX, safetensors, or a container, which is
 * decoded into a folder that goes away when this is closed.
 */
public final class OpenModel implements AutoCloseable {
  private static final byte[] CONTAINER = "CMPR".getBytes(StandardCharsets.US_ASCII);

  private final Path path;
  private final Path plain;
  private final Model model;
  private final Optional<TemporaryFolder> decoded;

  private OpenModel(Path path, Path plain, Model model, Optional<TemporaryFolder> decoded) {
    this.path = path;
    this.plain = plain;
    this.model = model;
    this.decoded = decoded;
  }

  /**
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws compress.model.FormatException if it is damaged or no model
   */
  public static OpenModel open(Path path) throws IOException {
    if (!isContainer(path)) {
      return new OpenModel(path, path, ModelFiles.read(path), Optional.empty());
    }
    TemporaryFolder folder = new TemporaryFolder();
    try {
      Path plain = folder.path().resolve("model");
      Decoder.decode(path, plain);
      return new OpenModel(path, plain, ModelFiles.read(plain), Optional.of(folder));
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /** Whether a file holds a container, by its first bytes. */
  public static boolean isContainer(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      return Arrays.equals(in.readNBytes(CONTAINER.length), CONTAINER);
    }
  }

  /** As it was named. */
  public Path path() {
    return path;
  }

  /** The ONNX or safetensors file, which of a container is temporary. */
  public Path plain() {
    return plain;
  }

  public Model model() {
    return model;
  }

  /** {@code onnx}, {@code safetensors} or {@code cmpr}. */
  public String format() throws IOException {
    return decoded.isPresent() ? "cmpr" : plainFormat().toString();
  }

  public Format plainFormat() throws IOException {
    return ModelFiles.format(plain);
  }

  public FileLayout layout() throws IOException {
    return ModelFiles.layout(plain);
  }

  /** Bytes on the disk, those of external data included. */
  public long bytes() throws IOException {
    if (decoded.isPresent()) {
      return Files.size(path);
    }
    long bytes = 0;
    for (Path file : layout().files()) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  public String sha256() throws IOException {
    return Sha256.of(path);
  }

  /** A hash of all files, external data included. */
  public String key() throws IOException {
    StringBuilder sums = new StringBuilder();
    for (Path file : layout().files()) {
      sums.append(Sha256.of(file));
    }
    return Sha256.of(sums.toString());
  }

  @Override
  public void close() throws IOException {
    if (decoded.isPresent()) {
      decoded.get().close();
    }
  }
}
