package compress.cli.bench;

import compress.cli.Figures;
import compress.kernels.measure.Case;
import compress.kernels.measure.Dispatcher;
import compress.kernels.measure.Machine;
import compress.kernels.measure.Result;
import compress.kernels.measure.Tuning;
import compress.kernels.measure.TuningFile;
import compress.train.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Measures what a {@link Dispatcher} needs to know of this machine, writes it to where it is looked
 * for, and says how good its choices are on sizes that it has not seen.
 */
public final class KernelTuning {
  /** The table for a number of threads. */
  private record Table(int threads, Path file, int results, Dispatcher.Quality quality) {}

  private final Machine machine;
  private final List<Table> tables;
  private final List<String> remarks;

  private KernelTuning(Machine machine, List<Table> tables, List<String> remarks) {
    this.machine = machine;
    this.tables = tables;
    this.remarks = remarks;
  }

  public static KernelTuning measure(
      List<Integer> threads, double budgetSeconds, long seed, Progress progress)
      throws IOException {
    Set<Case> heldOut = Set.copyOf(Tuning.heldOut());
    List<Case> cases = new ArrayList<>(Tuning.heldOut());
    cases.addAll(Tuning.cases());
    Sweep sweep = new Sweep(cases, threads, Tuning.PLAN, List.of(), seed, List.of(), budgetSeconds);
    KernelReport report = Forks.measure(sweep, 1, progress);
    Set<String> heldOutSizes = heldOut.stream().map(KernelTuning::size).collect(Collectors.toSet());
    List<Table> tables = new ArrayList<>();
    for (int t : threads) {
      List<Result> all = report.results().stream().filter(r -> r.threads() == t).toList();
      List<Result> judged = all.stream().filter(r -> heldOutSizes.contains(size(r))).toList();
      List<Result> table = all.stream().filter(r -> !heldOutSizes.contains(size(r))).toList();
      Path file = TuningFile.path(report.machine(), t);
      // What the table was judged by is as good to know as the rest.
      new TuningFile(report.machine(), all).write(file);
      tables.add(new Table(t, file, all.size(), new Dispatcher(table).judge(judged)));
    }
    return new KernelTuning(report.machine(), tables, report.remarks());
  }

  private static String size(Case c) {
    return c.m() + "x" + c.k();
  }

  private static String size(Result r) {
    return r.m() + "x" + r.k();
  }

  public List<String> remarks() {
    return remarks;
  }

  /** One paragraph for each number of threads. */
  public String text() {
    StringBuilder text = new StringBuilder(machine.cpu()).append('\n');
    for (Table t : tables) {
      text.append(
          """
          %s: %s measured, kept in %s
            on %s of other sizes: the fastest kernel picked for %s, at worst %s its time, %s
          """
              .formatted(
                  Figures.count(t.threads, "thread"),
                  Figures.count(t.results, "time"),
                  t.file,
                  Figures.count(t.quality.cases(), "case"),
                  Figures.percent(t.quality.hits()),
                  Figures.ratio(t.quality.worstRegret()),
                  t.quality.worstAgainstDense() > 1
                      ? "at worst "
                          + Figures.ratio(t.quality.worstAgainstDense())
                          + " the dense one's"
                      : "never slower than the dense one"));
    }
    return text.toString();
  }

  public Map<String, Object> document() {
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("machine", machine);
    List<Object> list = new ArrayList<>();
    for (Table t : tables) {
      SequencedMap<String, Object> map = new LinkedHashMap<>();
      map.put("threads", t.threads);
      map.put("file", t.file.toString());
      map.put("results", t.results);
      map.put("judged_cases", t.quality.cases());
      map.put("hit_rate", t.quality.hits());
      map.put("worst_regret", t.quality.worstRegret());
      map.put("worst_against_dense", t.quality.worstAgainstDense());
      list.add(map);
    }
    document.put("tables", list);
    return document;
  }
}
