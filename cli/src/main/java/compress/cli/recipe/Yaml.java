package compress.cli.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A piece of YAML that knows where it stands. Scalars are texts, whatever they look like. */
public sealed interface Yaml {
  Origin origin();

  /** A scalar; one without text, {@code key:} say, has the empty string. */
  record Text(String value, Origin origin) implements Yaml {}

  record Sequence(List<Yaml> items, Origin origin) implements Yaml {}

  record Mapping(List<Entry> entries, Origin origin) implements Yaml {
    public Optional<Entry> entry(String key) {
      return entries.stream().filter(e -> e.key.equals(key)).findFirst();
    }

    public List<String> keys() {
      return entries.stream().map(Entry::key).toList();
    }

    /** The same with {@code entry} in place of the one of its key, or else at the end. */
    public Mapping with(Entry entry) {
      List<Entry> next = new ArrayList<>(entries);
      next.replaceAll(e -> e.key.equals(entry.key) ? entry : e);
      if (!next.contains(entry)) {
        next.add(entry);
      }
      return new Mapping(next, origin);
    }
  }

  /**
   * @param origin of the key
   */
  record Entry(String key, Yaml value, Origin origin) {}

  /** What it is, in the words of a message. */
  default String kind() {
    return switch (this) {
      case Text t -> "'" + t.value + "'";
      case Sequence s -> "a list";
      case Mapping m -> "a mapping";
    };
  }
}
