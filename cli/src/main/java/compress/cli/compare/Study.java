package compress.cli.compare;

import compress.cli.Compress;
import compress.cli.latency.Latencies;
import compress.cli.latency.Latency;
import compress.cli.options.GateOptions;
import compress.cli.pipeline.Environment;
import compress.cli.pipeline.OpenModel;
import compress.cli.pipeline.Sha256;
import compress.cli.pipeline.TemporaryFolder;
import compress.cli.recipe.RunOptions.EngineKind;
import compress.cli.recipe.Section;
import compress.encode.Decoder;
import compress.train.Progress;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;

/** Runs a comparison: what is missing of its trials, then the clock, then the statistics. */
public final class Study {
  private final Path file;
  private final CompareOptions options;
  private final GateOptions bounds;
  private final Progress progress;
  private final Consumer<String> news;
  private final SequencedMap<String, TrialResult> done = new LinkedHashMap<>();
  private final List<Comparison.Failure> failures = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  /**
   * @param news is told of each trial that ends
   */
  public Study(
      Path file,
      CompareOptions options,
      GateOptions bounds,
      Progress progress,
      Consumer<String> news) {
    this.file = file;
    this.options = options;
    this.bounds = bounds;
    this.progress = progress;
    this.news = news;
  }

  /**
   * Does what is missing, and writes the report.
   *
   * @throws IllegalArgumentException if options contradict each other or suit neither network nor
   *     data
   * @throws IOException if the original itself cannot be encoded and run
   */
  public Comparison run() throws IOException {
    options.check();
    try (OpenModel opened = OpenModel.open(file)) {
      if (opened.model().graph().isEmpty()) {
        throw new IllegalArgumentException(
            file + ": has no graph, so it cannot be run; take the ONNX file");
      }
      Optional<DataSplit> split =
          options.tokens().isPresent() ? Optional.empty() : options.data.read(1);
      Plan plan = new Plan(opened, options, split);
      plan.requireUsedSettings();
      Metric metric = plan.metric();
      try (StudyFolder study = StudyFolder.open(options.folder())) {
        List<Trial> trials = plan.trials();
        check(plan, trials, study, opened);
        List<Order> orders = new ArrayList<>();
        orders.add(plan.order(Trial.original(), study));
        for (Trial trial : trials) {
          orders.add(plan.order(trial, study));
        }
        TemporaryFolder.delete(study.path().resolve(StudyFolder.DRAFT));
        runTrials(orders, study);
        TrialResult original = done.remove(orders.getFirst().key());
        if (original == null) {
          throw new IOException("the original: " + failures.getFirst().reason());
        }
        List<TrialResult> results = new ArrayList<>();
        for (Order order : orders) {
          Optional.ofNullable(done.get(order.key())).ifPresent(results::add);
        }
        Timed timed = time(original, results, study);
        Optional<Map<String, Object>> kernels =
            KernelSweep.of(study, opened.model(), options, progress);
        Comparison comparison =
            compare(opened, plan, metric, timed.original, timed.results, kernels, study);
        study.write(study.path().resolve(StudyFolder.REPORT), comparison.json());
        return comparison;
      }
    }
  }

  /** Before anything slow: options that contradict each other, and a comparison of nothing. */
  private static void check(Plan plan, List<Trial> trials, StudyFolder study, OpenModel opened)
      throws IOException {
    Set<String> problems = new LinkedHashSet<>();
    boolean some = false;
    for (Trial trial : trials) {
      if (trial.seed() == 1) {
        List<String> found = plan.problems(trial, study, opened.model());
        some |= found.isEmpty();
        problems.addAll(found);
      }
    }
    if (!some) {
      throw new IllegalArgumentException("no trial can be run:\n" + String.join("\n", problems));
    }
  }

  private void runTrials(List<Order> orders, StudyFolder study) throws IOException {
    SequencedMap<String, List<Order>> groups = new LinkedHashMap<>();
    for (Order order : orders) {
      Optional<TrialResult> found = study.finished(order);
      if (found.isPresent()) {
        done.put(order.key(), found.get());
      } else {
        groups.computeIfAbsent(order.trial().pruning(), g -> new ArrayList<>()).add(order);
      }
    }
    long peak = done.values().stream().mapToLong(TrialResult::peakBytes).max().orElse(0);
    int missing = groups.values().stream().mapToInt(List::size).sum();
    if (missing == 0) {
      return;
    }
    try (Progress.Task task = progress.start("trials", orders.size())) {
      task.advance(orders.size() - missing);
      Listener listener = new Listener(study, task, orders.size());
      Collection<List<Order>> waiting = groups.values();
      boolean vectors = options.engine == EngineKind.BUNDLED;
      new WorkerPool(waiting, options.jobCount(), options.memoryBytes(), vectors, peak, listener)
          .run();
    }
  }

  private final class Listener implements WorkerPool.Listener {
    private final StudyFolder study;
    private final Progress.Task task;
    private final int total;

    Listener(StudyFolder study, Progress.Task task, int total) {
      this.study = study;
      this.task = task;
      this.total = total;
    }

    @Override
    public long ended(Order order, Optional<String> failure) throws IOException {
      task.advance(1);
      Trial trial = order.trial();
      String name = trial.configuration() + (trial.isOriginal() ? "" : " seed " + trial.seed());
      Optional<TrialResult> result = failure.isPresent() ? Optional.empty() : study.finished(order);
      if (result.isPresent()) {
        done.put(order.key(), result.get());
        study.forgetFailure(order);
        task.note(name);
        news.accept(
            "%d of %d: %s, %,d bytes"
                .formatted(done.size() + failures.size(), total, name, result.get().bytes()));
        return result.get().peakBytes();
      }
      String reason = failure.orElse("its result is not what was asked for");
      failures.add(new Comparison.Failure(trial, reason));
      study.fail(order, reason);
      news.accept(
          "%d of %d: %s failed: %s".formatted(done.size() + failures.size(), total, name, reason));
      return 0;
    }

    @Override
    public void endedAll(List<Order> group) throws IOException {
      study.forgetWork(group.getFirst().trial());
    }
  }

  private record Timed(TrialResult original, List<TrialResult> results) {}

  /**
   * Times the original and the first seed of each configuration, all in one go: times of another
   * day are no measure for those of today.
   */
  private Timed time(TrialResult original, List<TrialResult> results, StudyFolder study)
      throws IOException {
    if (options.noLatency) {
      return new Timed(original, results);
    }
    List<TrialResult> subjects = new ArrayList<>(List.of(original));
    Comparison.byConfiguration(results).values().forEach(g -> subjects.add(g.getFirst()));
    List<StudyFolder.Timed> times = new ArrayList<>();
    for (TrialResult subject : subjects) {
      study.timed(subject, circumstances(subject)).ifPresent(times::add);
    }
    if (times.size() < subjects.size()) {
      Latencies measured = measure(subjects, study);
      times.clear();
      for (int i = 0; i < subjects.size(); i++) {
        times.add(
            new StudyFolder.Timed(
                circumstances(subjects.get(i)), measured.byFile().get(i), measured.remarks()));
        study.keep(subjects.get(i), times.get(i));
      }
    }
    remarks.addAll(times.getFirst().remarks());
    List<TrialResult> timed = new ArrayList<>(results);
    for (int i = 1; i < subjects.size(); i++) {
      TrialResult subject = subjects.get(i);
      List<Latency> measured = times.get(i).latencies();
      timed.replaceAll(r -> r.key().equals(subject.key()) ? r.with(measured) : r);
    }
    return new Timed(original.with(times.getFirst().latencies()), timed);
  }

  private Latencies measure(List<TrialResult> subjects, StudyFolder study) throws IOException {
    List<String> told = new ArrayList<>();
    OtherWork.share()
        .filter(share -> share > 0.1)
        .ifPresent(share ->
            told.add(
                "other programs used %.0f %% of the processors just before the timing, so times are"
                        .formatted(100 * share)
                    + " upper bounds"));
    try (TemporaryFolder folder = new TemporaryFolder()) {
      List<Path> files = new ArrayList<>();
      for (int i = 0; i < subjects.size(); i++) {
        Path plain = folder.path().resolve(i + ".onnx");
        Decoder.decode(study.folder(subjects.get(i).folder()).resolve(StudyFolder.MODEL), plain);
        files.add(plain);
      }
      Latencies measured =
          Latencies.measure(files, options.latencyBatch, options.latencyThreads, progress);
      for (String remark : measured.remarks()) {
        told.add(named(remark, subjects));
      }
      return new Latencies(measured.byFile(), told);
    }
  }

  /** The file's number, which says nothing to the user, as the configuration's name. */
  private static String named(String remark, List<TrialResult> subjects) {
    String named = remark;
    for (int i = 0; i < subjects.size(); i++) {
      named =
          named.replace(" " + i + ".onnx:", " " + subjects.get(i).trial().configuration() + ":");
    }
    return named;
  }

  private String circumstances(TrialResult subject) {
    return Sha256.of(
        "%s %s %s %s batch %d threads %d"
            .formatted(
                subject.sha256(),
                Latencies.runtimes(),
                Environment.machine(),
                Environment.versions(Compress.version()),
                options.latencyBatch,
                options.latencyThreads));
  }

  private Comparison compare(
      OpenModel opened,
      Plan plan,
      Metric metric,
      TrialResult original,
      List<TrialResult> results,
      Optional<Map<String, Object>> kernels,
      StudyFolder study)
      throws IOException {
    List<Configuration> configurations = new ArrayList<>();
    for (List<TrialResult> group : Comparison.byConfiguration(results).values()) {
      configurations.add(Configuration.of(group, original, metric));
    }
    configurations = Configuration.marked(configurations);
    if (options.data.given()
        && (plan.split().isEmpty() || plan.split().get().validation().isEmpty())) {
      remarks.add(
          "the data has no samples held out to choose by, so recommendations were chosen on the"
              + " samples that they are reported on");
    }
    return new Comparison(
        Comparison.KIND,
        metric,
        model(opened),
        data(plan),
        budget(plan),
        Section.describe(bounds, Path.of("")),
        original,
        results,
        failures,
        configurations,
        PairedTest.corrected(tests(results, metric, study)),
        Recommendation.of(configurations, results, bounds, metric),
        kernels.orElse(null),
        remarks,
        Environment.versions(Compress.version()),
        Environment.machine());
  }

  private static SequencedMap<String, Object> model(OpenModel opened) throws IOException {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("file", opened.path().toString());
    map.put("bytes", opened.bytes());
    map.put("sha256", opened.sha256());
    map.put("parameters", opened.model().parameters());
    return map;
  }

  private SequencedMap<String, Object> data(Plan plan) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("path", options.data.path().map(Path::toString).orElse("random"));
    if (plan.split().isPresent()) {
      DataSplit split = plan.split().get();
      map.put("training_samples", split.train().size());
      map.put("validation_samples", split.validation().size());
      map.put("test_samples", plan.reported().size());
      map.put("reported_on", split.test().isEmpty() ? "training samples" : "test samples");
      map.put("labels", plan.reported().hasLabels());
      map.put("preprocessing", split.preprocessing().toString());
    }
    return map;
  }

  private SequencedMap<String, Object> budget(Plan plan) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("epochs", options.finetune.epochs());
    map.put("quantize_epochs", options.quantizeFinetune);
    map.put("seeds", options.seedCount());
    map.put("threads", options.threads);
    plan.split().ifPresent(s -> map.put("training_samples", s.train().size()));
    if (options.finetune.epochs() + options.quantizeFinetune > 0) {
      SequencedMap<String, Object> training = Section.describe(options.finetune, Path.of(""));
      training.remove("finetune");
      map.put("training", training);
    }
    return map;
  }

  /** Each two patterns that were run at the same sparsity, with weights stored alike. */
  private static List<PairedTest> tests(List<TrialResult> results, Metric metric, StudyFolder study)
      throws IOException {
    SequencedMap<String, List<List<TrialResult>>> comparable = new LinkedHashMap<>();
    for (List<TrialResult> group : Comparison.byConfiguration(results).values()) {
      Trial t = group.getFirst().trial();
      String key = "%.6f %s".formatted(t.sparsity(), t.storage());
      comparable.computeIfAbsent(key, k -> new ArrayList<>()).add(group);
    }
    List<PairedTest> tests = new ArrayList<>();
    for (List<List<TrialResult>> groups : comparable.values()) {
      for (int a = 0; a < groups.size(); a++) {
        for (int b = a + 1; b < groups.size(); b++) {
          Set<Long> seeds = new LinkedHashSet<>();
          groups.get(a).forEach(t -> seeds.add(t.trial().seed()));
          Set<Long> others = new LinkedHashSet<>();
          groups.get(b).forEach(t -> others.add(t.trial().seed()));
          seeds.retainAll(others);
          if (!seeds.isEmpty()) {
            Trial trial = groups.get(a).getFirst().trial();
            tests.add(
                PairedTest.of(
                    scores(groups.get(a), seeds, metric, study),
                    scores(groups.get(b), seeds, metric, study),
                    trial.sparsity(),
                    trial.storage()));
          }
        }
      }
    }
    return tests;
  }

  private static PairedTest.Scores scores(
      List<TrialResult> group, Set<Long> seeds, Metric metric, StudyFolder study)
      throws IOException {
    List<double[]> scores = new ArrayList<>();
    for (TrialResult t : group) {
      if (seeds.contains(t.trial().seed())) {
        scores.add(study.answers(t).by(metric));
      }
    }
    return new PairedTest.Scores(
        group.getFirst().trial().pattern(), scores.toArray(double[][]::new));
  }
}
