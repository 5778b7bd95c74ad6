package compress.model.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import compress.model.FormatException;
import compress.model.MappedFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files beside a model that hold its large tensors. Each is mapped once. A location that leaves
 * the model's folder is refused, as ONNX Runtime does.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/ExternalData.md">external data</a>
 */
final class ExternalData {
  private final Path model;
  private final Map<Path, MemorySegment> mapped = new LinkedHashMap<>();

  ExternalData(Path model) {
    this.model = model;
  }

  /** Where a tensor's bytes are, and the bytes. */
  record Place(Path file, long offset, MemorySegment bytes) {}

  /** The bytes of {@code proto}, of which {@code expected} are needed. */
  MemorySegment find(TensorProto proto, long expected) throws IOException {
    return place(proto.getName(), proto.getExternalDataList(), expected).bytes();
  }

  /** Finds the place of a tensor called {@code tensor} and maps its file. */
  Place place(String tensor, List<StringStringEntryProto> entries, long expected)
      throws IOException {
    String location = "";
    long offset = 0;
    long length = expected;
    for (StringStringEntryProto e : entries) {
      switch (e.getKey()) {
        case "location" -> location = e.getValue();
        case "offset" -> offset = number(tensor, e);
        case "length" -> length = number(tensor, e);
        default -> {} // Checksums and whatever else writers add.
      }
    }
    Path file = resolve(tensor, location);
    MemorySegment bytes = mapped.get(file);
    if (bytes == null) {
      bytes = MappedFile.map(file);
      mapped.put(file, bytes);
    }
    if (length != expected) {
      throw problem(
          tensor, "takes " + expected + " bytes, and its external data has " + length + " bytes");
    }
    if (offset < 0 || length < 0 || offset > bytes.byteSize() - length) {
      throw new FormatException(
          file,
          bytes.byteSize(),
          "file ends inside tensor '%s' of %s, which lies at bytes %d to %d"
              .formatted(tensor, model.getFileName(), offset, offset + length));
    }
    return new Place(file, offset, bytes.asSlice(offset, length));
  }

  /** The mapped files, in order of first use. */
  List<Path> files() {
    return List.copyOf(mapped.keySet());
  }

  private long number(String tensor, StringStringEntryProto e) throws FormatException {
    try {
      return Long.parseLong(e.getValue());
    } catch (NumberFormatException notANumber) {
      throw problem(tensor, "external data with " + e.getKey() + " '" + e.getValue() + "'");
    }
  }

  private Path resolve(String tensor, String location) throws IOException {
    Path folder = model.toAbsolutePath().normalize().getParent();
    Path file;
    try {
      file = Path.of(location);
    } catch (InvalidPathException e) {
      throw problem(tensor, "external data in '" + location + "', which is no file name");
    }
    if (location.isEmpty() || folder == null || file.isAbsolute()) {
      throw problem(tensor, "external data in '" + location + "'; a relative file name is needed");
    }
    Path resolved = folder.resolve(file).normalize();
    if (!resolved.startsWith(folder)) {
      throw problem(tensor, "external data in '" + location + "', outside the model's folder");
    }
    if (!Files.isRegularFile(resolved)) {
      throw problem(tensor, "external data in '" + location + "', and there is no such file");
    }
    return resolved;
  }

  private FormatException problem(String tensor, String what) {
    return new FormatException(
        model, FormatException.NOWHERE, "tensor '" + tensor + "' has " + what);
  }
}
