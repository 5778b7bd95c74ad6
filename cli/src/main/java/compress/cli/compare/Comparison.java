package compress.cli.compare;

import compress.cli.Json;
import compress.cli.options.GateOptions;
import compress.cli.pipeline.Gates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What came of a comparison: all of {@code report.json}, from which pages and tables are made.
 *
 * @param kind {@value #KIND}
 * @param metric what trials are judged by
 * @param model the original's file, format and size
 * @param data what trials are trained and judged on
 * @param budget what each trial may spend, the same for all
 * @param bounds that were asked for; empty if none
 * @param original the network as it came, encoded
 * @param trials that went well
 * @param failures those that did not
 * @param configurations trials without regard to their seeds
 * @param tests between patterns, where all else is equal
 * @param kernels what {@code bench kernels} found, as its document; null if it was not asked
 * @param remarks what a reader should know
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Comparison(
    String kind,
    Metric metric,
    Map<String, Object> model,
    Map<String, Object> data,
    Map<String, Object> budget,
    Map<String, Object> bounds,
    TrialResult original,
    List<TrialResult> trials,
    List<Failure> failures,
    List<Configuration> configurations,
    List<PairedTest> tests,
    List<Recommendation> recommendations,
    @Nullable Map<String, Object> kernels,
    List<String> remarks,
    Map<String, Object> versions,
    Map<String, Object> machine) {
  /** What {@code kind} says of such a report. */
  public static final String KIND = "comparison";

  /**
   * A trial that has no result.
   *
   * @param reason in a line for the user
   */
  public record Failure(Trial trial, String reason) {}

  /** The trials of each configuration, in the order of the first ones. */
  static SequencedMap<String, List<TrialResult>> byConfiguration(List<TrialResult> trials) {
    SequencedMap<String, List<TrialResult>> groups = new LinkedHashMap<>();
    trials.forEach(
        t -> groups.computeIfAbsent(t.trial().configuration(), c -> new ArrayList<>()).add(t));
    groups.values().forEach(g -> g.sort(Comparator.comparingLong(t -> t.trial().seed())));
    return groups;
  }

  /** The configuration of this name. */
  public Optional<Configuration> configuration(String name) {
    return configurations.stream().filter(c -> c.name().equals(name)).findFirst();
  }

  /**
   * What the bounds say: they are kept if one configuration keeps them all. Else the gates of the
   * one that misses fewest, and of those the one that is best.
   */
  public List<Gates.Gate> gates(GateOptions wanted) {
    List<Gates.Gate> nearest = Gates.of(wanted, new Gates.Measured(null, null, null, null));
    double leastDrop = Double.POSITIVE_INFINITY;
    for (Configuration c : configurations) {
      List<Gates.Gate> gates = Gates.of(wanted, c.measured());
      int fewer = Gates.missed(gates).size() - Gates.missed(nearest).size();
      if (fewer < 0 || fewer == 0 && c.drop() < leastDrop) {
        nearest = gates;
        leastDrop = c.drop();
      }
    }
    return nearest;
  }

  /** As {@code report.json} has it. */
  public String json() {
    return Json.text(this);
  }
}
