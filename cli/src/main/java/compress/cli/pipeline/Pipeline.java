package compress.cli.pipeline;

import compress.cli.latency.Latencies;
import compress.cli.options.DataOptions;
import compress.cli.options.GateOptions;
import compress.cli.recipe.Recipe;
import compress.cli.recipe.Recipe.Source;
import compress.cli.recipe.Recipe.Step;
import compress.cli.recipe.Section;
import compress.encode.Decoder;
import compress.encode.EncodeReport;
import compress.encode.Encoder;
import compress.model.Affine;
import compress.model.AtomicFile;
import compress.model.FileLayout;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Param;
import compress.train.Accuracy;
import compress.train.Context;
import compress.train.Outcome;
import compress.train.Progress;
import compress.train.Skip;
import compress.train.Stage;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs a recipe. Everything that can be checked is checked before anything slow. Each stage reads
 * the file that the one before wrote, so a run that was killed and continues works on the very same
 * bytes as one that was not.
 */
public final class Pipeline {
  private final Recipe recipe;
  private final RunFlags flags;
  private final String version;
  private final Progress progress;
  private Optional<Path> workFolder = Optional.empty();
  private boolean evaluates = true;

  /**
   * @param version of this program, for reports
   */
  public Pipeline(Recipe recipe, RunFlags flags, String version, Progress progress) {
    this.recipe = recipe;
    this.flags = flags;
    this.version = version;
    this.progress = progress;
  }

  /**
   * Keeps checkpoints in {@code folder} instead of beside the output. Recipes that begin alike find
   * there what another has done, one after the other.
   */
  public Pipeline in(Path folder) {
    workFolder = Optional.of(folder);
    return this;
  }

  /** Leaves the accuracies to who reads the result. */
  public Pipeline unevaluated() {
    evaluates = false;
    return this;
  }

  /** A network between two steps: as a file, and what it depends on. */
  private record State(Model model, Path plain, String key) {}

  /**
   * Does what the recipe says, or under {@code --dry-run} predicts it.
   *
   * @throws IllegalArgumentException if the recipe cannot be followed
   * @throws FileAlreadyExistsException if the output is there already
   * @throws SkippedException if a stage skipped something under {@code --strict}
   */
  public RunReport run() throws IOException {
    long start = System.nanoTime();
    Path output = output();
    WorkFolder work =
        workFolder.isPresent() ? WorkFolder.at(workFolder.get()) : WorkFolder.of(output);
    boolean replaces = Files.exists(output) && !flags.force() && !work.isUnfinished();
    if (replaces && !flags.dryRun()) {
      throw new FileAlreadyExistsException(output.toString());
    }
    try (Input input = Input.open(recipe.source(), recipe.run().seed())) {
      Context context = context();
      check(input.model(), context);
      if (flags.dryRun()) {
        return predict(input, output, context, start);
      }
      if (flags.saveRecipe().isPresent()) {
        writeRecipe(flags.saveRecipe().get());
      }
      work.begin();
      try {
        RunReport report = run(input, output, work, context, start);
        work.end(flags.keepWork());
        return report;
      } catch (IOException | RuntimeException e) {
        work.abandon();
        throw e;
      }
    }
  }

  private Path output() {
    Path output =
        recipe
            .run()
            .output()
            .orElseThrow(() ->
                new IllegalArgumentException("where the result goes is missing: --output FILE"));
    boolean container = output.toString().endsWith(".cmpr");
    if (recipe.encode().isPresent() != container) {
      throw new IllegalArgumentException(
          container
              ? output + ": a .cmpr file is what 'encode' makes, and nothing is encoded here"
              : output + ": the result is encoded, so its name must end with .cmpr");
    }
    if (!container) {
      ModelFiles.formatByName(output);
    }
    return output;
  }

  private Context context() throws IOException {
    DataOptions data = recipe.data();
    long seed = recipe.run().seed();
    Context context = Context.of(seed).withThreads(recipe.run().threads()).withProgress(progress);
    Optional<DataSplit> split = data.read(seed);
    return split.isPresent() ? context.withData(split.get()) : context;
  }

  /** Lists everything that is wrong, for all stages. */
  private void check(Model model, Context context) throws IOException {
    List<String> problems = new ArrayList<>();
    GateOptions gates = recipe.gates();
    boolean measurable =
        context.data().isPresent() && Evaluation.possible(context.data().get(), model);
    if (gates.maxDrop() != null && !measurable) {
      problems.add(
          "max-drop needs labelled test samples and a model with a graph; name some with --data");
    }
    for (Step step : recipe.steps()) {
      for (String problem : stage(step, model).check(model, context)) {
        problems.add(step.complain(problem).getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  private static Stage stage(Step step, Model original) throws IOException {
    try {
      return step.options().stage(original);
    } catch (IllegalArgumentException e) {
      throw step.complain(String.valueOf(e.getMessage()));
    }
  }

  private RunReport run(Input input, Path output, WorkFolder work, Context context, long start)
      throws IOException {
    RunReport report = new RunReport(recipe, version);
    State baseline = baseline(input, work);
    State state = baseline;
    boolean fresh = recipe.source() instanceof Source.Fresh;
    for (int i = 0; i < recipe.steps().size(); i++) {
      Step step = recipe.steps().get(i);
      state = step(i, step, state, baseline, input, work, context, report);
      // A network from scratch is compared with what it was once it was trained.
      fresh &= step.name().equals("train");
      if (fresh) {
        baseline = state;
      }
    }
    if (input.opened().isPresent()) {
      report.input(input.opened().get());
    } else {
      report.input(input.name(), baseline.plain());
    }
    Optional<Accuracy> before = accuracy(baseline, context);
    State result = write(input, state, output, work, report);
    report.model(result.model());
    if (before.isPresent()) {
      report.accuracy(before.get(), accuracy(result, context).orElseThrow(), recipe.run().engine());
    }
    if (evaluates && runsOnIntegers(result.model())) {
      report.speed(
          Evaluation.speed(baseline.plain(), result.plain(), result.model(), context.threads()));
    }
    if (recipe.gates().minSpeedup() != null) {
      time(baseline, result, report);
    }
    report.finish(recipe.gates(), (System.nanoTime() - start) / 1e9);
    if (recipe.file().isPresent() && workFolder.isEmpty()) {
      report.write(beside(output, ".report.json"));
      writeRecipe(beside(output, ".recipe.yaml"));
    }
    return report;
  }

  /** Whether integers were made that may make the network slower or faster. */
  private boolean runsOnIntegers(Model model) {
    boolean integers =
        model.params().values().stream()
            .anyMatch(
                p -> p.values() instanceof Affine || !p.type().isFloat() && p.type().bits() < 32);
    return integers
        && model.graph().isPresent()
        && recipe.steps().stream().anyMatch(s -> s.name().equals("quantize"));
  }

  private State baseline(Input input, WorkFolder work) throws IOException {
    if (input.opened().isPresent()) {
      return new State(input.model(), input.opened().get().plain(), input.key());
    }
    Path plain = work.file(input.name());
    ModelFiles.write(input.model(), plain);
    return new State(ModelFiles.read(plain), plain, input.key());
  }

  /** Runs one step, or finds it done. */
  private State step(
      int number,
      Step step,
      State from,
      State baseline,
      Input input,
      WorkFolder work,
      Context context,
      RunReport report)
      throws IOException {
    String key = key(step, from, baseline, context);
    String name = "%d-%s-%s".formatted(number + 1, step.name(), key.substring(0, 16));
    Path file = work.file(name + "." + input.format());
    Optional<StageRecord> done = work.finished(name, file);
    if (done.isEmpty()) {
      Path inProgress = work.folder(name + ".state");
      long start = System.nanoTime();
      Outcome outcome =
          stage(step, baseline.model()).run(from.model(), context.withCheckpoints(inProgress));
      List<Skip> skipped = ProtectedLayers.others(outcome.skipped(), outcome.details());
      if (flags.strict() && !skipped.isEmpty()) {
        throw new SkippedException(step.name(), skipped);
      }
      ModelFiles.write(outcome.model(), file);
      requireSameZeros(outcome.model(), ModelFiles.read(file));
      done =
          Optional.of(
              work.finish(
                  name,
                  new StageRecord(
                      step.name(),
                      Section.describe(step.options(), work.path()),
                      outcome.changed(),
                      outcome.skipped(),
                      outcome.details(),
                      outcome.model().parameters(),
                      TensorFacts.nonzero(outcome.model()),
                      Files.size(file),
                      Sha256.of(file),
                      (System.nanoTime() - start) / 1e9)));
      TemporaryFolder.delete(inProgress);
    }
    report.stage(done.get());
    return new State(ModelFiles.read(file), file, key);
  }

  /** A pattern that a stage has made must be in the file, entry by entry. */
  private static void requireSameZeros(Model made, Model read) throws IOException {
    for (Param param : made.params().values()) {
      if (param.type().isFloat()
          && param.size() < Integer.MAX_VALUE
          && !param.mask().equals(read.param(param.name()).mask())) {
        throw new IOException(
            param.name() + ": what was read back has other zeros than was written");
      }
    }
  }

  /** The hash of all that a step's result depends on. */
  private String key(Step step, State from, State baseline, Context context) throws IOException {
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("version", version);
    inputs.put("from", from.key());
    inputs.put("baseline", baseline.key());
    inputs.put("stage", step.name());
    inputs.put("options", Section.describe(step.options(), Path.of("")));
    inputs.put("seed", context.seed());
    inputs.put("threads", context.threads());
    List<String> files = new ArrayList<>();
    for (Path file : step.options().files()) {
      files.add(Sha256.of(file));
    }
    inputs.put("files", files);
    if (context.data().isPresent()) {
      DataSplit data = context.data().get();
      inputs.put("train", data.train().sha256());
      inputs.put("validation", data.validation().sha256());
      inputs.put("preprocessing", data.preprocessing().toString());
    }
    return Sha256.of(JsonMapper.shared().writeValueAsString(inputs));
  }

  /** Writes the output, and gives what is read back from it. */
  private State write(Input input, State state, Path output, WorkFolder work, RunReport report)
      throws IOException {
    if (recipe.encode().isEmpty()) {
      ModelFiles.write(state.model(), output);
      report.output(output, ModelFiles.layout(output));
      return new State(ModelFiles.read(output), output, state.key());
    }
    FileLayout layout = ModelFiles.layout(named(input, state.plain(), work));
    try (Progress.Task task = progress.start("encode", 1000)) {
      EncodeReport encoded =
          Encoder.encode(
              layout,
              output,
              recipe.encode().get().options(recipe.run().threads(), permille(task)));
      report.encoded(output, encoded, LayerRow.of(state.model(), encoded));
    }
    Path decoded = work.folder("decoded").resolve(input.name());
    Decoder.decode(output, decoded);
    return new State(ModelFiles.read(decoded), decoded, state.key());
  }

  /** The file under the name of the input, which the container remembers. */
  private static Path named(Input input, Path plain, WorkFolder work) throws IOException {
    boolean isInput = input.opened().map(o -> o.plain().equals(plain)).orElse(false);
    if (isInput) {
      return plain;
    }
    Path named = work.folder("encoded").resolve(input.name());
    Files.deleteIfExists(named);
    try {
      Files.createLink(named, plain);
    } catch (UnsupportedOperationException | IOException e) {
      Files.copy(plain, named);
    }
    return named;
  }

  private static compress.encode.Progress permille(Progress.Task task) {
    long[] shown = {0};
    return (done, of) -> {
      long now = of == 0 ? 1000 : 1000 * done / of;
      task.advance(now - shown[0]);
      shown[0] = now;
    };
  }

  /** How long both networks take, one input at a time. */
  private void time(State baseline, State result, RunReport report) throws IOException {
    Latencies times =
        Latencies.measure(
            List.of(baseline.plain(), result.plain()), 1, recipe.run().threads(), progress);
    report.latencies(times);
  }

  private Optional<Accuracy> accuracy(State state, Context context) throws IOException {
    if (!evaluates
        || context.data().isEmpty()
        || !Evaluation.possible(context.data().get(), state.model())) {
      return Optional.empty();
    }
    return Optional.of(
        Evaluation.accuracy(
            recipe.run().engine(),
            state.plain(),
            state.model(),
            context.data().get(),
            context.threads(),
            progress));
  }

  /** The stages without their training, on copies that nobody sees. */
  private RunReport predict(Input input, Path output, Context context, long start)
      throws IOException {
    RunReport report = new RunReport(recipe, version);
    Model model = input.model();
    for (Step step : recipe.steps()) {
      Optional<Stage> stage = step.options().untrained(input.model());
      if (stage.isPresent()) {
        Outcome outcome = stage.get().run(model, context);
        model = outcome.model();
        report.predictedStage(step, outcome);
      } else {
        report.predictedStage(step, new Outcome(model, List.of(), List.of(), Map.of()));
      }
    }
    try (TemporaryFolder folder = new TemporaryFolder()) {
      Path plain = folder.path().resolve(input.name());
      ModelFiles.write(model, plain);
      if (input.opened().isPresent()) {
        report.input(input.opened().get());
      } else {
        report.input(input.name(), plain);
      }
      if (recipe.encode().isPresent()) {
        EncodeReport measured =
            Encoder.measure(
                ModelFiles.layout(plain),
                recipe
                    .encode()
                    .get()
                    .options(recipe.run().threads(), compress.encode.Progress.NONE));
        report.predicted(output, measured.bytes());
        report.layers(measured, LayerRow.of(model, measured));
      } else {
        report.predicted(output, Files.size(plain));
      }
    }
    report.model(model);
    report.finish(recipe.gates(), (System.nanoTime() - start) / 1e9);
    return report;
  }

  /** {@code OUTPUT} with another ending. */
  static Path beside(Path output, String ending) {
    return output.resolveSibling(Input.stem(output) + ending);
  }

  private void writeRecipe(Path file) throws IOException {
    Path folder = Optional.ofNullable(file.getParent()).orElse(Path.of(""));
    AtomicFile.write(file, recipe.toYaml(folder).getBytes(StandardCharsets.UTF_8));
  }
}
