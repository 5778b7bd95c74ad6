package compress.model;

import java.lang.foreign.ValueLayout;

/**
 * Each entry is one of a few shared values: entry {@code i} stands for {@code
 * codebook[indices[i]]}.
 *
 * @param codebook the shared values: a float tensor of rank 1, with at least one and at most 65,536
 *     entries. If pruned entries exist, one of the values is exactly 0; those that this project
 *     makes have it first.
 * @param indices unsigned integers of type U8 or U16, in the shape of the weights, each less than
 *     the length of {@code codebook}
 */
public record Codebook(Tensor codebook, Tensor indices) implements Values {
  public Codebook {
    if (codebook.shape().rank() != 1 || !codebook.type().isFloat() || codebook.size() == 0) {
      throw new IllegalArgumentException(
          "a codebook is a float vector, not " + codebook.type() + " " + codebook.shape());
    }
    if (indices.type() != DType.U8 && indices.type() != DType.U16) {
      throw new IllegalArgumentException("codebook indices are U8 or U16, not " + indices.type());
    }
  }

  /**
   * The largest index found, or -1 for none; a reader checks it against the codebook's length once.
   */
  public int largestIndex() {
    int largest = -1;
    for (long i = 0; i < indices.size(); i++) {
      largest = Math.max(largest, index(i));
    }
    return largest;
  }

  /** Which shared value entry {@code i} has. */
  public int index(long i) {
    return indices.type() == DType.U8
        ? indices.data().get(ValueLayout.JAVA_BYTE, i) & 0xff
        : indices.data().get(Tensor.SHORT, 2 * i) & 0xffff;
  }

  @Override
  public Shape shape() {
    return indices.shape();
  }

  @Override
  public float[] toFloats() {
    float[] shared = codebook.toFloats();
    float[] values = new float[Math.toIntExact(indices.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = shared[index(i)];
    }
    return values;
  }

  /**
   * Bits that tell the values apart, zero not counted if it is one of them: pruned entries are kept
   * apart from the values, as in Han et al. 2016, section 3.
   */
  @Override
  public int bits() {
    int values = 0;
    for (float v : codebook.toFloats()) {
      values += v == 0 ? 0 : 1;
    }
    return values <= 1 ? 1 : Integer.SIZE - Integer.numberOfLeadingZeros(values - 1);
  }
}
