package compress.model;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Which tensors a stage may change, by name: those that {@code target} matches and {@code ignore}
 * does not. No target at all means every tensor that the stage takes by itself.
 */
public record Selection(List<NamePattern> target, List<NamePattern> ignore) {
  /** Every tensor that the stage takes by itself. */
  public static final Selection ALL = new Selection(List.of(), List.of());

  public Selection {
    target = List.copyOf(target);
    ignore = List.copyOf(ignore);
  }

  /** From patterns as a user writes them. */
  public static Selection parse(Collection<String> target, Collection<String> ignore) {
    return new Selection(
        target.stream().map(NamePattern::parse).toList(),
        ignore.stream().map(NamePattern::parse).toList());
  }

  public boolean includes(String name) {
    return (target.isEmpty() || target.stream().anyMatch(p -> p.matches(name)))
        && ignore.stream().noneMatch(p -> p.matches(name));
  }

  /**
   * Whether {@code name} is asked for by its full name. A stage then takes it even if it is not of
   * the kind that the stage takes by itself, a bias say.
   */
  public boolean names(String name) {
    return includes(name) && target.stream().anyMatch(p -> p.isLiteral() && p.matches(name));
  }

  /**
   * Why a stage that takes weights leaves {@code weight} alone, for the user; empty if it takes it.
   *
   * @param biases whether the stage takes biases by itself
   */
  public Optional<String> whyLeft(Weight weight, boolean biases) {
    String name = weight.name();
    if (ignore.stream().anyMatch(p -> p.matches(name))) {
      return Optional.of("listed under ignore");
    }
    if (!includes(name)) {
      return Optional.of("no target matches it");
    }
    Role role = weight.role();
    if (role.isWeight() || names(name) || role == Role.BIAS && biases) {
      return Optional.empty();
    }
    return Optional.of(
        (role == Role.BIAS ? "a bias" : "not a weight of a layer")
            + "; to include it, give its full name as a target");
  }

  /**
   * Checks that each pattern matches a float param of {@code model}.
   *
   * @throws IllegalArgumentException naming the first that does not, and the nearest name there is
   */
  public void check(Model model) {
    List<String> names = floatNames(model);
    target.forEach(p -> p.requireMatch(names));
    ignore.forEach(p -> p.requireMatch(names));
  }

  static List<String> floatNames(Model model) {
    return model.params().values().stream()
        .filter(p -> p.type().isFloat())
        .map(Param::name)
        .toList();
  }
}
