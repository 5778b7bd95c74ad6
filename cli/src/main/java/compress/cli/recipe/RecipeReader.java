package compress.cli.recipe;

import compress.cli.options.DataOptions;
import compress.cli.options.EncodeStageOptions;
import compress.cli.options.GateOptions;
import compress.cli.options.StageKinds;
import compress.cli.options.StageOptions;
import compress.cli.recipe.Recipe.Source;
import compress.cli.recipe.Recipe.Step;
import compress.cli.recipe.Yaml.Entry;
import compress.cli.recipe.Yaml.Mapping;
import compress.cli.recipe.Yaml.Sequence;
import compress.cli.recipe.Yaml.Text;
import compress.model.NearestName;
import compress.train.Networks;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads a recipe: {@code model} or {@code network}, {@code data}, {@code stages}, {@code gates},
 * {@code paper}, and the options of the whole run. Every key must be known.
 */
public final class RecipeReader {
  private static final long MOST_BYTES = 1 << 20;
  private static final Set<String> NESTED =
      Set.of("model", "network", "data", "stages", "gates", "paper");

  private RecipeReader() {}

  /**
   * @param overrides {@code KEY=VALUE}, where a key is one at the top ({@code seed}), one of a
   *     section ({@code data.scale}), or one of all stages of a kind ({@code prune.sparsity})
   * @throws RecipeException for anything wrong, with its line
   */
  public static Recipe read(Path file, List<String> overrides) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new RecipeException(file + ": more than 1 MiB; that is no recipe");
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new RecipeException(file + ": not UTF-8 text, so no recipe");
    }
    return read(Optional.of(file), YamlReader.read(file, text), overrides);
  }

  private static Recipe read(Optional<Path> file, Yaml document, List<String> overrides) {
    if (!(document instanceof Mapping top)) {
      throw document.origin().complain("a recipe is a mapping, not " + document.kind());
    }
    for (String override : overrides) {
      top = Setting.apply(top, override);
    }
    RunOptions run = new RunOptions();
    Section.fill(run, top, "", NESTED);
    DataOptions data = new DataOptions();
    top.entry("data").ifPresent(e -> Section.fill(data, data(e), "data", Set.of()));
    GateOptions gates = new GateOptions();
    top.entry("gates").ifPresent(e -> Section.fill(gates, mapping(e), "gates", Set.of()));
    List<Step> steps = new ArrayList<>();
    Optional<EncodeStageOptions> encode = steps(top, steps);
    return new Recipe(file, source(top), data, run, steps, encode, gates, paper(top));
  }

  private static Source source(Mapping top) {
    Optional<Entry> model = top.entry("model");
    Optional<Entry> network = top.entry("network");
    if (model.isPresent() == network.isPresent()) {
      throw network
          .map(Entry::origin)
          .orElse(top.origin())
          .complain("a recipe has either 'model', a file, or 'network', one to start from scratch");
    }
    Entry entry = model.or(() -> network).orElseThrow();
    if (!(entry.value() instanceof Text t) || t.value().isEmpty()) {
      throw entry.origin().complain("'%s' takes one value".formatted(entry.key()));
    }
    if (model.isPresent()) {
      return new Source.File(t.origin().folder().resolve(t.value()));
    }
    try {
      Networks.require(t.value());
    } catch (IllegalArgumentException e) {
      throw entry.origin().complain(String.valueOf(e.getMessage()));
    }
    return new Source.Fresh(t.value());
  }

  /** {@code data: DIR} is short for {@code data: {path: DIR}}. */
  private static Mapping data(Entry entry) {
    if (entry.value() instanceof Text) {
      return new Mapping(List.of(new Entry("data", entry.value(), entry.origin())), entry.origin());
    }
    Mapping mapping = mapping(entry);
    return new Mapping(
        mapping.entries().stream()
            .map(e -> e.key().equals("path") ? new Entry("data", e.value(), e.origin()) : e)
            .toList(),
        mapping.origin());
  }

  private static Optional<EncodeStageOptions> steps(Mapping top, List<Step> steps) {
    Entry stages =
        top.entry("stages")
            .orElseThrow(
                () -> top.origin().complain("'stages' is missing, the list of what to do"));
    Optional<EncodeStageOptions> encode = Optional.empty();
    for (Mapping stage : mappings(stages)) {
      String name = stageName(stage);
      if (encode.isPresent()) {
        throw stage.origin().complain("'%s' after 'encode', which must be last".formatted(name));
      }
      if (name.equals(StageKinds.ENCODE)) {
        encode = Optional.of(new EncodeStageOptions());
        Section.fill(encode.get(), stage, name, Set.of("stage"));
      } else {
        StageOptions options = StageKinds.named(name).orElseThrow().make().get();
        Section.fill(options, stage, name, Set.of("stage"));
        steps.add(new Step(name, options, stage.origin().place()));
      }
    }
    return encode;
  }

  /** What kind of stage {@code stage} is; one that exists. */
  static String stageName(Mapping stage) {
    List<String> names =
        Stream.concat(
                StageKinds.ALL.stream().map(StageKinds.Kind::name), Stream.of(StageKinds.ENCODE))
            .toList();
    Entry entry =
        stage
            .entry("stage")
            .orElseThrow(() ->
                stage.origin().complain("a stage without the key 'stage'; it is one of " + names));
    if (!(entry.value() instanceof Text t) || !names.contains(t.value())) {
      String kind = entry.value().kind();
      String typed = entry.value() instanceof Text t ? t.value() : "";
      throw entry
          .origin()
          .complain(
              "no stage is called %s%s; there are: %s"
                  .formatted(kind, NearestName.hint(typed, names), String.join(", ", names)));
    }
    return t.value();
  }

  private static List<PaperRow> paper(Mapping top) {
    Optional<Entry> paper = top.entry("paper");
    List<PaperRow> rows = new ArrayList<>();
    if (paper.isPresent()) {
      for (Mapping row : mappings(paper.get())) {
        PaperRow filled = new PaperRow();
        Section.fill(filled, row, "paper", Set.of());
        rows.add(filled);
      }
    }
    return rows;
  }

  private static Mapping mapping(Entry entry) {
    if (entry.value() instanceof Mapping mapping) {
      return mapping;
    }
    throw entry
        .origin()
        .complain("'%s' is a mapping, not %s".formatted(entry.key(), entry.value().kind()));
  }

  /** The items of a list, each of them a mapping. */
  static List<Mapping> mappings(Entry entry) {
    if (!(entry.value() instanceof Sequence list)) {
      throw entry
          .origin()
          .complain("'%s' is a list, not %s".formatted(entry.key(), entry.value().kind()));
    }
    List<Mapping> mappings = new ArrayList<>();
    for (Yaml item : list.items()) {
      if (!(item instanceof Mapping mapping)) {
        throw item.origin()
            .complain("an item of '%s' is a mapping, not %s".formatted(entry.key(), item.kind()));
      }
      mappings.add(mapping);
    }
    return mappings;
  }
}
