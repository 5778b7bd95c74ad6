package compress.cli.pipeline;

import compress.model.Model;
import compress.model.Param;
import java.util.ArrayList;
import java.util.List;

/**
 * How far two tensors of one name are apart.
 *
 * @param size entries
 * @param maxError the largest absolute difference
 * @param rmse the root of the mean squared difference
 * @param sqnrDb ten times the decimal logarithm of the first's mean square by the differences';
 *     infinite if they are equal
 */
public record TensorDifference(
    String name, long size, double maxError, double rmse, double sqnrDb) {

  /** One for each float param that both models have in the same size, in the first's order. */
  public static List<TensorDifference> between(Model first, Model second) {
    List<TensorDifference> differences = new ArrayList<>();
    for (Param a : first.params().values()) {
      Param b = second.params().get(a.name());
      if (a.type().isFloat() && b != null && b.type().isFloat() && a.size() == b.size()) {
        differences.add(of(a, b));
      }
    }
    return differences;
  }

  /** Float params of {@code model} that {@link #between} leaves out. */
  public static List<String> unmatched(Model model, Model other) {
    return model.params().values().stream()
        .filter(p -> p.type().isFloat())
        .filter(p -> {
          Param match = other.params().get(p.name());
          return match == null || !match.type().isFloat() || match.size() != p.size();
        })
        .map(Param::name)
        .toList();
  }

  private static TensorDifference of(Param a, Param b) {
    float[] first = a.values().toFloats();
    float[] second = b.values().toFloats();
    double signal = 0;
    double noise = 0;
    double max = 0;
    for (int i = 0; i < first.length; i++) {
      double d = (double) first[i] - second[i];
      signal += (double) first[i] * first[i];
      noise += d * d;
      // Written so that NaN shows.
      max = Math.abs(d) <= max ? max : Math.abs(d);
    }
    return new TensorDifference(
        a.name(),
        first.length,
        max,
        first.length == 0 ? 0 : Math.sqrt(noise / first.length),
        noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise));
  }
}
