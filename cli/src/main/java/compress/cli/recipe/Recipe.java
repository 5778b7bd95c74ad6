package compress.cli.recipe;

import compress.cli.options.DataOptions;
import compress.cli.options.EncodeStageOptions;
import compress.cli.options.GateOptions;
import compress.cli.options.StageOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * What to do with which model: a recipe file as it was read, or a single command.
 *
 * @param file the recipe's own; absent for a command
 * @param source how the model comes about
 * @param encode present if the result is to be encoded at the end
 * @param paper rows of a published table to print beside ours
 */
public record Recipe(
    Optional<Path> file,
    Source source,
    DataOptions data,
    RunOptions run,
    List<Step> steps,
    Optional<EncodeStageOptions> encode,
    GateOptions gates,
    List<PaperRow> paper) {

  /** Where the model comes from. */
  public sealed interface Source {
    /** A file: ONNX, safetensors or .cmpr. */
    record File(Path path) implements Source {}

    /** A network with random weights that the seed decides, to be trained. */
    record Fresh(String network) implements Source {}
  }

  /**
   * @param name of the kind of stage
   * @param place for messages: {@code recipe.yaml:7}; empty for a command
   */
  public record Step(String name, StageOptions options, String place) {
    /** A complaint about this step. */
    public IllegalArgumentException complain(String what) {
      return place.isEmpty()
          ? new IllegalArgumentException(what)
          : new RecipeException(place + ": " + name + ": " + what);
    }
  }

  /** The recipe with every option that has a value, as YAML that {@link RecipeReader} reads. */
  public String toYaml(Path folder) {
    return YAMLMapper.builder()
        .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
        .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
        .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
        .build()
        .writeValueAsString(toMap(folder));
  }

  /**
   * As {@link #toYaml}, for a report.
   *
   * @param folder that relative paths are to start from
   */
  public SequencedMap<String, Object> toMap(Path folder) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    switch (source) {
      case Source.File f -> map.put("model", Section.relative(f.path(), folder));
      case Source.Fresh f -> map.put("network", f.network());
    }
    map.putAll(Section.describe(run, folder));
    if (data.given()) {
      SequencedMap<String, Object> described = Section.describe(data, folder);
      described.putFirst("path", described.remove("data"));
      map.put("data", described);
    }
    List<Map<String, Object>> stages = new ArrayList<>();
    for (Step step : steps) {
      SequencedMap<String, Object> described = new LinkedHashMap<>();
      described.put("stage", step.name());
      described.putAll(Section.describe(step.options(), folder));
      stages.add(described);
    }
    encode.ifPresent(e -> {
      SequencedMap<String, Object> described = new LinkedHashMap<>();
      described.put("stage", "encode");
      described.putAll(Section.describe(e, folder));
      stages.add(described);
    });
    map.put("stages", stages);
    SequencedMap<String, Object> bounds = Section.describe(gates, folder);
    if (!bounds.isEmpty()) {
      map.put("gates", bounds);
    }
    if (!paper.isEmpty()) {
      map.put("paper", paper.stream().map(p -> Section.describe(p, folder)).toList());
    }
    return map;
  }
}
