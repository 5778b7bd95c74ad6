package compress.model;

import compress.model.onnx.OnnxLayout;
import compress.model.onnx.OnnxReader;
import compress.model.onnx.OnnxWriter;
import compress.model.safetensors.Safetensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Locale;

/** Reads models by what the file holds, writes them by what it is called. */
public final class ModelFiles {
  private ModelFiles() {}

  /** The formats of model files. */
  public enum Format {
    ONNX,
    SAFETENSORS;

    /** In lower case, as reports have it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The format of a file's content: safetensors starts with the length of a header that starts with
   * a brace; anything else is taken for ONNX.
   */
  public static Format format(Path file) throws IOException {
    return format(MappedFile.map(file));
  }

  private static Format format(MemorySegment bytes) {
    return bytes.byteSize() > 8
            && bytes.get(ValueLayout.JAVA_BYTE, 8) == '{'
            && bytes.get(ValueLayout.JAVA_BYTE, 7) == 0
        ? Format.SAFETENSORS
        : Format.ONNX;
  }

  /**
   * The tensors are views of the mapped file: it may be replaced afterwards, but not overwritten.
   *
   * @throws FormatException if the file is damaged or not a model
   */
  public static Model read(Path file) throws IOException {
    MemorySegment bytes = MappedFile.map(file);
    return switch (format(bytes)) {
      case ONNX -> OnnxReader.read(file, bytes);
      case SAFETENSORS -> Safetensors.read(file, bytes);
    };
  }

  /** Where the tensors lie in the file and in those that it refers to. */
  public static FileLayout layout(Path file) throws IOException {
    MemorySegment bytes = MappedFile.map(file);
    return switch (format(bytes)) {
      case ONNX -> OnnxLayout.of(file, bytes);
      case SAFETENSORS -> Safetensors.layout(file, bytes);
    };
  }

  /**
   * Writes {@code model} in the format that {@code file}'s name ends with. The file appears whole
   * or not at all.
   *
   * @throws IllegalArgumentException if the name ends with neither {@code .onnx} nor {@code
   *     .safetensors}, or the format cannot say what the model holds
   */
  public static void write(Model model, Path file) throws IOException {
    switch (formatByName(file)) {
      case ONNX -> OnnxWriter.write(model, file);
      case SAFETENSORS -> Safetensors.write(model, file);
    }
  }

  /** The format that a file of this name is written in. */
  public static Format formatByName(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".onnx")) {
      return Format.ONNX;
    }
    if (name.endsWith(".safetensors")) {
      return Format.SAFETENSORS;
    }
    throw new IllegalArgumentException(
        file + ": the name says no format; end it with .onnx or .safetensors");
  }
}
