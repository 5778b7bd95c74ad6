package compress.prune;

import compress.model.NearestName;
import java.util.List;
import java.util.SplittableRandom;

/** The criteria there are. To add one: a record and its line in {@link #ALL}. */
public final class Criteria {
  /** The first is the default. */
  public static final List<Criterion> ALL = List.of(new Magnitude(), new Chance());

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

  /** The absolute value: small weights matter least (Han et al. 2015). */
  public record Magnitude() implements Criterion {
    @Override
    public String name() {
      return "magnitude";
    }

    @Override
    public float[] scores(float[] weights, long seed) {
      float[] scores = new float[weights.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = Math.abs(weights[i]);
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
    public float[] scores(float[] weights, long seed) {
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
