package compress.train;

/** What training computes in. Params, their moments and the loss are 32-bit floats in either. */
public enum Precision {
  /** 32-bit floats. */
  FP32,
  /**
   * Mixed precision (Micikevicius et al. 2018, "Mixed Precision Training", section 3.1): products
   * and convolutions read and write bfloat16. Its exponent is that of a 32-bit float, so the loss
   * need not be scaled. About twice as fast on processors with instructions for it (AVX512-BF16,
   * AMX), slower on others.
   */
  BF16
}
