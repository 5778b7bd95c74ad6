package compress.model;

import java.nio.file.Path;
import java.util.List;

/**
 * Where the tensors of a model lie in its files: what an encoder needs to code them as tensors and
 * to keep every other byte as it is.
 *
 * @param files the model's file, then those that its external data lies in, in order of first use
 * @param spans ordered by file and offset; no two overlap. Tensors that are not one run of packed
 *     elements (strings, variable-length integers) have none, nor has a tensor whose bytes another
 *     span has already.
 */
public record FileLayout(List<Path> files, List<Span> spans) {
  /**
   * The packed little-endian elements of one tensor.
   *
   * @param file index into {@link FileLayout#files}
   * @param name unique within the layout
   * @param offset bytes from the start of the file
   */
  public record Span(int file, String name, DType type, Shape shape, long offset) {
    public long bytes() {
      return type.bytesFor(shape.size());
    }
  }
}
