package compress.kernels;

/**
 * One column of activations as signs: {@code x ~ scale} for bit 1, {@code -scale} for bit 0, with
 * {@code scale} the mean of {@code |x|}; 0 counts as positive.
 *
 * @param bits 32 in a word, the first row lowest; unused bits are 0
 * @see <a href="https://arxiv.org/abs/1603.05279">Rastegari et al. 2016</a>, section 3.2
 */
public record SignColumn(int[] bits, float scale) {
  public static SignColumn of(Matrix x, int column) {
    int[] bits = new int[Math.ceilDiv(x.rows(), 32)];
    double sum = 0;
    for (int r = 0; r < x.rows(); r++) {
      float v = x.at(r, column);
      sum += Math.abs(v);
      bits[r / 32] |= v >= 0 ? 1 << r % 32 : 0;
    }
    return new SignColumn(bits, (float) (sum / x.rows()));
  }
}
