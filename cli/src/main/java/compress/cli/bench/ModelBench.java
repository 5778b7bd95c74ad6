package compress.cli.bench;

import compress.cli.bench.ModelJob.Variant;
import compress.cli.bench.ModelTimes.Answer;
import compress.cli.bench.ModelTimes.Failure;
import compress.model.FormatException;
import compress.train.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Times a network in several ways, each in virtual machines of its own, so that none has to share
 * caches, threads or memory with another, and they take turns, so that a slow minute of the machine
 * hits all.
 */
public final class ModelBench {
  /** One way of running the network. */
  private record Way(String name, Variant variant, boolean against) {}

  private final ModelSweep sweep;
  private final Set<String> remarks = new LinkedHashSet<>();

  private ModelBench(ModelSweep sweep) {
    this.sweep = sweep;
  }

  /**
   * @throws FormatException if a network cannot be run: which node, and why
   * @throws IOException if a virtual machine does not start or does not end well
   */
  public static ModelReport measure(ModelSweep sweep, Progress progress) throws IOException {
    ModelBench bench = new ModelBench(sweep);
    List<Way> ways = bench.ways();
    int cases = sweep.batches().size() * sweep.threads().size();
    List<ModelRun> runs = new ArrayList<>();
    try (Progress.Task task =
        progress.start("measure", (long) cases * ways.size() * sweep.forks())) {
      for (int threads : sweep.threads()) {
        for (int batch : sweep.batches()) {
          runs.add(bench.measure(ways, batch, threads, task));
        }
      }
    }
    return new ModelReport(sweep, runs, List.copyOf(bench.remarks));
  }

  private List<Way> ways() {
    List<Way> ways = new ArrayList<>();
    if (sweep.bundled()) {
      ways.add(new Way(ModelRun.DENSE, Variant.DENSE, sweep.against().isPresent()));
      ways.add(new Way(ModelRun.COMPRESSED, Variant.BUNDLED, false));
    }
    if (sweep.onnxRuntime()) {
      ways.add(new Way(ModelRun.RIVAL, Variant.ONNXRUNTIME, false));
      if (sweep.against().isPresent()) {
        ways.add(new Way(ModelRun.RIVAL_DENSE, Variant.ONNXRUNTIME, true));
      }
    }
    return ways;
  }

  private ModelRun measure(List<Way> ways, int batch, int threads, Progress.Task task)
      throws IOException {
    Map<String, List<ModelTimes>> times = new LinkedHashMap<>();
    for (int fork = 0; fork < sweep.forks(); fork++) {
      for (Way way : ways) {
        boolean roof = fork == 0 && way.name.equals(ModelRun.COMPRESSED);
        Path file = way.against ? sweep.against().orElseThrow() : sweep.file();
        String name = way.against ? sweep.againstName().orElseThrow() : sweep.name();
        ModelJob job =
            new ModelJob(
                name,
                file.toString(),
                way.variant,
                batch,
                sweep.length(),
                threads,
                sweep.plan(),
                sweep.seed(),
                roof);
        times.computeIfAbsent(way.name, w -> new ArrayList<>()).add(measure(job));
        task.advance(1);
      }
    }
    return new ModelRun(batch, threads, times);
  }

  private ModelTimes measure(ModelJob job) throws IOException {
    List<ModelTimes> found = new ArrayList<>();
    Child.run(
        VectorJava.of(ModelFork.class), job, Answer.class, a -> take(job, a, found), remarks::add);
    if (found.isEmpty()) {
      throw new IOException("the Java that measures " + job.name() + " said nothing");
    }
    return found.getFirst();
  }

  private static void take(ModelJob job, Answer answer, List<ModelTimes> found) throws IOException {
    Failure failure = answer.failure();
    if (failure != null && failure.badInput()) {
      String prefix = job.name() + ": ";
      String reason = failure.message();
      throw new FormatException(
          Path.of(job.name()),
          FormatException.NOWHERE,
          reason.startsWith(prefix) ? reason.substring(prefix.length()) : reason);
    }
    if (failure != null) {
      throw new IOException(job.name() + ": " + failure.message());
    }
    ModelTimes times = answer.times();
    if (times != null) {
      found.add(times);
    }
  }
}
