package compress.quantize;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.Dense;
import compress.model.Hashed;
import compress.model.Patched;
import compress.model.Values;
import compress.model.VectorCodebook;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * How far the weights of a tensor are from what they were, and what they cost.
 *
 * @param maxError the largest |difference|
 * @param rmse the square root of the mean squared difference over all weights
 * @param sqnrDb ten times the decimal logarithm of the weights' power over the differences' power;
 *     infinite if nothing changed
 * @param cosine of the angle between the weights then and now; 1 if both are zero
 * @param values how many different values the weights have now; of integers with scales, how many
 *     integers; beside outliers, how many without them
 * @param entropyBits of their frequencies, zero among them: what a weight costs at least when coded
 *     without its neighbours
 */
public record Distortion(
    double maxError, double rmse, double sqnrDb, double cosine, int values, double entropyBits) {
  /** Of {@code now} against {@code before}, which has the same length. */
  public static Distortion of(float[] before, Values now) {
    float[] after = now.toFloats();
    double largest = 0;
    double noise = 0;
    double power = 0;
    double powerNow = 0;
    double product = 0;
    for (int i = 0; i < before.length; i++) {
      double difference = (double) before[i] - after[i];
      largest = Math.max(largest, Math.abs(difference));
      noise += difference * difference;
      power += (double) before[i] * before[i];
      powerNow += (double) after[i] * after[i];
      product += (double) before[i] * after[i];
    }
    long[] counts = counts(now);
    int used = 0;
    double entropy = 0;
    for (long count : counts) {
      if (count > 0) {
        used++;
        double share = (double) count / after.length;
        entropy -= share * Math.log(share) / Math.log(2);
      }
    }
    double rmse = before.length == 0 ? 0 : Math.sqrt(noise / before.length);
    double sqnr = noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(power / noise);
    double norms = Math.sqrt(power) * Math.sqrt(powerNow);
    double cosine = norms > 0 ? product / norms : power == powerNow ? 1 : 0;
    return new Distortion(largest, rmse, sqnr, cosine, used, Math.max(0, entropy));
  }

  private static long[] counts(Values values) {
    return switch (values) {
      case Codebook c -> counts(c);
      case Affine a -> counts(a);
      case Patched p -> counts(p.base());
      case Dense _, VectorCodebook _, Hashed _ -> counts(values.toFloats());
    };
  }

  private static long[] counts(Codebook codebook) {
    long[] counts = new long[Math.toIntExact(codebook.codebook().size())];
    for (long i = 0; i < codebook.indices().size(); i++) {
      counts[codebook.index(i)]++;
    }
    return counts;
  }

  /** Of the stored integers, whatever their scales make of them. */
  private static long[] counts(Affine affine) {
    MemorySegment data = affine.integers().data();
    if (affine.integers().type().bits() == Byte.SIZE) {
      long[] counts = new long[1 << Byte.SIZE];
      for (long i = 0; i < data.byteSize(); i++) {
        counts[data.get(ValueLayout.JAVA_BYTE, i) & 0xff]++;
      }
      return counts;
    }
    SequencedMap<Long, Long> counts = new LinkedHashMap<>();
    for (long i = 0; i < affine.integers().size(); i++) {
      counts.merge(affine.integers().longAt(i), 1L, Long::sum);
    }
    return counts.values().stream().mapToLong(Long::longValue).toArray();
  }

  private static long[] counts(float[] values) {
    SequencedMap<Float, Long> counts = new LinkedHashMap<>();
    for (float v : values) {
      counts.merge(v + 0f, 1L, Long::sum);
    }
    return counts.values().stream().mapToLong(Long::longValue).toArray();
  }

  /** For the report; SQNR is left out if it is infinite. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("values", values);
    map.put("max_error", maxError);
    map.put("rmse", rmse);
    if (!Double.isInfinite(sqnrDb)) {
      map.put("sqnr_db", sqnrDb);
    }
    map.put("cosine", cosine);
    map.put("entropy_bits", entropyBits);
    return map;
  }
}
