package compress.cli.bench;

import com.sun.management.OperatingSystemMXBean;
import compress.cli.bench.ModelJob.Variant;
import compress.cli.bench.ModelTimes.Answer;
import compress.cli.bench.ModelTimes.Failure;
import compress.model.FormatException;
import compress.train.Progress;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Times a network in several ways, each in virtual machines of its own, so that none shares
 * compiled code or memory with another. They take turns of some tenths of a second, so that a slow
 * minute of the machine hits all alike; while one measures the others wait.
 */
public final class ModelBench {
  /** Parts of a measurement, between which the others have theirs. */
  private static final int TURNS = 5;

  /** A network in memory: as it is read, as it is packed, and its values in between. */
  private static final long COPIES = 3;

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
        progress.start("measure", (long) cases * ways.size() * sweep.forks() * (1 + TURNS))) {
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
      for (List<Way> together : together(ways)) {
        List<ModelJob> jobs = new ArrayList<>();
        for (Way way : together) {
          boolean roof = fork == 0 && way.name.equals(ModelRun.COMPRESSED);
          jobs.add(job(way, batch, threads, roof));
        }
        List<ModelTimes> found = inTurns(jobs, task);
        for (int i = 0; i < found.size(); i++) {
          times.computeIfAbsent(together.get(i).name, w -> new ArrayList<>()).add(found.get(i));
        }
      }
    }
    return new ModelRun(batch, threads, times);
  }

  /**
   * The ways that take turns: all, unless that many copies of the network could fill the memory.
   */
  private List<List<Way>> together(List<Way> ways) throws IOException {
    long bytes = ways.size() * COPIES * Files.size(sweep.against().orElse(sweep.file()));
    return bytes < memoryBytes() / 2 ? List.of(ways) : ways.stream().map(List::of).toList();
  }

  private static long memoryBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  private ModelJob job(Way way, int batch, int threads, boolean roof) {
    return new ModelJob(
        way.against ? sweep.againstName().orElseThrow() : sweep.name(),
        (way.against ? sweep.against().orElseThrow() : sweep.file()).toString(),
        way.variant,
        batch,
        sweep.length(),
        threads,
        sweep.plan(),
        sweep.seed(),
        TURNS,
        roof);
  }

  /** Each is started and warmed up in a quiet machine; then they take turns. */
  private List<ModelTimes> inTurns(List<ModelJob> jobs, Progress.Task task) throws IOException {
    List<Child<Answer>> children = new ArrayList<>();
    List<ModelTimes> found = new ArrayList<>();
    try {
      for (ModelJob job : jobs) {
        Child<Answer> child =
            new Child<>(VectorJava.of(ModelFork.class), job, Answer.class, remarks::add);
        children.add(child);
        next(job, child);
        task.advance(1);
      }
      for (int turn = 0; turn < TURNS; turn++) {
        for (int i = 0; i < jobs.size(); i++) {
          children.get(i).giveTurn();
          ModelTimes times = next(jobs.get(i), children.get(i)).times();
          task.advance(1);
          if (times != null) {
            found.add(times);
          }
        }
      }
    } finally {
      children.forEach(Child::close);
    }
    if (found.size() < jobs.size()) {
      throw new IOException("a Java that measures " + jobs.getFirst().name() + " said nothing");
    }
    return found;
  }

  /**
   * @throws FormatException if the network cannot be run
   */
  private static Answer next(ModelJob job, Child<Answer> child) throws IOException {
    Answer answer =
        child
            .next()
            .orElseThrow(
                () -> new IOException("the Java that measures " + job.name() + " said nothing"));
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
    return answer;
  }
}
