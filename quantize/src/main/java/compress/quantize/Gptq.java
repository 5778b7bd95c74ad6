package compress.quantize;

import compress.model.Affine;
import compress.train.SecondMoment;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Rounds one column after the other and lets the columns that are still to come make up for the
 * error: with {@code U} the Cholesky factor of the inverse of the inputs' second moment, the error
 * of column {@code i} divided by {@code U[i][i]} is taken off the later columns in proportion to
 * {@code U[i][j]}. Pruned weights stay zero.
 *
 * <p>The scales are those of the weights as they were, also of groups: in terms of the authors'
 * program, static groups.
 *
 * @param byActivation columns with the largest inputs first, which are then rounded with the fewest
 *     errors to make up for; the order of the columns otherwise
 * @param damping added to the diagonal, as a share of its mean
 * @see <a href="https://arxiv.org/abs/2210.17323">Frantar et al. 2022</a>, section 3
 */
public record Gptq(boolean byActivation, double damping) implements Rounding {
  /** The authors' damping. */
  public static final double USUAL_DAMPING = 0.01;

  @Override
  public String name() {
    return "gptq";
  }

  @Override
  public int[] round(
      Layer layer, Rows rows, Affine nearest, int bits, SecondMoment moment, int groups) {
    int n = rows.columns();
    int[] codes = new int[layer.weights().length];
    IntegerRange range = IntegerRange.of(nearest, bits);
    float[] scales = nearest.scale().toFloats();
    long[] zeros = IntegerRange.zeros(nearest);
    int outputsOfGroup = rows.outputs() / groups;
    for (int g = 0; g < groups; g++) {
      int[] order = order(moment, g, n);
      float[] u = toFloats(moment.inverseCholesky(g, order, damping));
      float[] w = new float[n];
      for (int o = g * outputsOfGroup; o < (g + 1) * outputsOfGroup; o++) {
        for (int i = 0; i < n; i++) {
          w[i] = layer.weights()[rows.entry(o, order[i])];
        }
        for (int i = 0; i < n; i++) {
          int entry = rows.entry(o, order[i]);
          int s = nearest.scaleOf(entry);
          boolean pruned = layer.weights()[entry] == 0;
          codes[entry] = pruned ? (int) zeros[s] : range.code(w[i], scales[s], zeros[s]);
          float error = (w[i] - (codes[entry] - zeros[s]) * scales[s]) / u[i * n + i];
          subtract(w, u, i * n, i + 1, n, error);
        }
      }
    }
    return codes;
  }

  private int[] order(SecondMoment moment, int group, int n) {
    if (!byActivation) {
      return moment.ownOrder();
    }
    float[] h = moment.matrix(group);
    return IntStream.range(0, n)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -h[i * n + i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static float[] toFloats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** Plain, so that it becomes vectors. */
  private static void subtract(float[] w, float[] u, int at, int from, int to, float factor) {
    for (int j = from; j < to; j++) {
      w[j] -= factor * u[at + j];
    }
  }
}
