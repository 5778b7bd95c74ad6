package compress.cli.compare;

import compress.cli.options.DataOptions;
import compress.cli.options.FinetuneOptions;
import compress.cli.options.NamedInputs;
import compress.cli.options.TargetOptions;
import compress.cli.recipe.RunOptions.EngineKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is compared, and how much may be spent on each trial. */
public final class CompareOptions {
  @Option(
      names = "--patterns",
      paramLabel = "LIST",
      split = ",",
      description =
          "Patterns as 'prune --pattern' takes them: unstructured, bank:WIDTH, N:M, block:RxC,"
              + " channel and others. N:M has its own sparsity: 2:4 is run at 0.5 only, so name 1:4"
              + " for 0.75. Default: unstructured,2:4,block:8x1,structured (what can be cut).")
  List<String> patterns = List.of("unstructured", "2:4", "block:8x1", "structured");

  @Option(
      names = "--sparsity",
      paramLabel = "LIST",
      split = ",",
      description =
          "Shares of weights to remove, or of channels, from each layer but those that 'prune'"
              + " protects; -S prune.no-protect=true takes these too. Default: 0.5,0.75,0.9.")
  List<Double> sparsities = List.of(0.5, 0.75, 0.9);

  @Option(
      names = "--bits",
      paramLabel = "LIST",
      split = ",",
      description = "Bits a weight afterwards; 32 leaves floats. Default: ${DEFAULT-VALUE}.")
  List<Integer> bits = List.of(32);

  @Option(
      names = "--values",
      paramLabel = "LIST",
      split = ",",
      description =
          "What fewer than 32 bits are: codebook (shared values, by k-means), linear (integers times"
              + " a scale). Default: codebook.")
  List<String> values = List.of("codebook");

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description =
          "Run each trial with the seeds 1 to N. Default: 3 with --finetune, else 1: without training"
              + " all seeds give the same.")
  @Nullable Integer seeds;

  @Option(
      names = "--quantize-finetune",
      paramLabel = "EPOCHS",
      description =
          "Train so long after quantizing too, trials of 32 bits excepted. Default:"
              + " ${DEFAULT-VALUE}.")
  int quantizeFinetune = 0;

  @Option(
      names = "--criterion",
      paramLabel = "NAME",
      description =
          "Which weights matter least, as 'prune --criterion'; for patterns that cut, see -S."
              + " Default: magnitude.")
  @Nullable String criterion;

  @Option(
      names = "--allocation",
      paramLabel = "NAME",
      description =
          "How layers share the sparsity, as 'prune --allocation'; for patterns that cut, see -S."
              + " Default: uniform.")
  @Nullable String allocation;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description =
          "When weights go, as 'prune --schedule'; patterns that cut do it at once. Default:"
              + " one-shot.")
  @Nullable String schedule;

  @Option(
      names = {"-S", "--set"},
      paramLabel = "KEY=VALUE",
      description =
          "Anything else of the recipes, as 'compress run -S': quantize.granularity=group:32, say."
              + " Holds for the stages of that kind in all trials. May be given more than once.")
  List<String> settings = new ArrayList<>();

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description =
          "What trials are judged by: accuracy; agreement, how often the class is the one that the"
              + " original gives; cosine, between its answers and these. Default: accuracy if the"
              + " data has labels, else agreement, or cosine for tokens and random samples.")
  @Nullable Metric metric;

  @Option(
      names = "--random-data",
      paramLabel = "N",
      description =
          "Without data: compare answers to N random samples, which says little of real ones."
              + " Default: 0, none.")
  int randomData = 0;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description =
          "Trials at once, if there is memory for so many. Default: as many as processors, divided by"
              + " --threads.")
  @Nullable Integer jobs;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of one trial. Default: ${DEFAULT-VALUE}.")
  int threads = 1;

  @Option(
      names = "--memory",
      paramLabel = "GB",
      description =
          "Memory for all trials that run at once, in 10^9 bytes. Default: three quarters of what is"
              + " free.")
  @Nullable Double memory;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "What runs networks to judge them: onnxruntime, bundled or torch. Default: onnxruntime.")
  EngineKind engine = EngineKind.ONNXRUNTIME;

  @Option(
      names = "--no-latency",
      description = "Do not time the results. Default: they are, one by one, at the end.")
  boolean noLatency;

  @Option(
      names = "--latency-batch",
      paramLabel = "N",
      description = "Inputs at once when timing. Default: ${DEFAULT-VALUE}.")
  int latencyBatch = 1;

  @Option(
      names = "--latency-threads",
      paramLabel = "N",
      description = "Threads when timing. Default: ${DEFAULT-VALUE}.")
  int latencyThreads = 1;

  @Option(
      names = "--kernels",
      description =
          "Measure the kernels of these patterns too, by themselves, at the size of the largest"
              + " layer, for the page's roofline and break-even curves. Default: no.")
  boolean kernels;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description =
          "The comparison's folder. One that was killed, or a narrower one, goes on in its own.")
  @Nullable Path output;

  @Mixin DataOptions data;
  @Mixin TargetOptions targets;
  @Mixin FinetuneOptions finetune;

  /** Where the comparison is kept. */
  public Path folder() {
    if (output == null) {
      throw new IllegalArgumentException("where trials are kept is missing: --output DIR");
    }
    return output;
  }

  int seedCount() {
    return seeds != null ? seeds : finetune.epochs() + quantizeFinetune > 0 ? 3 : 1;
  }

  int jobCount() {
    return jobs != null
        ? jobs
        : Math.max(1, Runtime.getRuntime().availableProcessors() / Math.max(1, threads));
  }

  long memoryBytes() {
    return memory == null ? WorkerPool.freeBytes() : (long) (memory * 1e9);
  }

  /** A file of JSON lines with tokens, which is no data set to train on. */
  Optional<Path> tokens() {
    return data.path().filter(NamedInputs::isJsonLines);
  }

  /** Refuses numbers that make no sense. */
  void check() {
    atLeast(1, seedCount(), "--seeds");
    atLeast(1, jobCount(), "--jobs");
    atLeast(1, threads, "--threads");
    atLeast(1, latencyBatch, "--latency-batch");
    atLeast(1, latencyThreads, "--latency-threads");
    atLeast(0, randomData, "--random-data");
    atLeast(0, quantizeFinetune, "--quantize-finetune");
    if (memory != null && !(memory > 0)) {
      throw new IllegalArgumentException("--memory " + memory + "; more than 0");
    }
    if (data.given() && randomData > 0) {
      throw new IllegalArgumentException("give either --data or --random-data");
    }
    if (!data.given() && randomData == 0) {
      throw new IllegalArgumentException(
          "--data is missing: what to judge the trials on (labels are not needed), or --random-data"
              + " N");
    }
    if (patterns.isEmpty() || sparsities.isEmpty() || bits.isEmpty() || values.isEmpty()) {
      throw new IllegalArgumentException(
          "--patterns, --sparsity, --bits and --values each need at least one");
    }
    for (double s : sparsities) {
      if (!(s >= 0 && s <= 1)) {
        throw new IllegalArgumentException("--sparsity " + s + "; from 0 to 1");
      }
    }
    for (String v : values) {
      if (!v.equals(Trial.CODEBOOK) && !v.equals("linear")) {
        throw new IllegalArgumentException("--values '" + v + "'; codebook or linear");
      }
    }
  }

  private static void atLeast(int least, int value, String option) {
    if (value < least) {
      throw new IllegalArgumentException("%s %d; at least %d".formatted(option, value, least));
    }
  }
}
