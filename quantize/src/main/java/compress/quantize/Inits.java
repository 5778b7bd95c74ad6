package compress.quantize;

import compress.model.NearestName;
import java.util.List;
import java.util.SplittableRandom;

/** The ways to start k-means. To add one: a record and its line in {@link #ALL}. */
public final class Inits {
  /** The first is the default. */
  public static final List<Init> ALL =
      List.of(new Exact(), new Linear(), new Density(), new CubeRootDensity(), new Forgy());

  private Inits() {}

  /**
   * @throws IllegalArgumentException naming those there are
   */
  public static Init parse(String name) {
    List<String> names = ALL.stream().map(Init::name).toList();
    int i = names.indexOf(name);
    if (i < 0) {
      throw new IllegalArgumentException(
          "unknown initialisation '%s'%s; there are %s"
              .formatted(name, NearestName.hint(name, names), String.join(", ", names)));
    }
    return ALL.get(i);
  }

  /**
   * Equally spaced from the least weight to the greatest, both included; one alone sits in the
   * middle. Large weights keep centroids of their own, which Han et al. 2016, section 3.2, found
   * best for accuracy.
   */
  public record Linear() implements Init {
    @Override
    public String name() {
      return "linear";
    }

    @Override
    public double[] centroids(SortedWeights weights, int count, long seed) {
      double min = weights.min();
      double max = weights.max();
      double[] c = new double[count];
      for (int i = 0; i < count; i++) {
        c[i] = count == 1 ? (min + max) / 2 : min + (max - min) * i / (count - 1);
      }
      return c;
    }
  }

  /**
   * The middles of {@code count} runs of equally many weights: equal steps of the distribution
   * function (Han et al. 2016, section 3.2, "density-based").
   */
  public record Density() implements Init {
    @Override
    public String name() {
      return "density";
    }

    @Override
    public double[] centroids(SortedWeights weights, int count, long seed) {
      double[] c = new double[count];
      for (int i = 0; i < count; i++) {
        c[i] = weights.get((int) ((2L * i + 1) * weights.size() / (2L * count)));
      }
      return c;
    }
  }

  /**
   * As dense as the cube root of the density of the weights, which is how the best centroids lie
   * when there are many (Panter and Dite 1951; Gersho 1979).
   */
  public record CubeRootDensity() implements Init {
    @Override
    public String name() {
      return "cube-root";
    }

    @Override
    public double[] centroids(SortedWeights weights, int count, long seed) {
      return CubeRoot.of(weights, count).quantiles(count, 0.5);
    }
  }

  /** Weights drawn at random, no position twice (Forgy 1965). */
  public record Forgy() implements Init {
    @Override
    public String name() {
      return "random";
    }

    @Override
    public double[] centroids(SortedWeights weights, int count, long seed) {
      // Selection sampling (Knuth, volume 2, 3.4.2, algorithm S): ascending, in one pass.
      SplittableRandom random = new SplittableRandom(seed);
      double[] c = new double[count];
      int drawn = 0;
      for (int i = 0; drawn < count; i++) {
        if (random.nextInt(weights.size() - i) < count - drawn) {
          c[drawn++] = weights.get(i);
        }
      }
      return c;
    }
  }

  /**
   * The best there are: found by {@link ExactKMeans} on the different weights if they are few, else
   * on bins of them.
   */
  public record Exact() implements Init {
    @Override
    public String name() {
      return "exact";
    }

    @Override
    public double[] centroids(SortedWeights weights, int count, long seed) {
      return count <= ExactKMeans.MOST_CENTROIDS
          ? ExactKMeans.centroids(weights, count)
          : new CubeRootDensity().centroids(weights, count, seed);
    }
  }
}
