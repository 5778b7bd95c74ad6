package compress.prune;

import compress.model.NearestName;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The patterns there are. To add one: a record and its line in {@link #ALL}. */
public final class Patterns {
  /**
   * A pattern that can be asked for, or a family of them.
   *
   * @param form as the command line has it, with capitals for numbers: {@code N:M}
   * @param summary for {@code --help}
   * @param example one that exists
   * @param parse empty for text of another form
   */
  public record Entry(
      String form,
      String summary,
      SparsityPattern example,
      Function<String, Optional<SparsityPattern>> parse) {}

  /** The first is the default. */
  public static final List<Entry> ALL = List.of(exactly(new Unstructured(), "any weight may stay"));

  private Patterns() {}

  private static Entry exactly(SparsityPattern pattern, String summary) {
    return new Entry(
        pattern.name(),
        summary,
        pattern,
        text -> text.equals(pattern.name()) ? Optional.of(pattern) : Optional.empty());
  }

  /**
   * The pattern that {@code text} names.
   *
   * @throws IllegalArgumentException if there is none, naming the nearest
   */
  public static SparsityPattern parse(String text) {
    for (Entry entry : ALL) {
      Optional<SparsityPattern> pattern = entry.parse.apply(text);
      if (pattern.isPresent()) {
        return pattern.get();
      }
    }
    List<String> forms = ALL.stream().map(Entry::form).toList();
    throw new IllegalArgumentException(
        "unknown pattern '%s'%s; there are: %s"
            .formatted(text, NearestName.hint(text, forms), String.join(", ", forms)));
  }
}
