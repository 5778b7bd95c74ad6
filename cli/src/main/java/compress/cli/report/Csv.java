package compress.cli.report;

import compress.cli.compare.Comparison;
import compress.cli.compare.Configuration;
import compress.cli.compare.TrialResult;
import compress.cli.latency.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A comparison as comma-separated values: a line for each trial, the original first. */
public final class Csv {
  private static final List<String> COLUMNS =
      List.of(
          "pattern",
          "sparsity",
          "bits",
          "values",
          "seed",
          "accuracy",
          "agreement",
          "kl",
          "cosine",
          "samples",
          "bytes",
          "ratio",
          "parameters",
          "nonzero",
          "seconds");

  private Csv() {}

  /** Empty cells are what was not measured. Of each configuration one seed was timed. */
  public static String of(Comparison comparison) {
    List<String> runtimes =
        comparison.original().latencies().stream().map(Latency::runtime).toList();
    List<String> heading = new ArrayList<>(COLUMNS);
    runtimes.forEach(r -> heading.add(r + "_ms"));
    heading.add("speedup");
    StringBuilder text = new StringBuilder(String.join(",", heading)).append('\n');
    append(text, comparison, comparison.original(), runtimes);
    comparison.trials().forEach(t -> append(text, comparison, t, runtimes));
    return text.toString();
  }

  private static void append(
      StringBuilder text, Comparison comparison, TrialResult t, List<String> runtimes) {
    List<String> cells = new ArrayList<>();
    cells.add(quoted(t.trial().pattern()));
    cells.add(number(t.trial().sparsity()));
    cells.add(Integer.toString(t.trial().bits()));
    cells.add(t.trial().values());
    cells.add(Long.toString(t.trial().seed()));
    Double accuracy = t.test().accuracy();
    cells.add(accuracy == null ? "" : number(accuracy));
    cells.add(number(t.test().agreement()));
    cells.add(number(t.test().kl()));
    cells.add(number(t.test().cosine()));
    cells.add(Long.toString(t.test().samples()));
    cells.add(Long.toString(t.bytes()));
    cells.add(number(t.ratio()));
    cells.add(Long.toString(t.parameters()));
    cells.add(Long.toString(t.nonzero()));
    cells.add(String.format(Locale.ROOT, "%.3f", t.seconds()));
    for (String runtime : runtimes) {
      cells.add(
          t.latencies().stream()
              .filter(l -> l.runtime().equals(runtime))
              .findFirst()
              .map(l -> number(l.medianMs()))
              .orElse(""));
    }
    cells.add(t.latencies().isEmpty() ? "" : speedup(comparison, t));
    text.append(String.join(",", cells)).append('\n');
  }

  private static String speedup(Comparison comparison, TrialResult t) {
    @Nullable Double speedup =
        comparison
            .configuration(t.trial().configuration())
            .map(Configuration::speedup)
            .orElse(null);
    return speedup == null ? "1" : number(speedup);
  }

  private static String number(double value) {
    return Double.toString(value);
  }

  private static String quoted(String text) {
    return text.contains(",") ? '"' + text + '"' : text;
  }
}
