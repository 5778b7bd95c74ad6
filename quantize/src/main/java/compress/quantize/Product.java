package compress.quantize;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.VectorCodebook;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import smile.clustering.CentroidClustering;
import smile.clustering.Clustering;
import smile.math.MathEx;

/**
 * Runs of {@code length} weights share the centroids of their clusters: {@code 2^bits} vectors and
 * an index for each run, so {@code bits / length} bits a weight. Runs follow the order of storage
 * and do not cross from one index of the first axis to the next: of a convolution they lie in the
 * kernels of one output, of a fully connected layer stored outputs first in the inputs of one
 * output.
 *
 * <p>All runs of a tensor have one codebook. The clustering is Smile's k-means, which starts from
 * k-means++ and filters by a tree. Runs of zeros only keep a vector of their own, exactly 0, beside
 * the others. A tensor with runs of which some weights are zero and others are not is refused: its
 * zeros would not stay.
 *
 * @param length weights of a run
 * @see <a href="https://arxiv.org/abs/1412.6115">Gong et al. 2014</a>, section 3.3, whose codebooks
 *     are one for each segment of the columns; one for the whole layer is as in <a
 *     href="https://arxiv.org/abs/1907.05686">Stock et al. 2020</a>, without its weighting by
 *     activations
 */
public record Product(int length) implements Scheme {
  public static final int USUAL_LENGTH = 4;

  private static final int MOST_ITERATIONS = 30;

  private static final double SETTLED = 1e-4;

  public Product {
    if (length < 2 || length > 64) {
      throw new IllegalArgumentException("a run has 2 to 64 weights, not " + length);
    }
  }

  @Override
  public String name() {
    return "product";
  }

  @Override
  public int fewestBits() {
    return 1;
  }

  @Override
  public int mostBits() {
    return 12;
  }

  @Override
  public int usualBits() {
    return 8;
  }

  @Override
  public Optional<String> objection(Shape shape, DType type, int outputAxis) {
    long row = row(shape);
    if (row % length == 0) {
      return Optional.empty();
    }
    String fitting =
        LongStream.rangeClosed(2, Math.min(64, row))
            .filter(d -> row % d == 0 && d <= 4L * length)
            .mapToObj(Long::toString)
            .collect(Collectors.joining(", "));
    return Optional.of(
        "has rows of %d weights, which runs of %d do not fill; use %slist it under 'ignore'"
            .formatted(row, length, fitting.isEmpty() ? "" : "sub-vector " + fitting + ", or "));
  }

  private static long row(Shape shape) {
    return shape.rank() < 2 || shape.size() == 0 ? shape.size() : shape.size() / shape.dim(0);
  }

  @Override
  public Optional<String> refusal(Layer layer) {
    float[] w = layer.weights();
    for (int i = 0; i < w.length; i += length) {
      int zeros = 0;
      for (int j = i; j < i + length; j++) {
        zeros += w[j] == 0 ? 1 : 0;
      }
      if (zeros > 0 && zeros < length) {
        return Optional.of(
            "has zeros among the weights of a run, which would not stay zero; prune in blocks of"
                + " %d, or use kmeans".formatted(length));
      }
    }
    return Optional.empty();
  }

  @Override
  public Values quantize(Layer layer, int bits, long seed) {
    float[] w = layer.weights();
    int runs = w.length / length;
    float[][] vectors = new float[runs][];
    List<float[]> kept = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      vectors[i] = Arrays.copyOfRange(w, i * length, (i + 1) * length);
      if (!isZero(vectors[i])) {
        kept.add(vectors[i]);
      }
    }
    boolean zeros = kept.size() < runs;
    float[][] centers = centers(kept, KMeans.valuesFor(bits, zeros), seed);
    int first = zeros || centers.length == 0 ? 1 : 0;
    float[] codebook = new float[(centers.length + first) * length];
    for (int c = 0; c < centers.length; c++) {
      System.arraycopy(centers[c], 0, codebook, (c + first) * length, length);
    }
    int[] indices = new int[runs];
    for (int i = 0; i < runs; i++) {
      indices[i] = isZero(vectors[i]) ? 0 : nearest(centers, vectors[i]) + first;
    }
    DType type = codebook.length / length <= 256 ? DType.U8 : DType.U16;
    return new VectorCodebook(
        Tensor.ofFloats(layer.type(), Shape.of(codebook.length / length, length), codebook),
        Tensor.ofIntegers(type, Shape.of(runs), indices),
        layer.shape());
  }

  private static boolean isZero(float[] vector) {
    for (float v : vector) {
      if (v != 0) {
        return false;
      }
    }
    return true;
  }

  /** At most {@code most}, in the order of their first entries; the runs themselves if as few. */
  private static float[][] centers(List<float[]> runs, int most, long seed) {
    SortedSet<float[]> centers = new TreeSet<>(Arrays::compare);
    for (float[] run : runs) {
      centers.add(run);
      if (centers.size() > most) {
        break;
      }
    }
    if (centers.size() > most) {
      centers.clear();
      // Smile draws from a generator of the thread.
      MathEx.setSeed(seed);
      Clustering.Options options = new Clustering.Options(most, MOST_ITERATIONS, SETTLED, null);
      CentroidClustering<float[], float[]> found =
          smile.clustering.KMeans.fit(runs.toArray(new float[0][]), options);
      for (float[] center : found.centers()) {
        if (isFinite(center)) {
          centers.add(withoutZero(center));
        }
      }
    }
    return centers.toArray(new float[0][]);
  }

  private static boolean isFinite(float[] vector) {
    for (float v : vector) {
      if (!Float.isFinite(v)) {
        return false;
      }
    }
    return true;
  }

  /** A mean that happens to be exactly 0 would make its weights look pruned. */
  private static float[] withoutZero(float[] vector) {
    float[] values = vector.clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] == 0 ? Float.MIN_NORMAL : values[i];
    }
    return values;
  }

  /** Of equally near ones the first. */
  private static int nearest(float[][] centers, float[] vector) {
    int best = 0;
    float least = Float.POSITIVE_INFINITY;
    for (int c = 0; c < centers.length; c++) {
      float distance = 0;
      for (int j = 0; j < vector.length; j++) {
        float d = centers[c][j] - vector[j];
        distance += d * d;
      }
      if (distance < least) {
        least = distance;
        best = c;
      }
    }
    return best;
  }
}
