package compress.cli.compare;

import compress.cli.Figures;
import compress.cli.latency.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pieces of text that the terminal, Markdown and the page have in common. */
public final class Sentences {
  private Sentences() {}

  /**
   * The network as it came: {@code 1.73 MB, encoded without loss 1.59 MB (1.09×), accuracy ...}.
   */
  public static String original(Comparison comparison) {
    TrialResult original = comparison.original();
    Metric metric = comparison.metric();
    String samples = Figures.count(original.test().samples(), "sample");
    String quality =
        metric == Metric.ACCURACY
            ? "accuracy %s on %s".formatted(metric.text(original.test().by(metric)), samples)
            : "judged by %s with its answers to %s".formatted(metric, samples);
    return "%s, encoded without loss %s (%s), %s"
        .formatted(
            Figures.bytes(long64(comparison.model().get("bytes"))),
            Figures.bytes(original.bytes()),
            Figures.ratio(original.ratio()),
            quality);
  }

  private static long long64(@Nullable Object value) {
    return value instanceof Number n ? n.longValue() : 0;
  }

  /** {@code 45 trials: 15 configurations, 3 seeds; 1 epoch on 9,167 samples each, 2 failed}. */
  public static String budget(Comparison comparison) {
    Map<String, Object> budget = comparison.budget();
    int epochs = number(budget.get("epochs"));
    int quantize = number(budget.get("quantize_epochs"));
    String training =
        epochs + quantize == 0
            ? "no training"
            : "%s%s on %s each"
                .formatted(
                    Figures.count(epochs, "epoch"),
                    quantize == 0 ? "" : " and " + quantize + " after quantizing",
                    Figures.count(number(budget.get("training_samples")), "sample"));
    int failed = comparison.failures().size();
    return "%s: %s, %s, %s%s"
        .formatted(
            Figures.count(comparison.trials().size() + failed, "trial"),
            Figures.count(comparison.configurations().size(), "configuration"),
            Figures.count(number(budget.get("seeds")), "seed"),
            training,
            failed == 0 ? "" : ", " + failed + " failed");
  }

  private static int number(@Nullable Object value) {
    return value instanceof Number n ? n.intValue() : 0;
  }

  /** {@code 98.80 to 99.19}. */
  public static String interval(Metric metric, Configuration c) {
    return c.low() == c.high()
        ? ""
        : metric.text(c.low()).replace(" %", "") + " to " + metric.text(c.high()).replace(" %", "");
  }

  /** The time by one runtime: {@code 0.412 ms}; empty if there is none. */
  public static String millis(List<Latency> latencies, String runtime) {
    return latencies.stream()
        .filter(l -> l.runtime().equals(runtime))
        .findFirst()
        .map(l -> Figures.number(l.medianMs()) + " ms")
        .orElse("");
  }

  /** Which of its costs no other configuration beats at its quality. */
  public static String pareto(Configuration c) {
    List<String> fronts = new ArrayList<>();
    if (c.paretoBytes()) {
      fronts.add("bytes");
    }
    if (c.paretoTime()) {
      fronts.add("time");
    }
    return String.join(", ", fronts);
  }

  /** {@code 0.031}, {@code < 0.001}. */
  public static String p(double p) {
    return p < 0.001 ? "< 0.001" : String.format(Locale.ROOT, "%.3f", p);
  }

  /** What a recommended configuration reaches, or why there is none. */
  public static String of(Comparison comparison, Recommendation r) {
    String name = r.configuration();
    if (name == null) {
      return "none: " + r.reason();
    }
    Configuration c = comparison.configuration(name).orElseThrow();
    Metric metric = comparison.metric();
    Double speedup = c.speedup();
    return "%s: %s %s (%s), %s (%s)%s"
        .formatted(
            name,
            metric,
            metric.text(c.value()),
            metric.difference(-c.drop()),
            Figures.bytes(c.bytes()),
            Figures.ratio(c.ratio()),
            speedup == null ? "" : ", " + Figures.ratio(speedup) + " as fast");
  }

  /** Under which a recommendation was made. */
  public static String bounds(Comparison comparison) {
    List<String> bounds = new ArrayList<>();
    comparison.bounds().forEach((name, bound) -> bounds.add(name + " " + bound));
    if (!comparison.bounds().containsKey("max-drop")) {
      bounds.add("max-drop %s, as none was given".formatted(Recommendation.USUAL_DROP));
    }
    boolean heldOut = comparison.original().validation() != null;
    return String.join(", ", bounds)
        + (heldOut ? "; chosen on samples held out, reported on test samples" : "");
  }
}
