package compress.cli.compare;

import compress.cli.Compress;
import compress.cli.options.StageOptions;
import compress.cli.pipeline.OpenModel;
import compress.cli.pipeline.Sha256;
import compress.cli.recipe.Recipe;
import compress.cli.recipe.Recipe.Step;
import compress.cli.recipe.RecipeReader;
import compress.cli.recipe.Section;
import compress.model.AtomicFile;
import compress.model.Model;
import compress.prune.NofM;
import compress.prune.Patterns;
import compress.prune.structure.CutPattern;
import compress.train.Context;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * The trials that options ask for, each with its recipe and the hash of all that its result depends
 * on.
 */
final class Plan {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
          .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
          .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .build();

  private final Path original;
  private final CompareOptions options;
  private final Optional<DataSplit> split;
  private final String inputs;

  /**
   * @param split of the options' data; absent for tokens and random samples
   */
  Plan(OpenModel original, CompareOptions options, Optional<DataSplit> split) throws IOException {
    this.original = original.path();
    this.options = options;
    this.split = split;
    SequencedMap<String, Object> all = new LinkedHashMap<>();
    all.put("format", 1);
    all.put("version", Compress.version());
    all.put("model", original.key());
    all.put("random", options.randomData);
    all.put("engine", options.engine.name());
    all.put("threads", options.threads);
    if (options.tokens().isPresent()) {
      all.put("tokens", Sha256.of(options.tokens().get()));
    }
    if (split.isPresent()) {
      SequencedMap<String, Object> described = Section.describe(options.data, Path.of(""));
      described.remove("data");
      all.put("preprocessing", described);
      all.put("scale", split.get().preprocessing().toString());
      all.put("train", split.get().train().sha256());
      all.put("validation", split.get().validation().sha256());
      all.put("test", split.get().test().sha256());
    }
    inputs = JsonMapper.shared().writeValueAsString(all);
  }

  /** All trials, without the original: seed by seed, so that each pattern soon has a result. */
  List<Trial> trials() {
    List<Trial> trials = new ArrayList<>();
    for (long seed = 1; seed <= options.seedCount(); seed++) {
      for (String pattern : options.patterns) {
        for (double sparsity : sparsities(pattern)) {
          for (int bits : options.bits) {
            for (String values : bits == Trial.FLOAT_BITS ? List.of(Trial.FLOAT) : options.values) {
              Trial trial = new Trial(pattern, sparsity, bits, values, seed);
              if (!trials.contains(trial)) {
                trials.add(trial);
              }
            }
          }
        }
      }
    }
    return trials;
  }

  private List<Double> sparsities(String name) {
    return nOfM(name).map(p -> List.of(1 - (double) p.n() / p.m())).orElse(options.sparsities);
  }

  /** The pattern of this name, if it says by itself how sparse it is. */
  private static Optional<NofM> nOfM(String name) {
    return CutPattern.parse(name).isEmpty() && Patterns.parse(name) instanceof NofM pattern
        ? Optional.of(pattern)
        : Optional.empty();
  }

  /** What a worker is told, once the trial's recipe is in its folder. */
  Order order(Trial trial, StudyFolder study) throws IOException {
    // A trial's folder bears the hash of its recipe, whose paths start from that folder.
    Recipe elsewhere = recipe(trial, study.path().resolve(StudyFolder.DRAFT));
    String key = key(trial, elsewhere);
    String relative = StudyFolder.relative(trial, key);
    Path folder = study.folder(relative);
    Files.createDirectories(folder);
    recipe(trial, folder);
    return new Order(
        trial,
        key,
        folder.toString(),
        relative,
        study.work(trial).toString(),
        original.toString(),
        options.tokens().map(Path::toString).orElse(null),
        options.randomData);
  }

  /**
   * Finds out what is wrong with a trial before anything slow.
   *
   * @return what its stages have against the network and the data
   * @throws IllegalArgumentException if its options contradict each other
   */
  List<String> problems(Trial trial, StudyFolder study, Model model) throws IOException {
    Context context = Context.of(trial.seed()).withThreads(options.threads);
    context = split.isPresent() ? context.withData(split.get()) : context;
    List<String> problems = new ArrayList<>();
    for (Step step : recipe(trial, study.path().resolve(StudyFolder.DRAFT)).steps()) {
      problems.addAll(step.options().stage(model).check(model, context));
    }
    return problems;
  }

  private String key(Trial trial, Recipe recipe) throws IOException {
    SequencedMap<String, Object> all = new LinkedHashMap<>();
    all.put("inputs", inputs);
    all.put("seed", trial.seed());
    List<Object> stages = new ArrayList<>();
    for (Step step : recipe.steps()) {
      StageOptions stage = step.options();
      List<String> files = new ArrayList<>();
      for (Path file : stage.files()) {
        files.add(Sha256.of(file));
      }
      stages.add(List.of(step.name(), Section.describe(stage, Path.of("")), files));
    }
    all.put("stages", stages);
    recipe.encode().ifPresent(e -> all.put("encode", Section.describe(e, Path.of(""))));
    return Sha256.of(JsonMapper.shared().writeValueAsString(all));
  }

  /** The trial's recipe, written into {@code folder} and read from there. */
  private Recipe recipe(Trial trial, Path folder) throws IOException {
    Path file = folder.resolve(StudyFolder.RECIPE);
    Map<String, Object> document = document(trial, folder);
    AtomicFile.write(file, YAML.writeValueAsString(document).getBytes(StandardCharsets.UTF_8));
    List<String> settings = settings(document);
    Recipe recipe = RecipeReader.read(file, settings);
    if (!settings.isEmpty()) {
      AtomicFile.write(file, recipe.toYaml(folder).getBytes(StandardCharsets.UTF_8));
      recipe = RecipeReader.read(file, List.of());
    }
    return recipe;
  }

  private SequencedMap<String, Object> document(Trial trial, Path folder) {
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("model", Section.relative(original, folder));
    document.put("seed", trial.seed());
    document.put("threads", options.threads);
    document.put("engine", options.engine.name().toLowerCase(Locale.ROOT));
    if (split.isPresent()) {
      SequencedMap<String, Object> data = Section.describe(options.data, folder);
      data.putFirst("path", data.remove("data"));
      document.put("data", data);
    }
    List<Object> stages = new ArrayList<>();
    if (!trial.isOriginal()) {
      stages.add(prune(trial, folder));
      if (trial.bits() != Trial.FLOAT_BITS) {
        stages.add(quantize(trial, folder));
      }
    }
    stages.add(Map.of("stage", "encode"));
    document.put("stages", stages);
    return document;
  }

  private SequencedMap<String, Object> prune(Trial trial, Path folder) {
    SequencedMap<String, Object> stage = new LinkedHashMap<>();
    stage.put("stage", "prune");
    stage.put("pattern", trial.pattern());
    if (nOfM(trial.pattern()).isEmpty()) {
      stage.put("sparsity", trial.sparsity());
    }
    if (CutPattern.parse(trial.pattern()).isEmpty()) {
      put(stage, "criterion", options.criterion);
      put(stage, "allocation", options.allocation);
      put(stage, "schedule", options.schedule);
    }
    stage.putAll(Section.describe(options.targets, folder));
    options.tokens().ifPresent(t -> stage.put("calibration-data", Section.relative(t, folder)));
    if (options.finetune.epochs() > 0) {
      stage.putAll(Section.describe(options.finetune, folder));
    }
    return stage;
  }

  private SequencedMap<String, Object> quantize(Trial trial, Path folder) {
    SequencedMap<String, Object> stage = new LinkedHashMap<>();
    stage.put("stage", "quantize");
    stage.put("scheme", trial.values().equals(Trial.CODEBOOK) ? "kmeans" : trial.values());
    stage.put("bits", trial.bits());
    stage.putAll(Section.describe(options.targets, folder));
    if (options.quantizeFinetune > 0) {
      stage.putAll(Section.describe(options.finetune, folder));
      stage.put("finetune", options.quantizeFinetune);
    }
    return stage;
  }

  private static void put(Map<String, Object> stage, String key, @Nullable String value) {
    if (value != null) {
      stage.put(key, value);
    }
  }

  /** The settings for stages that this recipe has. */
  private List<String> settings(Map<String, Object> document) {
    TreeSet<String> names = new TreeSet<>(List.of("data", "gates"));
    if (document.get("stages") instanceof List<?> stages) {
      for (Object stage : stages) {
        names.add(String.valueOf(((Map<?, ?>) stage).get("stage")));
      }
    }
    return options.settings.stream()
        .filter(s -> {
          int equals = s.indexOf('=');
          int dot = s.indexOf('.');
          return dot < 0 || equals >= 0 && dot > equals || names.contains(s.substring(0, dot));
        })
        .toList();
  }

  /** Settings that are for no stage of any trial. */
  void requireUsedSettings() {
    List<String> kinds = new ArrayList<>(List.of("data", "gates", "prune", "encode"));
    if (options.bits.stream().anyMatch(b -> b != Trial.FLOAT_BITS)) {
      kinds.add("quantize");
    }
    for (String setting : options.settings) {
      int dot = setting.indexOf('.');
      int equals = setting.indexOf('=');
      if (dot > 0 && dot < equals && !kinds.contains(setting.substring(0, dot))) {
        throw new IllegalArgumentException(
            "-S %s: no trial has a stage '%s'; there are: %s"
                .formatted(setting, setting.substring(0, dot), String.join(", ", kinds)));
      }
    }
  }

  /** What trials are judged by. */
  Metric metric() {
    boolean labelled = split.isPresent() && reported().hasLabels();
    if (options.metric == Metric.ACCURACY && !labelled) {
      throw new IllegalArgumentException(
          "--metric accuracy needs labelled test samples; take agreement or cosine");
    }
    if (options.metric != null) {
      return options.metric;
    }
    return labelled ? Metric.ACCURACY : split.isPresent() ? Metric.AGREEMENT : Metric.COSINE;
  }

  /** The samples that results are reported on. */
  DataSet reported() {
    DataSplit all = split.orElseThrow();
    return all.test().isEmpty() ? all.train() : all.test();
  }

  Optional<DataSplit> split() {
    return split;
  }
}
