package compress.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/**
 * A setting that may differ from tensor to tensor.
 *
 * @param otherwise for the tensors that no rule matches
 * @param rules in order: the first that matches a name holds
 */
public record ByName<T>(T otherwise, List<Rule<T>> rules) {
  /** What holds for the names that {@code names} matches. */
  public record Rule<T>(NamePattern names, T value) {}

  public ByName {
    rules = List.copyOf(rules);
  }

  /** The same for every tensor. */
  public static <T> ByName<T> of(T everywhere) {
    return new ByName<>(everywhere, List.of());
  }

  /** From patterns as a user writes them, in the order of the map. */
  public static <T> ByName<T> of(T otherwise, SequencedMap<String, T> rules) {
    List<Rule<T>> parsed = new ArrayList<>();
    for (Map.Entry<String, T> e : rules.entrySet()) {
      parsed.add(new Rule<>(NamePattern.parse(e.getKey()), e.getValue()));
    }
    return new ByName<>(otherwise, parsed);
  }

  public T get(String name) {
    return rule(name).orElse(otherwise);
  }

  /** What the first rule that matches {@code name} says; empty if none does. */
  public Optional<T> rule(String name) {
    return rules.stream().filter(r -> r.names.matches(name)).map(Rule::value).findFirst();
  }

  /** The same rules with each value replaced, {@code otherwise} too. */
  public ByName<T> map(UnaryOperator<T> change) {
    return new ByName<>(
        change.apply(otherwise),
        rules.stream().map(r -> new Rule<>(r.names, change.apply(r.value))).toList());
  }

  /**
   * Checks that each rule matches a float param of {@code model}.
   *
   * @throws IllegalArgumentException naming the first that does not, and the nearest name there is
   */
  public void check(Model model) {
    List<String> names = Selection.floatNames(model);
    rules.forEach(r -> r.names.requireMatch(names));
  }
}
