package compress.prune;

import compress.model.NearestName;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The schedules there are, by name. */
public final class Schedules {
  /**
   * A schedule that can be asked for.
   *
   * @param summary for {@code --help}
   * @param settings names of what can be set
   */
  public record Entry(
      String name,
      String summary,
      List<String> settings,
      Function<Map<String, String>, Schedule> make) {}

  /** The first is the default. */
  public static final List<Entry> ALL =
      List.of(
          new Entry(
              "one-shot",
              "all at once, before fine-tuning",
              List.of(),
              s -> new Schedule.OneShot()),
          new Entry(
              "gradual",
              "fast at first, then slower, while fine-tuning",
              List.of("initial-sparsity", "steps", "span"),
              s -> {
                Schedule.Gradual d = new Schedule.Gradual();
                return new Schedule.Gradual(
                    number(s, "initial-sparsity", d.initial()),
                    whole(s, "steps", d.steps()),
                    number(s, "span", d.span()));
              }),
          new Entry(
              "iterative",
              "in rounds, each followed by its share of fine-tuning",
              List.of("rounds"),
              s -> new Schedule.Iterative(whole(s, "rounds", 3))),
          new Entry(
              "rewind",
              "in rounds, after each of which what is left starts anew (lottery tickets)",
              List.of("rounds", "warm-up"),
              s -> new Schedule.Rewind(whole(s, "rounds", 3), whole(s, "warm-up", 0))),
          new Entry(
              "growing",
              "by a penalty that grows while training, then for good",
              List.of("span", "most"),
              s -> new Schedule.Growing(number(s, "span", 0.5), number(s, "most", 0.1))),
          new Entry(
              "sampling",
              "at once, by the best of several random shares among layers",
              List.of("candidates", "spread"),
              s -> new Schedule.Sampling(whole(s, "candidates", 10), number(s, "spread", 0.2))));

  private Schedules() {}

  /**
   * The schedule called {@code name}.
   *
   * @param settings those that were given, by name
   * @throws IllegalArgumentException for an unknown schedule or setting, naming the nearest, and
   *     for a value that does not fit
   */
  public static Schedule parse(String name, Map<String, String> settings) {
    List<String> names = ALL.stream().map(Entry::name).toList();
    int i = names.indexOf(name);
    if (i < 0) {
      throw new IllegalArgumentException(
          "unknown schedule '%s'%s; there are: %s"
              .formatted(name, NearestName.hint(name, names), String.join(", ", names)));
    }
    Entry entry = ALL.get(i);
    for (String key : settings.keySet().stream().sorted().toList()) {
      if (!entry.settings.contains(key)) {
        throw new IllegalArgumentException(
            "schedule '%s' has no setting '%s'%s"
                .formatted(name, key, NearestName.hint(key, entry.settings)));
      }
    }
    return entry.make.apply(settings);
  }

  private static double number(Map<String, String> settings, String key, double otherwise) {
    String value = settings.get(key);
    try {
      return value == null ? otherwise : Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + " must be a number, not '" + value + "'", e);
    }
  }

  private static int whole(Map<String, String> settings, String key, int otherwise) {
    String value = settings.get(key);
    try {
      return value == null ? otherwise : Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + " must be a whole number, not '" + value + "'", e);
    }
  }
}
