package compress.model.onnx;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Where the bytes of a model's tensors are.
 *
 * @param file the whole of the model's own file
 * @param external the files beside it
 */
record ModelBytes(MemorySegment file, ExternalData external) {
  static ModelBytes of(Path path, MemorySegment file) {
    return new ModelBytes(file, new ExternalData(path));
  }

  /** For a message that stands alone, not cut out of a file. */
  static ModelBytes none(Path path) {
    return of(path, MemorySegment.NULL);
  }
}
