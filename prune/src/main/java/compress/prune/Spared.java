package compress.prune;

import compress.model.Model;
import compress.train.Skip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A layer that is left whole unless the user asks for it: pruning it saves little and costs much.
 * These are the first layers of a network, which all that follows depends on, the last ones, which
 * nothing behind them can make up for, and tiny ones.
 *
 * <p>Of each of the three sorts those layers are spared that hold less than {@link #MOST} of all
 * weights that could be pruned, and only if together they hold less than that, too. So a sparsity
 * is always that of nearly the whole network, and a network of nothing but tiny layers, or of one
 * layer, is pruned.
 *
 * @param name of the weight, or of the group of channels, neurons or heads that it computes
 * @param why {@code first layer}, say
 * @param weights how many the layer has
 * @param share of all that could be pruned, from 0 to 1
 */
public record Spared(String name, String why, long weights, double share) {
  /** A layer with this share of the weights, or more, is not spared. */
  public static final double MOST = 0.05;

  /**
   * A layer of fewer weights is tiny: as floats they take no more than 1 KiB, and patterns have few
   * banks or blocks among them to choose from.
   */
  public static final int TINY = 256;

  /**
   * Chooses layers.
   *
   * @param sizes of the weights that could be pruned, by name
   * @param named whether the user asked for a weight by its name; such a weight is never spared
   * @return in the order of {@code sizes}; without a graph tiny layers only
   */
  public static List<Spared> of(
      Model model, SequencedMap<String, Long> sizes, Predicate<String> named) {
    long all = sizes.values().stream().mapToLong(Long::longValue).sum();
    List<Small> small = new ArrayList<>();
    sizes.forEach((name, weights) -> {
      if (weights > 0 && weights < MOST * all && !named.test(name)) {
        small.add(new Small(name, weights));
      }
    });
    Ends ends = Ends.of(model);
    Set<Small> first = together(small, all, layer -> ends.first().contains(layer.name));
    Set<Small> last = together(small, all, layer -> ends.last().contains(layer.name));
    Set<Small> tiny = together(small, all, layer -> layer.weights < TINY);
    List<Spared> spared = new ArrayList<>();
    for (Small s : small) {
      why(first.contains(s), last.contains(s), tiny.contains(s))
          .map(why -> new Spared(s.name, why, s.weights, (double) s.weights / all))
          .ifPresent(spared::add);
    }
    return spared;
  }

  private record Small(String name, long weights) {}

  /** Those of a sort, or none of them if they are too much of the network. */
  private static Set<Small> together(List<Small> small, long all, Predicate<Small> sort) {
    Set<Small> layers = small.stream().filter(sort).collect(Collectors.toSet());
    long sum = layers.stream().mapToLong(Small::weights).sum();
    return sum < MOST * all ? layers : Set.of();
  }

  private static Optional<String> why(boolean first, boolean last, boolean tiny) {
    if (first || last) {
      return Optional.of(
          first && last ? "first and last layer" : first ? "first layer" : "last layer");
    }
    return tiny ? Optional.of("fewer than %d weights".formatted(TINY)) : Optional.empty();
  }

  /** For the user: {@code first layer, 0.2 % of the weights; --no-protect prunes it too}. */
  public String reason() {
    String percent = share < 0.001 ? "under 0.1" : String.format(Locale.ROOT, "%.1f", 100 * share);
    return "%s, %s %% of the weights; --no-protect prunes it too".formatted(why, percent);
  }

  public Skip skip() {
    return new Skip(name, reason());
  }

  /** For the details of a report. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("why", why);
    map.put("weights", weights);
    map.put("share", share);
    return map;
  }
}
