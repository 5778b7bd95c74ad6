package compress.prune;

import compress.model.NearestName;
import compress.model.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** The allocations there are. To add one: a record and its line in {@link #ALL}. */
public final class Allocations {
  /** The first is the default. */
  public static final List<Allocation> ALL =
      List.of(new Uniform(), new Global(), new Lamp(), new ErdosRenyi(), new Deviation());

  private Allocations() {}

  /**
   * @throws IllegalArgumentException naming those there are
   */
  public static Allocation parse(String name) {
    List<String> names = ALL.stream().map(Allocation::name).toList();
    int i = names.indexOf(name);
    if (i < 0) {
      throw new IllegalArgumentException(
          "unknown allocation '%s'%s; there are: %s"
              .formatted(name, NearestName.hint(name, names), String.join(", ", names)));
    }
    return ALL.get(i);
  }

  /** Every layer alike. */
  public record Uniform() implements Allocation {
    @Override
    public String name() {
      return "uniform";
    }

    @Override
    public String summary() {
      return "every layer loses this share of its weights";
    }

    @Override
    public boolean needsScores() {
      return false;
    }

    @Override
    public double[] sparsities(List<Layer> layers, double amount) {
      check(amount);
      double[] sparsities = new double[layers.size()];
      Arrays.fill(sparsities, amount);
      return sparsities;
    }
  }

  /** One threshold for the scores of all layers: the lowest go, wherever they are. */
  public record Global() implements Allocation {
    @Override
    public String name() {
      return "global";
    }

    @Override
    public String summary() {
      return "all layers together lose this share, by one threshold";
    }

    @Override
    public double[] sparsities(List<Layer> layers, double amount) {
      return byOneThreshold(layers.stream().map(Layer::scores).toList(), amount);
    }
  }

  /**
   * One threshold, too, but for scores that say how much a weight adds to the weights of its layer
   * that are no smaller: {@code w² / sum of v² over all v >= w}. Spares small layers, and never
   * empties a layer before all.
   *
   * @see <a href="https://arxiv.org/abs/2010.07611">Lee et al. 2021</a>, equation 2
   */
  public record Lamp() implements Allocation {
    @Override
    public String name() {
      return "lamp";
    }

    @Override
    public String summary() {
      return "all layers together lose this share, by one threshold for layer-adaptive scores";
    }

    @Override
    public double[] sparsities(List<Layer> layers, double amount) {
      List<Supplier<float[]>> scores = new ArrayList<>();
      for (Layer layer : layers) {
        float[] lamp = lamp(layer.scores().get().clone());
        scores.add(() -> lamp);
      }
      return byOneThreshold(scores, amount);
    }

    /** In ascending order, since how many are low is all that is asked. */
    private static float[] lamp(float[] scores) {
      Arrays.sort(scores);
      double sum = 0;
      for (int i = scores.length - 1; i >= 0; i--) {
        double square = (double) scores[i] * scores[i];
        sum += square;
        scores[i] = square == 0 ? 0 : (float) (square / sum);
      }
      return scores;
    }
  }

  /**
   * Larger layers become sparser: the share of a layer that stays is in proportion to the sum of
   * its dimensions over their product, {@code (outputs + inputs + height + width) / (outputs *
   * inputs * height * width)}. A layer that would keep more than all keeps all, and the others make
   * up for it.
   *
   * @see <a href="https://arxiv.org/abs/1911.11134">Evci et al. 2020</a>, section 3, ERK
   */
  public record ErdosRenyi() implements Allocation {
    @Override
    public String name() {
      return "erk";
    }

    @Override
    public String summary() {
      return "all layers together lose this share, large ones more of it";
    }

    @Override
    public boolean needsScores() {
      return false;
    }

    @Override
    public double[] sparsities(List<Layer> layers, double amount) {
      check(amount);
      double[] kept = new double[layers.size()];
      boolean[] whole = new boolean[layers.size()];
      double toKeep = (1 - amount) * layers.stream().mapToLong(Layer::size).sum();
      boolean changed = true;
      while (changed) {
        changed = false;
        double left = toKeep;
        double raw = 0;
        for (int i = 0; i < kept.length; i++) {
          left -= whole[i] ? layers.get(i).size() : 0;
          raw += whole[i] ? 0 : sumOfDims(layers.get(i).shape());
        }
        for (int i = 0; i < kept.length; i++) {
          double size = layers.get(i).size();
          kept[i] =
              whole[i] || size == 0
                  ? 1
                  : Math.max(0, left) / raw * sumOfDims(layers.get(i).shape()) / size;
          if (!whole[i] && kept[i] > 1) {
            whole[i] = true;
            changed = true;
          }
        }
      }
      double[] sparsities = new double[kept.length];
      for (int i = 0; i < kept.length; i++) {
        sparsities[i] = Math.clamp(1 - kept[i], 0, 1);
      }
      return sparsities;
    }

    private static double sumOfDims(Shape shape) {
      double sum = 0;
      for (long d : shape.toArray()) {
        sum += d;
      }
      return sum;
    }
  }

  /**
   * Removes what is smaller than {@code amount} times the standard deviation of the layer's weights
   * that are not zero: Han et al. 2015's quality parameter. The share follows from the weights, so
   * pruning again after training prunes further.
   */
  public record Deviation() implements Allocation {
    @Override
    public String name() {
      return "deviation";
    }

    @Override
    public String summary() {
      return "every layer loses the weights below this many of its standard deviations";
    }

    @Override
    public double[] sparsities(List<Layer> layers, double amount) {
      check(amount);
      double[] sparsities = new double[layers.size()];
      for (int i = 0; i < sparsities.length; i++) {
        float[] weights = layers.get(i).weights().get();
        double threshold = amount * deviation(weights);
        long below = 0;
        for (float w : weights) {
          below += w == 0 || Math.abs(w) < threshold ? 1 : 0;
        }
        sparsities[i] = weights.length == 0 ? 0 : (double) below / weights.length;
      }
      return sparsities;
    }

    @Override
    public void check(double amount) {
      if (!(amount >= 0) || Double.isInfinite(amount)) {
        throw new IllegalArgumentException(
            "a number of standard deviations must be at least 0, not " + amount);
      }
    }

    private static double deviation(float[] weights) {
      double sum = 0;
      long count = 0;
      for (float w : weights) {
        sum += w;
        count += w == 0 ? 0 : 1;
      }
      double mean = sum / count;
      double squares = 0;
      for (float w : weights) {
        squares += w == 0 ? 0 : (w - mean) * (w - mean);
      }
      return count == 0 ? 0 : Math.sqrt(squares / count);
    }
  }

  /** Of equal scores at the threshold, those of the last layers go first. */
  private static double[] byOneThreshold(List<Supplier<float[]>> scores, double amount) {
    long[] sizes = new long[scores.size()];
    long total = 0;
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = scores.get(i).get().length;
      total += sizes[i];
    }
    Threshold threshold = Threshold.of(scores, SparsityPattern.removed(total, amount));
    double[] sparsities = new double[sizes.length];
    long ties = threshold.ties();
    for (int i = sizes.length - 1; i >= 0; i--) {
      long removed = 0;
      for (float score : scores.get(i).get()) {
        if (score < threshold.score()) {
          removed++;
        } else if (score == threshold.score() && ties > 0) {
          removed++;
          ties--;
        }
      }
      sparsities[i] = sizes[i] == 0 ? 0 : (double) removed / sizes[i];
    }
    return sparsities;
  }
}
