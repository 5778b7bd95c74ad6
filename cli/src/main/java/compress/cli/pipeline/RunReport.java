package compress.cli.pipeline;

import compress.cli.Json;
import compress.cli.latency.Latencies;
import compress.cli.options.GateOptions;
import compress.cli.pipeline.Gates.Gate;
import compress.cli.recipe.Recipe;
import compress.cli.recipe.Recipe.Step;
import compress.cli.recipe.RunOptions.EngineKind;
import compress.cli.recipe.Section;
import compress.encode.EncodeReport;
import compress.encode.Ledger;
import compress.model.AtomicFile;
import compress.model.FileLayout;
import compress.model.Model;
import compress.train.Accuracy;
import compress.train.Outcome;
import compress.train.Speed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What a run did: collected while it goes on, then told as a document or as text. */
public final class RunReport {
  private final Recipe recipe;
  private final String version;
  private final List<StageRecord> stages = new ArrayList<>();
  private SequencedMap<String, Object> input = new LinkedHashMap<>();
  private SequencedMap<String, Object> output = new LinkedHashMap<>();
  private boolean predicted;
  private long tensors;
  private long parameters;
  private long nonzero;
  private List<Ledger> ledger = List.of();
  private List<LayerRow> layers = List.of();
  private Optional<Accuracy> before = Optional.empty();
  private Optional<Accuracy> after = Optional.empty();
  private EngineKind engine = EngineKind.ONNXRUNTIME;
  private Optional<Speed> speed = Optional.empty();
  private List<Gate> gates = List.of();
  private double seconds;
  private @Nullable Double speedup;
  private @Nullable Latencies latencies;

  RunReport(Recipe recipe, String version) {
    this.recipe = recipe;
    this.version = version;
  }

  void stage(StageRecord record) {
    stages.add(record);
  }

  void predictedStage(Step step, Outcome outcome) {
    stages.add(
        new StageRecord(
            step.name(),
            Section.describe(step.options(), Path.of("")),
            outcome.changed(),
            outcome.skipped(),
            outcome.details(),
            outcome.model().parameters(),
            TensorFacts.nonzero(outcome.model()),
            0,
            "",
            0));
  }

  void input(OpenModel opened) throws IOException {
    input = Input.describe(opened.path(), opened.bytes());
  }

  /** A network made here. */
  void input(String name, Path file) throws IOException {
    input = Input.describe(file, Files.size(file));
    input.put("file", name);
  }

  void output(Path file, FileLayout layout) throws IOException {
    output = Input.describe(file, layout);
  }

  void encoded(Path file, EncodeReport encoded, List<LayerRow> rows) {
    output.put("file", file.toString());
    output.put("bytes", encoded.bytes());
    output.put("sha256", encoded.sha256());
    layers(encoded, rows);
  }

  void layers(EncodeReport encoded, List<LayerRow> rows) {
    ledger = encoded.ledger();
    layers = rows;
  }

  void predicted(Path file, long bytes) {
    predicted = true;
    output.put("file", file.toString());
    output.put("bytes", bytes);
  }

  void model(Model model) {
    tensors = model.params().values().stream().filter(p -> p.type().isFloat()).count();
    parameters = model.parameters();
    nonzero = TensorFacts.nonzero(model);
  }

  void accuracy(Accuracy was, Accuracy is, EngineKind by) {
    before = Optional.of(was);
    after = Optional.of(is);
    engine = by;
  }

  void speed(Speed measured) {
    speed = Optional.of(measured);
  }

  /**
   * @param measured times of the original, then of the result
   */
  void latencies(Latencies measured) {
    latencies = measured;
    speedup = measured.speedup();
  }

  void finish(GateOptions options, double tookSeconds) {
    seconds = tookSeconds;
    Double drop =
        before.isPresent() && after.isPresent() ? before.get().value() - after.get().value() : null;
    gates =
        predicted
            ? List.of()
            : Gates.of(options, new Gates.Measured(drop, ratio(), bytes(output), speedup));
  }

  void write(Path file) throws IOException {
    AtomicFile.write(file, Json.text(document()).getBytes(StandardCharsets.UTF_8));
  }

  private static long bytes(SequencedMap<String, Object> file) {
    return file.get("bytes") instanceof Number n ? n.longValue() : 0;
  }

  /** The input's bytes by the output's. */
  public double ratio() {
    return bytes(output) == 0 ? 0 : (double) bytes(input) / bytes(output);
  }

  /** Lines for the bounds that were missed. */
  public List<String> missed() {
    return Gates.missed(gates);
  }

  Recipe recipe() {
    return recipe;
  }

  SequencedMap<String, Object> input() {
    return input;
  }

  public SequencedMap<String, Object> output() {
    return output;
  }

  public long inputBytes() {
    return bytes(input);
  }

  public long outputBytes() {
    return bytes(output);
  }

  boolean isPredicted() {
    return predicted;
  }

  long tensors() {
    return tensors;
  }

  public long parameters() {
    return parameters;
  }

  /** Of {@link #parameters} those that are not zero. */
  public long nonzero() {
    return nonzero;
  }

  public List<StageRecord> stages() {
    return stages;
  }

  public List<LayerRow> layers() {
    return layers;
  }

  public List<Ledger> ledger() {
    return ledger;
  }

  Optional<Accuracy> before() {
    return before;
  }

  Optional<Accuracy> after() {
    return after;
  }

  Optional<Speed> speed() {
    return speed;
  }

  double seconds() {
    return seconds;
  }

  /** As JSON has it. */
  public SequencedMap<String, Object> document() {
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("input", input);
    document.put("output", output);
    document.put("predicted", predicted);
    document.put("ratio", ratio());
    document.put("parameters", parameters);
    document.put("nonzero", nonzero);
    before.ifPresent(a -> document.put("metric", "accuracy"));
    before.ifPresent(a -> document.put("metric_before", a.value()));
    after.ifPresent(a -> document.put("metric_after", a.value()));
    before.ifPresent(a -> document.put("evaluation_before", Evaluation.describe(a, engine)));
    after.ifPresent(a -> document.put("evaluation_after", Evaluation.describe(a, engine)));
    speed.ifPresent(s -> document.put("speed", of(s, recipe.run().threads())));
    List<Object> changed = new ArrayList<>();
    List<Object> skipped = new ArrayList<>();
    for (StageRecord stage : stages) {
      stage.changed().forEach(c -> changed.add(of(stage, c)));
      stage
          .skipped()
          .forEach(s -> {
            SequencedMap<String, Object> map = new LinkedHashMap<>();
            map.put("name", s.name());
            map.put("reason", s.reason());
            map.put("stage", stage.stage());
            skipped.add(map);
          });
    }
    document.put("changed", changed);
    document.put("skipped", skipped);
    document.put("stages", stages);
    if (!ledger.isEmpty()) {
      document.put("layers", layers);
      document.put("ledger", ledger.stream().map(RunReport::of).toList());
    }
    if (latencies != null && speedup != null) {
      document.put("latencies_before", latencies.byFile().getFirst());
      document.put("latencies_after", latencies.byFile().getLast());
      document.put("speedup", speedup);
    }
    if (!gates.isEmpty()) {
      document.put("gates", gates.stream().map(Gate::describe).toList());
    }
    document.put("seed", recipe.run().seed());
    document.put("seconds", seconds);
    document.put("recipe", recipe.toMap(recipe.file().map(Path::getParent).orElse(Path.of(""))));
    document.put("versions", Environment.versions(version));
    document.put("machine", Environment.machine());
    return document;
  }

  private static SequencedMap<String, Object> of(Speed speed, int threads) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("engine", "onnxruntime");
    map.put("threads", threads);
    map.put("runs", speed.runs());
    map.put("before_ms", speed.firstMs());
    map.put("after_ms", speed.secondMs());
    map.put("speedup", speed.speedup());
    return map;
  }

  private static SequencedMap<String, Object> of(StageRecord stage, compress.train.Change c) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("name", c.name());
    map.put("what", c.what());
    map.put("weights", c.weights());
    map.put("nonzero_before", c.nonzeroBefore());
    map.put("nonzero_after", c.nonzeroAfter());
    map.put("bits", c.bits());
    map.put("stage", stage.stage());
    return map;
  }

  private static SequencedMap<String, Object> of(Ledger row) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("section", row.section());
    map.put("coder", row.coder());
    map.put("symbols", row.symbols());
    map.put("entropy_bytes", row.entropyBytes());
    map.put("bytes", row.bytes());
    return map;
  }
}
