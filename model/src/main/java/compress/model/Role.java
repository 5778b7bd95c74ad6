package compress.model;

/** What a float param does in the network. */
public enum Role {
  CONV,
  CONV_TRANSPOSE,
  GEMM,
  MATMUL,
  EMBEDDING,
  RECURRENT,
  /** Added once for each output: the bias of a convolution or a fully connected layer. */
  BIAS,
  /** Read by something else: the scale of a normalization, a constant factor. */
  OTHER;

  /** Whether the param's entries are multiplied with activations, or are rows of an embedding. */
  public boolean isWeight() {
    return this != BIAS && this != OTHER;
  }
}
