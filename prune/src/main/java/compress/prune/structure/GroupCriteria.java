package compress.prune.structure;

import compress.model.Model;
import compress.model.NearestName;
import compress.model.Node;
import compress.model.Param;
import compress.prune.structure.ChannelGroup.Member;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/** The criteria for groups there are. To add one: a record and its line in {@link #ALL}. */
public final class GroupCriteria {
  /** The first is the default. */
  public static final List<GroupCriterion> ALL =
      List.of(
          new Magnitude(),
          new AbsoluteSum(),
          new BatchNormScale(),
          new GeometricMedian(),
          new Chance());

  private GroupCriteria() {}

  /**
   * @throws IllegalArgumentException naming those there are
   */
  public static GroupCriterion parse(String name) {
    List<String> names = ALL.stream().map(GroupCriterion::name).toList();
    int i = names.indexOf(name);
    if (i < 0) {
      throw new IllegalArgumentException(
          "unknown criterion '%s' for channels, neurons and heads%s; there are: %s"
              .formatted(name, NearestName.hint(name, names), String.join(", ", names)));
    }
    return ALL.get(i);
  }

  /**
   * The length of the vector of all weights that go with the unit: those that compute it and those
   * that read it, in every layer of the group.
   *
   * @see <a href="https://arxiv.org/abs/2301.12900">Fang et al. 2023</a>, section 3.3
   */
  public record Magnitude() implements GroupCriterion {
    @Override
    public String name() {
      return "magnitude";
    }

    @Override
    public float[] scores(ChannelGroup group, Model model, long seed) {
      double[] sums = sums(group.weights(), group.units(), model, w -> w * w);
      float[] scores = new float[sums.length];
      for (int u = 0; u < scores.length; u++) {
        scores[u] = (float) Math.sqrt(sums[u]);
      }
      return scores;
    }
  }

  /**
   * The sum of the absolute weights that compute the unit.
   *
   * @see <a href="https://arxiv.org/abs/1608.08710">Li et al. 2017</a>, section 3.1
   */
  public record AbsoluteSum() implements GroupCriterion {
    @Override
    public String name() {
      return "l1";
    }

    @Override
    public float[] scores(ChannelGroup group, Model model, long seed) {
      List<Member> producers = group.members().stream().filter(Member::produces).toList();
      return toFloats(sums(producers, group.units(), model, Math::abs));
    }
  }

  /**
   * The sum of the absolute scales by which batch normalization multiplies the unit.
   *
   * @see <a href="https://arxiv.org/abs/1708.06519">Liu et al. 2017</a>, without the penalty on
   *     scales in training
   */
  public record BatchNormScale() implements GroupCriterion {
    @Override
    public String name() {
      return "batch-norm";
    }

    @Override
    public Optional<String> objection(ChannelGroup group, Model model) {
      return scales(group, model).isEmpty()
          ? Optional.of("no batch normalization scales its channels; use magnitude")
          : Optional.empty();
    }

    @Override
    public float[] scores(ChannelGroup group, Model model, long seed) {
      return toFloats(sums(scales(group, model), group.units(), model, Math::abs));
    }

    private static List<Member> scales(ChannelGroup group, Model model) {
      Set<String> scales = new HashSet<>();
      for (Node node : model.graph().orElseThrow().nodes()) {
        if (node.is("BatchNormalization")) {
          scales.add(node.input(1));
        }
      }
      return group.members().stream().filter(m -> scales.contains(m.param())).toList();
    }
  }

  /**
   * The sum of the distances from the weights that compute the unit to those of all others: a unit
   * near the geometric median is one that the others can stand in for.
   *
   * @see <a href="https://arxiv.org/abs/1811.00250">He et al. 2019</a>, equation 7
   */
  public record GeometricMedian() implements GroupCriterion {
    @Override
    public String name() {
      return "geometric-median";
    }

    @Override
    public float[] scores(ChannelGroup group, Model model, long seed) {
      double[] sums = new double[group.units()];
      for (Member member : group.members()) {
        if (member.produces()) {
          add(sums, member, model.param(member.param()));
        }
      }
      return toFloats(sums);
    }

    /** Adds the distances in one layer; those of several layers add up. */
    private static void add(double[] sums, Member member, Param param) {
      float[][] filters = new float[sums.length][];
      float[] values = param.values().toFloats();
      for (int u = 0; u < filters.length; u++) {
        filters[u] = entries(values, param, member, u);
      }
      for (int u = 0; u < filters.length; u++) {
        for (int v = u + 1; v < filters.length; v++) {
          double square = 0;
          for (int i = 0; i < Math.min(filters[u].length, filters[v].length); i++) {
            double d = filters[u][i] - filters[v][i];
            square += d * d;
          }
          sums[u] += Math.sqrt(square);
          sums[v] += Math.sqrt(square);
        }
      }
    }
  }

  /** Drawn evenly: what any other criterion must beat. */
  public record Chance() implements GroupCriterion {
    @Override
    public String name() {
      return "random";
    }

    @Override
    public float[] scores(ChannelGroup group, Model model, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] scores = new float[group.units()];
      for (int u = 0; u < scores.length; u++) {
        scores[u] = 1 - random.nextInt(1 << 24) * 0x1p-24f;
      }
      return scores;
    }
  }

  private static double[] sums(
      List<Member> members, int units, Model model, DoubleUnaryOperator term) {
    double[] sums = new double[units];
    for (Member member : members) {
      Param param = model.param(member.param());
      float[] values = param.values().toFloats();
      for (int u = 0; u < units; u++) {
        for (float w : entries(values, param, member, u)) {
          sums[u] += term.applyAsDouble(w);
        }
      }
    }
    return sums;
  }

  /** The entries of a param that belong to a unit, in row-major order. */
  private static float[] entries(float[] values, Param param, Member member, int unit) {
    int inner = 1;
    for (int a = member.axis() + 1; a < param.shape().rank(); a++) {
      inner *= (int) param.shape().dim(a);
    }
    int length = (int) param.shape().dim(member.axis());
    int outer = values.length / (length * inner);
    int[] indices = member.indices().get(unit);
    float[] entries = new float[outer * indices.length * inner];
    int to = 0;
    for (int o = 0; o < outer; o++) {
      for (int index : indices) {
        System.arraycopy(values, (o * length + index) * inner, entries, to, inner);
        to += inner;
      }
    }
    return entries;
  }

  private static float[] toFloats(double[] sums) {
    float[] scores = new float[sums.length];
    for (int u = 0; u < scores.length; u++) {
      scores[u] = (float) sums[u];
    }
    return scores;
  }
}
