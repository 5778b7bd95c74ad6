package compress.cli.compare;

import compress.cli.options.GateOptions;
import compress.cli.pipeline.Gates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What to take, for one aim.
 *
 * @param goal {@code smallest}, {@code fastest} or {@code best}
 * @param configuration its name; null if none keeps the bounds
 * @param recipe from the comparison's folder, of the seed that is best on the samples held out;
 *     what {@code compress run} makes the model by
 * @param model from the comparison's folder, that it made
 * @param reason why there is none; null if there is one
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Recommendation(
    String goal,
    @Nullable String configuration,
    @Nullable String recipe,
    @Nullable String model,
    @Nullable String reason) {

  /** How far the value may fall if nothing is said: without a bound the smallest is the worst. */
  static final double USUAL_DROP = 0.01;

  private static final String SMALLEST = "smallest";
  private static final String FASTEST = "fastest";
  private static final String BEST = "best";

  static List<Recommendation> of(
      List<Configuration> all, List<TrialResult> trials, GateOptions bounds, Metric metric) {
    Comparator<Configuration> bySize = Comparator.comparingLong(Configuration::bytes);
    Comparator<Configuration> byDrop = Comparator.comparingDouble(Configuration::choosingDrop);
    Comparator<Configuration> bySpeed =
        Comparator.comparingDouble(c -> {
          Double speedup = c.speedup();
          return speedup == null ? 0 : -speedup;
        });
    List<Configuration> kept = all.stream().filter(c -> keeps(c, bounds)).toList();
    List<Configuration> timed = kept.stream().filter(c -> c.speedup() != null).toList();
    boolean none = all.stream().allMatch(c -> c.speedup() == null);
    List<Recommendation> list = new ArrayList<>();
    list.add(of(SMALLEST, kept.stream().min(bySize.thenComparing(byDrop)), trials, metric, ""));
    list.add(
        of(
            FASTEST,
            timed.stream().min(bySpeed.thenComparing(byDrop)),
            trials,
            metric,
            none ? "nothing was timed" : ""));
    list.add(of(BEST, kept.stream().min(byDrop.thenComparing(bySize)), trials, metric, ""));
    return list;
  }

  private static boolean keeps(Configuration c, GateOptions bounds) {
    boolean usual = bounds.maxDrop() != null || c.choosingDrop() <= USUAL_DROP;
    return usual && Gates.of(bounds, c.chosenBy()).stream().allMatch(Gates.Gate::kept);
  }

  private static Recommendation of(
      String goal,
      Optional<Configuration> chosen,
      List<TrialResult> trials,
      Metric metric,
      String otherwise) {
    if (chosen.isEmpty()) {
      String reason =
          otherwise.isEmpty()
              ? "no configuration keeps the bounds; lower sparsities or --finetune may"
              : otherwise;
      return new Recommendation(goal, null, null, null, reason);
    }
    String name = chosen.get().name();
    TrialResult best =
        trials.stream()
            .filter(t -> t.trial().configuration().equals(name))
            .max(
                Comparator.comparingDouble((TrialResult t) -> chosenBy(t).by(metric))
                    .thenComparingLong(t -> -t.trial().seed()))
            .orElseThrow();
    return new Recommendation(
        goal,
        name,
        best.folder() + "/" + StudyFolder.RECIPE,
        best.folder() + "/" + StudyFolder.MODEL,
        null);
  }

  private static Quality chosenBy(TrialResult t) {
    Quality validation = t.validation();
    return validation == null ? t.test() : validation;
  }
}
