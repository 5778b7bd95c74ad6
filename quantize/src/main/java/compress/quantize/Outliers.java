package compress.quantize;

import compress.model.Codebook;
import compress.model.DType;
import compress.model.Patched;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import java.util.Arrays;

/**
 * The weights of largest magnitude, kept as they are beside the others in few bits, whose range
 * they then no longer stretch. Each takes the four bytes of its place and those of its value.
 *
 * @param places of the outliers in row-major order, ascending
 * @param inliers the weights with 0 in these places, which are what is quantized
 * @see <a href="https://arxiv.org/abs/2306.07629">Kim et al. 2023</a>, SqueezeLLM, section 4.2; the
 *     weights that matter most to the loss, which it keeps too, are not looked for
 */
record Outliers(int[] places, Layer inliers) {
  /**
   * The largest {@code share} of the weights, rounded up to a whole number; of equally large ones
   * the first.
   */
  static Outliers of(Layer layer, double share) {
    if (share == 0) {
      return new Outliers(new int[0], layer);
    }
    float[] w = layer.weights();
    int count = (int) Math.ceil(share * w.length);
    float[] magnitudes = new float[w.length];
    for (int i = 0; i < w.length; i++) {
      magnitudes[i] = Math.abs(w[i]);
    }
    Arrays.sort(magnitudes);
    float bound = count == 0 ? Float.POSITIVE_INFINITY : magnitudes[w.length - count];
    int above = 0;
    for (float v : w) {
      above += Math.abs(v) > bound ? 1 : 0;
    }
    int[] places = new int[count];
    float[] rest = w.clone();
    int n = 0;
    int ties = count - above;
    for (int i = 0; i < w.length && n < count; i++) {
      float magnitude = Math.abs(w[i]);
      if (magnitude > bound || magnitude == bound && magnitude > 0 && ties-- > 0) {
        places[n++] = i;
        rest[i] = 0;
      }
    }
    return new Outliers(Arrays.copyOf(places, n), layer.with(rest));
  }

  /** {@code base}, which stores the inliers, with the outliers of {@code whole}. */
  Values patched(Values base, Layer whole) {
    if (places.length == 0) {
      return base;
    }
    float[] values = new float[places.length];
    for (int i = 0; i < places.length; i++) {
      values[i] = whole.weights()[places[i]];
    }
    Shape shape = Shape.of(places.length);
    return new Patched(
        base instanceof Codebook c ? withoutOwnZeros(c, whole) : base,
        Tensor.ofIntegers(DType.I32, shape, places),
        Tensor.ofFloats(whole.type(), shape, values));
  }

  /**
   * If no weight was pruned, the zero of the codebook was for the outliers alone: they get the
   * entry that most weights have, which costs least to code, and the zero goes.
   */
  private static Codebook withoutOwnZeros(Codebook codebook, Layer whole) {
    if (Cells.hasZero(whole.weights()) || codebook.codebook().size() < 2) {
      return codebook;
    }
    int entries = (int) codebook.codebook().size();
    int[] counts = new int[entries];
    int[] indices = new int[(int) codebook.indices().size()];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = codebook.index(i);
      counts[indices[i]]++;
    }
    int most = 1;
    for (int e = 2; e < entries; e++) {
      most = counts[e] > counts[most] ? e : most;
    }
    for (int i = 0; i < indices.length; i++) {
      indices[i] = (indices[i] == 0 ? most : indices[i]) - 1;
    }
    float[] values = codebook.codebook().toFloats();
    DType type = entries - 1 <= 256 ? DType.U8 : DType.U16;
    return new Codebook(
        Tensor.of(Shape.of(entries - 1), Arrays.copyOfRange(values, 1, entries)),
        Tensor.ofIntegers(type, codebook.shape(), indices));
  }
}
