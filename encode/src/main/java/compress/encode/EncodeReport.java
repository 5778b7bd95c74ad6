package compress.encode;

import compress.model.DType;
import compress.model.Shape;
import java.util.List;

/**
 * What an encoder did.
 *
 * @param files that went in, the model's own first
 * @param bytes of the container
 * @param sha256 of the container, in lower-case hexadecimal; empty if none was written
 * @param ledger in the order of the file; the rows' bytes sum to {@code bytes}
 * @param tensors in the order of the file
 */
public record EncodeReport(
    List<Container.FileInfo> files,
    long bytes,
    String sha256,
    List<Ledger> ledger,
    List<TensorReport> tensors) {
  /**
   * What became of one tensor.
   *
   * @param coder the coders' names, joined by + if chunks differ
   * @param nonzero elements whose bits are not all 0: the kept entries of a pruned tensor, and of
   *     the indices of a codebook that has 0 first
   * @param streams with the bits that a symbol takes before entropy coding, and the bytes after
   */
  public record TensorReport(
      String name,
      DType type,
      Shape shape,
      String coder,
      long nonzero,
      List<Stream> streams,
      long bytes) {}

  /** The bytes of all files that went in. */
  public long bytesBefore() {
    return files.stream().mapToLong(Container.FileInfo::bytes).sum();
  }
}
