package compress.prune.structure;

import compress.model.Param;
import compress.model.Shape;
import compress.prune.Layer;
import compress.prune.Spared;
import compress.prune.SparsityPattern;
import compress.prune.structure.ChannelGroup.Member;
import compress.train.Macs;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** Chooses the units to cut. */
final class CutPlan {
  /** Halvings of the amount, when multiply-accumulates are the aim. */
  private static final int HALVINGS = 30;

  /** Groups of fewer units are left alone unless one of their weights is named. */
  private static final int TINY = 4;

  private final Structure structure;
  private final CutOptions options;
  private final long seed;
  // By the number of a group that takes part.
  private final Map<Integer, float[]> scores = new LinkedHashMap<>();
  private final IdentityHashMap<ChannelGroup, Spared> spared = new IdentityHashMap<>();

  CutPlan(Structure structure, CutOptions options, long seed) {
    this.structure = structure;
    this.options = options;
    this.seed = seed;
    if (options.protect() && (options.macs().isPresent() || options.amount().otherwise() != 0)) {
      protect();
    }
  }

  /** Finds the groups whose units are computed by protected weights only. */
  private void protect() {
    SequencedMap<String, Long> sizes = new LinkedHashMap<>();
    List<ChannelGroup> able =
        structure.groups().stream().filter(g -> whyUnable(g).isEmpty()).toList();
    able.forEach(g -> producers(g).forEach(p -> sizes.put(p.name(), p.size())));
    Map<String, Spared> weights = new LinkedHashMap<>();
    Spared.of(structure.model(), sizes, this::isNamed).forEach(s -> weights.put(s.name(), s));
    for (ChannelGroup group : able) {
      if (producers(group).stream().allMatch(p -> weights.containsKey(p.name()))) {
        Spared first = Objects.requireNonNull(weights.get(group.name()));
        spared.put(group, first);
      }
    }
  }

  private boolean isNamed(String weight) {
    return options.amount().rule(weight).isPresent()
        || !options.selection().target().isEmpty() && options.selection().includes(weight);
  }

  /** The weights that compute the units of a group. */
  private List<Param> producers(ChannelGroup group) {
    return group.members().stream()
        .filter(Member::produces)
        .map(m -> structure.model().param(m.param()))
        .toList();
  }

  /** What is left whole unless it is asked for. */
  List<Spared> spared() {
    return structure.groups().stream().map(spared::get).filter(Objects::nonNull).toList();
  }

  /** Why a group is left whole whatever the amount; empty if it takes part. */
  Optional<String> whyLeft(ChannelGroup group) {
    Spared whole = spared.get(group);
    return whole == null ? whyUnable(group) : Optional.of(whole.reason());
  }

  private Optional<String> whyUnable(ChannelGroup group) {
    if (!options.pattern().takes(group)) {
      return Optional.of("the pattern takes no " + group.kind() + "s");
    }
    if (group.barrier().isPresent()) {
      return group.barrier();
    }
    for (Member member : group.members()) {
      boolean ignored =
          options.selection().ignore().stream().anyMatch(p -> p.matches(member.param()));
      if (member.produces() && ignored) {
        return Optional.of(member.param() + " is listed under ignore");
      }
    }
    boolean targeted =
        group.members().stream()
            .anyMatch(m -> m.produces() && options.selection().includes(m.param()));
    if (!targeted) {
      return Optional.of("no target matches it");
    }
    boolean named =
        group.members().stream()
            .anyMatch(m -> m.produces() && options.selection().names(m.param()));
    if (group.units() < TINY && !named) {
      return Optional.of(
          "it has %d %ss only; to cut it, give the full name of its weight as a target"
              .formatted(group.units(), group.kind()));
    }
    if (group.units() <= step(group)) {
      return Optional.of(
          "it has %d %ss, and rounding to %d keeps all of them"
              .formatted(group.units(), group.kind(), options.roundTo()));
    }
    return options.criterion().objection(group, structure.model());
  }

  /** By so many units the size of a group may change. */
  private int step(ChannelGroup group) {
    return options.roundTo() / gcd(options.roundTo(), group.perUnit());
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /**
   * The units to cut, for each group of the structure.
   *
   * @throws IllegalArgumentException if the aim cannot be reached
   */
  List<BitSet> units() {
    for (int g = 0; g < structure.groups().size(); g++) {
      ChannelGroup group = structure.groups().get(g);
      if (whyLeft(group).isEmpty()) {
        scores.put(g, scores(group));
      }
    }
    if (options.macs().isEmpty()) {
      return units(options.amount().otherwise());
    }
    long most = (long) Math.floor(options.macs().getAsDouble() * macs(List.of()));
    long least = macs(units(1));
    if (least > most) {
      throw new IllegalArgumentException(
          "of the multiply-accumulates %.4f remain when all is cut that can be, more than %s"
              .formatted((double) least / macs(List.of()), options.macs().getAsDouble()));
    }
    double tooLittle = 0;
    double enough = 1;
    for (int i = 0; i < HALVINGS && macs(units(0)) > most; i++) {
      double middle = (tooLittle + enough) / 2;
      if (macs(units(middle)) <= most) {
        enough = middle;
      } else {
        tooLittle = middle;
      }
    }
    return units(macs(units(0)) <= most ? 0 : enough);
  }

  /** Multiply-accumulates without these units. */
  private long macs(List<BitSet> units) {
    return Macs.of(structure.model(), new Cutter(structure, units).shapes()).total();
  }

  private float[] scores(ChannelGroup group) {
    long own = seed ^ 0x9E3779B97F4A7C15L * group.name().hashCode();
    float[] raw = options.criterion().scores(group, structure.model(), own);
    double mean = IntStream.range(0, raw.length).mapToDouble(u -> raw[u]).average().orElse(0);
    for (int u = 0; u < raw.length && mean > 0; u++) {
      raw[u] = (float) (raw[u] / mean);
    }
    return raw;
  }

  private List<BitSet> units(double amount) {
    List<Integer> sharing = new ArrayList<>();
    List<Layer> layers = new ArrayList<>();
    Map<Integer, Double> sparsities = new LinkedHashMap<>();
    scores.forEach((g, worth) -> {
      String name = structure.groups().get(g).name();
      Layer layer = new Layer(name, Shape.of(worth.length), () -> worth, () -> worth);
      Optional<Double> own = rule(structure.groups().get(g));
      if (own.isPresent()) {
        sparsities.put(g, options.allocation().sparsities(List.of(layer), own.get())[0]);
      } else {
        sharing.add(g);
        layers.add(layer);
      }
    });
    double[] shared = options.allocation().sparsities(layers, amount);
    for (int i = 0; i < shared.length; i++) {
      sparsities.put(sharing.get(i), shared[i]);
    }
    List<BitSet> units = new ArrayList<>();
    for (int g = 0; g < structure.groups().size(); g++) {
      double sparsity = sparsities.getOrDefault(g, 0.0);
      float[] worth = scores.getOrDefault(g, new float[0]);
      units.add(lowest(worth, cut(structure.groups().get(g), sparsity)));
    }
    return units;
  }

  /** What a rule says of the first weight of a group that one matches. */
  private Optional<Double> rule(ChannelGroup group) {
    return group.members().stream()
        .filter(Member::produces)
        .flatMap(m -> options.amount().rule(m.param()).stream())
        .findFirst();
  }

  /** How many units of a group go: at least one stays, and rounding keeps more. */
  private int cut(ChannelGroup group, double sparsity) {
    int step = step(group);
    long kept = Math.max(1, group.units() - SparsityPattern.removed(group.units(), sparsity));
    return (int) Math.max(0, group.units() - Math.ceilDiv(kept, step) * step);
  }

  /** The numbers of the {@code count} lowest; of equal ones the last go first. */
  private static BitSet lowest(float[] scores, int count) {
    BitSet lowest = new BitSet();
    IntStream.range(0, scores.length)
        .boxed()
        .sorted((a, b) ->
            scores[a] == scores[b] ? Integer.compare(b, a) : Float.compare(scores[a], scores[b]))
        .limit(count)
        .forEach(lowest::set);
    return lowest;
  }
}
