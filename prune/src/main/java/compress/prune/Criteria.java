package compress.prune;

import compress.model.NearestName;
import compress.model.Shape;
import java.util.List;
import java.util.SplittableRandom;

/** The criteria there are. To add one: a record and its line in {@link #ALL}. */
public final class Criteria {
  /** The first is the default. */
  public static final List<Criterion> ALL =
      List.of(
          new Magnitude(),
          new Wanda(),
          new Obs(),
          new Taylor(),
          new Movement(),
          new BatchNorm(),
          new GeometricMedian(),
          new Chance());

  private Criteria() {}

  /**
   * @throws IllegalArgumentException naming those there are
   */
  public static Criterion parse(String name) {
    List<String> names = ALL.stream().map(Criterion::name).toList();
    int i = names.indexOf(name);
    if (i < 0) {
      throw new IllegalArgumentException(
          "unknown criterion '%s'%s; there are: %s"
              .formatted(name, NearestName.hint(name, names), String.join(", ", names)));
    }
    return ALL.get(i);
  }

  /** Above 0 for every weight that is not 0, and finite. */
  private static float worth(float weight, double score) {
    return weight == 0 ? 0 : Math.clamp((float) score, Float.MIN_VALUE, Float.MAX_VALUE);
  }

  /** The absolute value: small weights matter least (Han et al. 2015). */
  public record Magnitude() implements Criterion {
    @Override
    public String name() {
      return "magnitude";
    }

    @Override
    public String summary() {
      return "the absolute value";
    }

    @Override
    public float[] scores(float[] weights, Shape shape, float[] evidence, long seed) {
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = Math.abs(weights[i]);
      }
      return scores;
    }
  }

  /**
   * The absolute value times how large the weight's input is over the calibration samples. The
   * paper compares the weights of one output with each other; so does this with the pattern {@code
   * bank} of a row's width, or N:M. With {@code unstructured} outputs are compared too.
   *
   * @see <a href="https://arxiv.org/abs/2306.11695">Sun et al. 2024</a>, equation 1
   */
  public record Wanda() implements Criterion {
    @Override
    public String name() {
      return "wanda";
    }

    @Override
    public String summary() {
      return "that times the size of the weight's input";
    }

    @Override
    public Evidence evidence() {
      return Evidence.INPUT_NORM;
    }

    @Override
    public float[] scores(float[] weights, Shape shape, float[] evidence, long seed) {
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = worth(weights[i], Math.abs((double) weights[i]) * evidence[i]);
      }
      return scores;
    }
  }

  /**
   * How much the layer's outputs must change if the weight goes and the others make up for it as
   * well as they can: {@code w² / evidence}. {@link Reconstruction} goes through the columns, asks
   * for this score, and lets the others make up.
   *
   * @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh 2023</a>, SparseGPT
   */
  public record Obs() implements Criterion {
    @Override
    public String name() {
      return "obs";
    }

    @Override
    public String summary() {
      return "what the layer's outputs lose, the other weights making up for it";
    }

    @Override
    public Evidence evidence() {
      return Evidence.CURVATURE;
    }

    @Override
    public float[] scores(float[] weights, Shape shape, float[] evidence, long seed) {
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = worth(weights[i], (double) weights[i] * weights[i] / evidence[i]);
      }
      return scores;
    }
  }

  /**
   * How much the loss changes, to first order, if the weight goes: {@code |w| * rms(gradient)} over
   * the batches, in the order of the mean of {@code (w * gradient)²}.
   *
   * @see <a href="https://arxiv.org/abs/1906.10771">Molchanov et al. 2019</a>, section 3
   */
  public record Taylor() implements Criterion {
    @Override
    public String name() {
      return "taylor";
    }

    @Override
    public String summary() {
      return "the absolute value times the size of its gradient";
    }

    @Override
    public Evidence evidence() {
      return Evidence.GRADIENT_SIZE;
    }

    @Override
    public float[] scores(float[] weights, Shape shape, float[] evidence, long seed) {
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = worth(weights[i], Math.abs((double) weights[i]) * evidence[i]);
      }
      return scores;
    }
  }

  /**
   * Whether training moves the weight away from 0: the sum of {@code -w * gradient}. Scores are
   * counted from the lowest of the tensor, so those of different tensors do not compare: share the
   * sparsity by layers, not globally.
   *
   * @see <a href="https://arxiv.org/abs/2005.07683">Sanh et al. 2020</a>, equation 3
   */
  public record Movement() implements Criterion {
    @Override
    public String name() {
      return "movement";
    }

    @Override
    public String summary() {
      return "whether training moves it away from 0";
    }

    @Override
    public Evidence evidence() {
      return Evidence.MOVEMENT;
    }

    @Override
    public float[] scores(float[] weights, Shape shape, float[] evidence, long seed) {
      float lowest = Float.POSITIVE_INFINITY;
      for (float e : evidence) {
        lowest = Math.min(lowest, e);
      }
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = worth(weights[i], (double) evidence[i] - lowest);
      }
      return scores;
    }
  }

  /**
   * The absolute scale of the batch normalization that follows, alike for all weights of an output.
   * For patterns of whole outputs.
   *
   * @see <a href="https://arxiv.org/abs/1708.06519">Liu et al. 2017</a>, network slimming
   */
  public record BatchNorm() implements Criterion {
    @Override
    public String name() {
      return "batch-norm";
    }

    @Override
    public String summary() {
      return "the scale of the batch normalization behind it";
    }

    @Override
    public Evidence evidence() {
      return Evidence.OUTPUT_SCALE;
    }

    @Override
    public float[] scores(float[] weights, Shape shape, float[] evidence, long seed) {
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = worth(weights[i], evidence[i]);
      }
      return scores;
    }
  }

  /**
   * How far an output's weights are, in sum, from those of the other outputs: those nearest to all
   * others can be stood in for. Alike for all weights of an output; for patterns of whole outputs.
   *
   * @see <a href="https://arxiv.org/abs/1811.00250">He et al. 2019</a>, equation 6
   */
  public record GeometricMedian() implements Criterion {
    @Override
    public String name() {
      return "geometric-median";
    }

    @Override
    public String summary() {
      return "how far its output's weights are from those of the others";
    }

    @Override
    public float[] scores(float[] weights, Shape shape, float[] evidence, long seed) {
      int rows = weights.length == 0 ? 0 : (int) shape.dim(0);
      int columns = rows == 0 ? 0 : weights.length / rows;
      double[] distances = new double[rows];
      for (int a = 0; a < rows; a++) {
        for (int b = a + 1; b < rows; b++) {
          double squares = 0;
          for (int c = 0; c < columns; c++) {
            double d = (double) weights[a * columns + c] - weights[b * columns + c];
            squares += d * d;
          }
          distances[a] += Math.sqrt(squares);
          distances[b] += Math.sqrt(squares);
        }
      }
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = worth(weights[i], distances[i / columns]);
      }
      return scores;
    }
  }

  /** Drawn evenly: what any other criterion must beat. */
  public record Chance() implements Criterion {
    @Override
    public String name() {
      return "random";
    }

    @Override
    public String summary() {
      return "drawn evenly, to compare with";
    }

    @Override
    public float[] scores(float[] weights, Shape shape, float[] evidence, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        // Drawn for zeros too: the score of a weight must not depend on what was pruned before it.
        float drawn = 1 - random.nextInt(1 << 24) * 0x1p-24f;
        scores[i] = weights[i] == 0 ? 0 : drawn;
      }
      return scores;
    }
  }
}
