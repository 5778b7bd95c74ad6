package compress.model;

/**
 * Runs of entries are one of a few shared vectors: with vectors of length {@code d}, the entries
 * {@code i d} to {@code i d + d - 1} in row-major order are row {@code indices[i]} of the codebook.
 *
 * @param codebook the shared vectors: floats {@code [vectors, d]}, at least one and at most 65,536
 * @param indices unsigned integers of type U8 or U16, one for each run, each less than the number
 *     of vectors
 * @param shape of the entries, as many as runs times {@code d}
 */
public record VectorCodebook(Tensor codebook, Tensor indices, Shape shape) implements Values {
  public VectorCodebook {
    if (codebook.shape().rank() != 2 || !codebook.type().isFloat() || codebook.size() == 0) {
      throw new IllegalArgumentException(
          "shared vectors are a float matrix, not " + codebook.type() + " " + codebook.shape());
    }
    if (indices.type() != DType.U8 && indices.type() != DType.U16) {
      throw new IllegalArgumentException("codebook indices are U8 or U16, not " + indices.type());
    }
    if (indices.size() * codebook.shape().dim(1) != shape.size()) {
      throw new IllegalArgumentException(
          "%d vectors of %d for %s".formatted(indices.size(), codebook.shape().dim(1), shape));
    }
  }

  /** How many vectors are shared. */
  public int vectors() {
    return Math.toIntExact(codebook.shape().dim(0));
  }

  /** Entries of a vector. */
  public int length() {
    return Math.toIntExact(codebook.shape().dim(1));
  }

  /** Which vector run {@code i} has. */
  public int index(long i) {
    return (int) indices.longAt(i);
  }

  /** The largest index found, or -1 for none; a reader checks it once. */
  public int largestIndex() {
    int largest = -1;
    for (long i = 0; i < indices.size(); i++) {
      largest = Math.max(largest, index(i));
    }
    return largest;
  }

  @Override
  public float[] toFloats() {
    float[] shared = codebook.toFloats();
    int length = length();
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i += length) {
      System.arraycopy(shared, index(i / length) * length, values, i, length);
    }
    return values;
  }

  /** The bits that tell the vectors apart, shared out over a run and rounded up. */
  @Override
  public int bits() {
    int index = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(vectors() - 1));
    return Math.ceilDiv(index, length());
  }
}
