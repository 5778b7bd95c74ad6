package compress.cli.pipeline;

import compress.cli.Figures;
import compress.train.Skip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Layers that {@code prune} leaves whole by default. They are skipped like others in a report, but
 * nobody asked for them, so {@code --strict} does not mind.
 */
final class ProtectedLayers {
  private static final int MOST_NAMES = 6;

  private ProtectedLayers() {}

  /** What was skipped for another reason. */
  static List<Skip> others(List<Skip> skipped, Map<String, Object> details) {
    Set<String> names =
        listed(details).stream()
            .map(l -> String.valueOf(l.get("name")))
            .collect(Collectors.toSet());
    return skipped.stream().filter(s -> !names.contains(s.name())).toList();
  }

  /**
   * How many there are and which, in a line; empty if there are none.
   *
   * @param all whether a long list is written out
   */
  static Optional<String> line(Map<String, Object> details, boolean all) {
    List<Map<?, ?>> layers = listed(details);
    if (layers.isEmpty()) {
      return Optional.empty();
    }
    int shown = all ? layers.size() : Math.min(MOST_NAMES, layers.size());
    String names =
        layers.subList(0, shown).stream()
            .map(l -> "%s (%s)".formatted(l.get("name"), l.get("why")))
            .collect(Collectors.joining(", "));
    String more = shown < layers.size() ? " and %d more".formatted(layers.size() - shown) : "";
    return Optional.of(
        "protected %s: %s%s; --no-protect prunes %s too"
            .formatted(
                Figures.count(layers.size(), "layer"),
                names,
                more,
                layers.size() == 1 ? "it" : "them"));
  }

  private static List<Map<?, ?>> listed(Map<String, Object> details) {
    List<Map<?, ?>> layers = new ArrayList<>();
    if (details.get("protected") instanceof Collection<?> list) {
      for (Object layer : list) {
        if (layer instanceof Map<?, ?> facts) {
          layers.add(facts);
        }
      }
    }
    return layers;
  }
}
