package compress.cli.report;

import compress.cli.compare.Comparison;
import compress.cli.options.GateOptions;
import compress.cli.pipeline.Gates;
import compress.model.FormatException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A report that some command has written or printed.
 *
 * @param path as it was named
 * @param json all of it
 * @param comparison present if it is that of {@code compare}
 */
public record ReportFile(Path path, JsonNode json, Optional<Comparison> comparison) {
  private static final String IN_A_FOLDER = "report.json";

  /**
   * @param path a file with JSON, or the folder of a comparison
   * @throws FormatException if it is no report
   */
  public static ReportFile read(Path path) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve(IN_A_FOLDER) : path;
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(Files.readString(file));
    } catch (JacksonException | CharacterCodingException e) {
      throw wrong(file);
    }
    if (json.path("kind").asString("").equals(Comparison.KIND)) {
      try {
        Comparison read = JsonMapper.shared().treeToValue(json, Comparison.class);
        return new ReportFile(path, json, Optional.of(read));
      } catch (JacksonException e) {
        throw new FormatException(
            file,
            FormatException.NOWHERE,
            "not a comparison of this version: " + e.getOriginalMessage(),
            e);
      }
    }
    if (!json.path("output").has("bytes") && !json.path("runs").isArray()) {
      throw wrong(file);
    }
    return new ReportFile(path, json, Optional.empty());
  }

  private static FormatException wrong(Path file) {
    return new FormatException(
        file,
        FormatException.NOWHERE,
        "no report; take what 'compare', 'run' or 'bench model' wrote, or printed with --json");
  }

  /** The comparison. */
  public Comparison requireComparison() throws FormatException {
    return comparison.orElseThrow(() ->
        new FormatException(
            path, FormatException.NOWHERE, "the report of a run; this takes that of 'compare'"));
  }

  /**
   * Each bound beside what was reached. A comparison keeps bounds if one configuration keeps them
   * all.
   *
   * @param configuration of a comparison; null for any
   * @throws IllegalArgumentException if it has none of this name
   */
  public List<Gates.Gate> gates(GateOptions options, @Nullable String configuration)
      throws IOException {
    if (comparison.isEmpty()) {
      if (configuration != null) {
        throw new IllegalArgumentException(
            path + ": the report of a run has no configurations; leave --configuration out");
      }
      return Gates.of(options, measured());
    }
    Comparison all = comparison.get();
    if (configuration == null) {
      return all.gates(options);
    }
    return Gates.of(
        options,
        all.configuration(configuration)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "%s: no configuration is called '%s'; there are: %s"
                        .formatted(
                            path,
                            configuration,
                            String.join(
                                ", ", all.configurations().stream().map(c -> c.name()).toList()))))
            .measured());
  }

  /** The figures of a run. */
  Gates.Measured measured() {
    Double before = number(json.path("metric_before"));
    Double after = number(json.path("metric_after"));
    JsonNode bytes = json.path("output").path("bytes");
    Double speedup = number(json.path("speedup"));
    return new Gates.Measured(
        before == null || after == null ? null : before - after,
        number(json.path("ratio")),
        bytes.isNumber() ? bytes.asLong() : null,
        speedup != null ? speedup : slowest());
  }

  /** The least speed-up of those that {@code bench model} found, over batches and threads. */
  private @Nullable Double slowest() {
    Double least = null;
    for (JsonNode run : json.path("runs")) {
      Double speedup = number(run.path("end_to_end").path("speedup"));
      if (speedup != null && (least == null || speedup < least)) {
        least = speedup;
      }
    }
    return least;
  }

  private static @Nullable Double number(JsonNode node) {
    return node.isNumber() ? node.asDouble() : null;
  }
}
