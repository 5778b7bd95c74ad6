package compress.cli.recipe;

import compress.cli.recipe.Yaml.Entry;
import compress.cli.recipe.Yaml.Mapping;
import compress.cli.recipe.Yaml.Sequence;
import compress.cli.recipe.Yaml.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A setting from the command line that goes before the recipe's. */
final class Setting {
  private static final Set<String> SECTIONS = Set.of("data", "gates");

  private Setting() {}

  /**
   * @param setting {@code KEY=VALUE}; the value is YAML, so it may be a list or a mapping
   */
  static Mapping apply(Mapping recipe, String setting) {
    int equals = setting.indexOf('=');
    String place = "-S " + setting;
    if (equals <= 0) {
      throw new RecipeException(place + ": write KEY=VALUE, prune.sparsity=0.9 say");
    }
    String[] path = setting.substring(0, equals).split("\\.", 2);
    Yaml value = YamlReader.readValue(place, setting.substring(equals + 1));
    Entry entry = new Entry(Section.canonical(path[path.length - 1]), value, value.origin());
    if (path.length == 1) {
      return recipe.with(entry);
    }
    return SECTIONS.contains(path[0])
        ? recipe.with(section(recipe, path[0], entry))
        : recipe.with(stages(recipe, path[0], entry));
  }

  private static Entry section(Mapping recipe, String name, Entry entry) {
    Mapping before =
        switch (recipe.entry(name).map(Entry::value).orElse(null)) {
          case Mapping m -> m;
          case Text t -> new Mapping(List.of(new Entry("path", t, t.origin())), t.origin());
          case null, default -> new Mapping(List.of(), entry.origin());
        };
    return new Entry(name, replace(before, entry), entry.origin());
  }

  /** {@code entry} in all stages called {@code name}. */
  private static Entry stages(Mapping recipe, String name, Entry entry) {
    Entry stages =
        recipe
            .entry("stages")
            .orElseThrow(() -> entry.origin().complain("the recipe has no stages"));
    List<Yaml> changed = new ArrayList<>();
    boolean found = false;
    for (Mapping stage : RecipeReader.mappings(stages)) {
      boolean meant = RecipeReader.stageName(stage).equals(name);
      changed.add(meant ? replace(stage, entry) : stage);
      found |= meant;
    }
    if (!found) {
      throw entry
          .origin()
          .complain(
              "no stage of the recipe is called '%s', and no section ('data', 'gates')"
                  .formatted(name));
    }
    return new Entry("stages", new Sequence(changed, stages.origin()), stages.origin());
  }

  private static Mapping replace(Mapping in, Entry entry) {
    List<Entry> others =
        in.entries().stream().filter(e -> !Section.canonical(e.key()).equals(entry.key())).toList();
    return new Mapping(others, in.origin()).with(entry);
  }
}
