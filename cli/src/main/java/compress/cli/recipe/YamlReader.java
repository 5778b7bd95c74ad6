package compress.cli.recipe;

import compress.cli.recipe.Yaml.Entry;
import compress.cli.recipe.Yaml.Mapping;
import compress.cli.recipe.Yaml.Sequence;
import compress.cli.recipe.Yaml.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads one YAML document. Aliases are refused: a recipe should say what it means where it means
 * it, and a short file cannot grow without bound this way.
 */
public final class YamlReader {
  private static final int MAX_DEPTH = 20;
  private static final YAMLFactory FACTORY = new YAMLFactory();

  private final YAMLParser parser;
  private final Path folder;
  private final String name;

  /** Whether lines are counted in messages. */
  private final boolean lines;

  private YamlReader(YAMLParser parser, Path folder, String name, boolean lines) {
    this.parser = parser;
    this.folder = folder;
    this.name = name;
    this.lines = lines;
  }

  /**
   * @param file for messages, and relative paths start from its folder
   * @throws RecipeException if {@code text} is not YAML
   */
  public static Yaml read(Path file, String text) {
    Path folder = Optional.ofNullable(file.getParent()).orElse(Path.of(""));
    return read(text, folder, file.toString(), true);
  }

  /** A value typed on the command line as {@code place}. */
  static Yaml readValue(String place, String text) {
    return read(text, Path.of(""), place, false);
  }

  private static Yaml read(String text, Path folder, String name, boolean lines) {
    try (YAMLParser parser = parser(text)) {
      return new YamlReader(parser, folder, name, lines).document();
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      String what = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw new RecipeException(name + (lines ? ":" + line : "") + ": not YAML: " + what);
    }
  }

  private static YAMLParser parser(String text) {
    return (YAMLParser) FACTORY.createParser(ObjectReadContext.empty(), text);
  }

  private Yaml document() {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw new RecipeException(
          name + ": nothing in it; a recipe has at least 'model' and 'stages'");
    }
    Yaml read = value(first, 0);
    if (parser.nextToken() != null) {
      throw origin().complain("a second document; a recipe has one");
    }
    return read;
  }

  private Origin origin() {
    int line = parser.currentTokenLocation().getLineNr();
    return new Origin(lines ? name + ":" + line : name, folder);
  }

  private Yaml value(@Nullable JsonToken token, int depth) {
    Origin origin = origin();
    if (depth > MAX_DEPTH) {
      throw origin.complain("nested deeper than " + MAX_DEPTH);
    }
    if (parser.isCurrentAlias()) {
      throw origin.complain("aliases (*name) are not taken; write it out");
    }
    return switch (token) {
      case START_OBJECT -> mapping(origin, depth);
      case START_ARRAY -> sequence(origin, depth);
      case VALUE_NULL -> new Text("", origin);
      case null -> throw origin.complain("ends too early");
      default -> new Text(parser.getString(), origin);
    };
  }

  private Sequence sequence(Origin origin, int depth) {
    List<Yaml> items = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      items.add(value(t, depth + 1));
    }
    return new Sequence(items, origin);
  }

  private Mapping mapping(Origin origin, int depth) {
    Mapping mapping = new Mapping(List.of(), origin);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Origin at = origin();
      String key = parser.currentName();
      Yaml value = value(parser.nextToken(), depth + 1);
      if (mapping.entry(key).isPresent()) {
        throw at.complain("'" + key + "' a second time");
      }
      mapping = mapping.with(new Entry(key, value, at));
    }
    return mapping;
  }
}
