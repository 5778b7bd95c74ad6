package compress.cli.latency;

import compress.cli.bench.Child;
import compress.cli.bench.VectorJava;
import compress.kernels.measure.Timing;
import compress.train.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Times networks in a Java of their own, while nothing else of ours runs.
 *
 * @param byFile what was measured of each file, in their order; empty for a file that nothing runs
 * @param remarks what could not be measured, and why
 */
public record Latencies(List<List<Latency>> byFile, List<String> remarks) {
  private static final int ROUNDS = 3;
  private static final Timing.Plan PLAN = new Timing.Plan(5, 150, 10, 300);

  /**
   * @param files ONNX
   * @param batch the length of open first axes of inputs
   * @throws IOException if the Java that measures does not start or ends badly
   */
  public static Latencies measure(List<Path> files, long batch, int threads, Progress progress)
      throws IOException {
    LatencyOrder order =
        new LatencyOrder(
            files.stream().map(f -> f.toAbsolutePath().toString()).toList(),
            batch,
            threads,
            ROUNDS,
            PLAN);
    List<LatencyMessage> messages = new ArrayList<>();
    int[] file = {0};
    try (Progress.Task task = progress.start("time", (long) ROUNDS * files.size())) {
      Child.run(
          VectorJava.forNetworks(LatencyFork.class),
          order,
          LatencyMessage.class,
          message -> {
            messages.add(message);
            task.advance(message.file() == file[0] ? 0 : 1);
            file[0] = message.file();
          },
          line -> {});
    }
    return of(files, order, messages);
  }

  /**
   * The first file's time by the last one's, each by the runtime that is fastest with it; null if
   * either has none.
   */
  public @Nullable Double speedup() {
    Optional<Latency> was = Latency.fastest(byFile.getFirst());
    Optional<Latency> is = Latency.fastest(byFile.getLast());
    return was.isPresent() && is.isPresent() ? was.get().medianMs() / is.get().medianMs() : null;
  }

  /** The names of what networks are timed with. */
  public static List<String> runtimes() {
    return NetworkRuntimes.ALL.stream().map(NetworkRuntime::name).toList();
  }

  private static Latencies of(List<Path> files, LatencyOrder order, List<LatencyMessage> messages) {
    List<SequencedMap<String, List<double[]>>> rounds = new ArrayList<>();
    files.forEach(f -> rounds.add(new LinkedHashMap<>()));
    List<String> remarks = new ArrayList<>();
    for (LatencyMessage m : messages) {
      double[] millis = m.millis();
      if (millis != null) {
        rounds.get(m.file()).computeIfAbsent(m.runtime(), r -> new ArrayList<>()).add(millis);
      } else {
        remarks.add(
            "%s does not run %s: %s"
                .formatted(m.runtime(), files.get(m.file()).getFileName(), m.remark()));
      }
    }
    List<List<Latency>> byFile = new ArrayList<>();
    for (Map<String, List<double[]>> runtimes : rounds) {
      List<Latency> latencies = new ArrayList<>();
      runtimes.forEach((runtime, samples) -> latencies.add(of(runtime, samples, order)));
      byFile.add(latencies);
    }
    return new Latencies(byFile, remarks);
  }

  private static Latency of(String runtime, List<double[]> rounds, LatencyOrder order) {
    double[] medians = rounds.stream().mapToDouble(r -> new Timing(r).median()).toArray();
    double[] all = rounds.stream().flatMapToDouble(Arrays::stream).toArray();
    return new Latency(
        runtime,
        order.batch(),
        order.threads(),
        all.length,
        new Timing(medians).median(),
        Arrays.stream(all).min().orElseThrow(),
        Arrays.stream(all).max().orElseThrow(),
        Arrays.stream(medians).min().orElseThrow(),
        Arrays.stream(medians).max().orElseThrow());
  }
}
