package compress.cli.recipe;

import compress.cli.recipe.Yaml.Entry;
import compress.cli.recipe.Yaml.Mapping;
import compress.cli.recipe.Yaml.Sequence;
import compress.cli.recipe.Yaml.Text;
import compress.model.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * A mapping of a recipe and the object with picocli options that it fills: the key {@code
 * weight-decay} (or {@code weight_decay}) sets the option {@code --weight-decay}. Options that take
 * several values take a list, and those that take {@code NAME=VALUE} a mapping.
 */
public final class Section {
  private Section() {}

  /**
   * Sets the options that {@code mapping} has keys for.
   *
   * @param options an object with picocli options
   * @param name of the section, for messages; empty at the top of the recipe
   * @param others keys that are for somebody else
   * @throws RecipeException with the line of a key that no option has, or whose value does not fit
   */
  public static void fill(Object options, Mapping mapping, String name, Set<String> others) {
    CommandLine line = new CommandLine(CommandSpec.forAnnotatedObject(options));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    Map<String, OptionSpec> known = line.getCommandSpec().optionsMap();
    Map<@Nullable Object, Entry> entries = new LinkedHashMap<>();
    List<String> arguments = new ArrayList<>();
    String in = name.isEmpty() ? "" : " in '" + name + "'";
    for (Entry entry : mapping.entries()) {
      String key = canonical(entry.key());
      if (others.contains(key)) {
        continue;
      }
      OptionSpec option = known.get("--" + key);
      if (option == null) {
        throw unknownKey(entry, in, known.keySet(), others);
      }
      entries.put(option, entry);
      arguments.addAll(arguments(option, entry, in));
    }
    try {
      line.parseArgs(arguments.toArray(String[]::new));
    } catch (ParameterException e) {
      Entry entry = entries.get(e.getArgSpec());
      Origin origin = entry == null ? mapping.origin() : entry.origin();
      String key = entry == null ? "" : "'" + entry.key() + "'" + in;
      throw origin.complain(
          String.valueOf(e.getMessage())
              .replaceFirst("^Invalid value for option '[^']*'( \\([^)]*\\))?", key)
              .replaceFirst("option '[^']*'( \\([^)]*\\))?", key));
    }
  }

  /** Recipes may write {@code weight_decay} for {@code weight-decay}. */
  static String canonical(String key) {
    return key.replace('_', '-');
  }

  private static RecipeException unknownKey(
      Entry entry, String in, Collection<String> options, Set<String> others) {
    Set<String> names = new TreeSet<>(others);
    options.stream().filter(o -> o.startsWith("--")).forEach(o -> names.add(o.substring(2)));
    return entry
        .origin()
        .complain("unknown key '%s'%s%s".formatted(entry.key(), in, hint(entry.key(), names)));
  }

  private static String hint(String typed, Set<String> names) {
    String near = NearestName.hint(canonical(typed), names);
    return near.isEmpty() ? "; there are: " + String.join(", ", names) : near;
  }

  private static List<String> arguments(OptionSpec option, Entry entry, String in) {
    String name = option.longestName();
    List<String> arguments = new ArrayList<>();
    switch (entry.value()) {
      case Text t -> arguments.add(name + "=" + text(option, entry, t, in));
      case Sequence s when option.isMultiValue() && !option.type().equals(Map.class) -> {
        for (Yaml item : s.items()) {
          if (!(item instanceof Text t)) {
            throw item.origin().complain("'%s'%s holds %s".formatted(entry.key(), in, item.kind()));
          }
          arguments.add(name + "=" + text(option, entry, t, in));
        }
      }
      case Mapping m when Map.class.isAssignableFrom(option.type()) -> {
        for (Entry e : m.entries()) {
          if (!(e.value() instanceof Text t)) {
            throw e.origin().complain("'%s' takes one value".formatted(e.key()));
          }
          arguments.add(name + "=" + e.key() + "=" + text(option, e, t, in));
        }
      }
      default ->
          throw entry
              .origin()
              .complain(
                  "'%s'%s takes one value, not %s"
                      .formatted(entry.key(), in, entry.value().kind()));
    }
    return arguments;
  }

  private static String text(OptionSpec option, Entry entry, Text text, String in) {
    if (text.value().isEmpty()) {
      throw entry.origin().complain("'%s'%s has no value".formatted(entry.key(), in));
    }
    return isPath(option) ? text.origin().folder().resolve(text.value()).toString() : text.value();
  }

  private static boolean isPath(OptionSpec option) {
    return option.type() == Path.class;
  }

  /**
   * The options that have a value, defaults included, as a recipe would write them.
   *
   * @param folder that relative paths are to start from
   */
  public static SequencedMap<String, Object> describe(Object options, Path folder) {
    SequencedMap<String, Object> described = new LinkedHashMap<>();
    for (OptionSpec option : CommandSpec.forAnnotatedObject(options).options()) {
      Object value = option.getValue();
      if (value != null && !isEmpty(value)) {
        described.put(option.longestName().substring(2), plain(value, folder));
      }
    }
    return described;
  }

  private static boolean isEmpty(Object value) {
    return value instanceof Collection<?> c && c.isEmpty()
        || value instanceof Map<?, ?> m && m.isEmpty();
  }

  private static Object plain(Object value, Path folder) {
    return switch (value) {
      case Path p -> relative(p, folder);
      case Enum<?> e -> e.name().toLowerCase(Locale.ROOT).replace('_', '-');
      case Collection<?> c -> c.stream().map(v -> plain(v, folder)).toList();
      case Map<?, ?> m -> {
        SequencedMap<String, Object> copy = new LinkedHashMap<>();
        m.forEach((k, v) -> copy.put(String.valueOf(k), plain(v, folder)));
        yield copy;
      }
      default -> value;
    };
  }

  /** {@code path} as seen from {@code folder}, with slashes on every system. */
  public static String relative(Path path, Path folder) {
    Path there = path.toAbsolutePath().normalize();
    Path here = folder.toAbsolutePath().normalize();
    return (there.getRoot() != null && there.getRoot().equals(here.getRoot())
            ? here.relativize(there)
            : there)
        .toString()
        .replace('\\', '/');
  }
}
