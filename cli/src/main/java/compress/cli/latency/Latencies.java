package compress.cli.latency;

import compress.cli.bench.VectorJava;
import compress.kernels.measure.Timing;
import compress.train.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Times networks in a Java of their own, while nothing else of ours runs.
 *
 * @param byFile what was measured of each file, in their order; empty for a file that nothing runs
 * @param remarks what could not be measured, and why
 */
public record Latencies(List<List<Latency>> byFile, List<String> remarks) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
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
    ProcessBuilder java = VectorJava.of(LatencyFork.class);
    // As in VectorJava.again, where the reason stands.
    java.command().add(1, "-XX:CompilationMode=high-only");
    Process process = java.start();
    StringBuilder last = new StringBuilder();
    try (Progress.Task task = progress.start("time", (long) ROUNDS * files.size());
        OutputStream to = process.getOutputStream()) {
      Thread errors = Thread.ofPlatform().daemon().start(() -> readErrors(process, last));
      to.write((JSON.writeValueAsString(order) + "\n").getBytes(StandardCharsets.UTF_8));
      to.flush();
      read(process, messages, task);
      int code = process.waitFor();
      errors.join();
      if (code != 0) {
        throw new IOException(
            "the Java that times networks ended with code %d%s"
                .formatted(code, last.isEmpty() ? "" : ": " + last));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
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

  private static void read(Process process, List<LatencyMessage> messages, Progress.Task task)
      throws IOException {
    BufferedReader in = process.inputReader(StandardCharsets.UTF_8);
    int file = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      try {
        LatencyMessage message = JSON.readValue(line, LatencyMessage.class);
        messages.add(message);
        task.advance(message.file() == file ? 0 : 1);
        file = message.file();
      } catch (JacksonException e) {
        // A library's own print.
      }
    }
  }

  private static void readErrors(Process process, StringBuilder last) {
    try (BufferedReader in = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isBlank() && !line.equals(VectorJava.WARNING)) {
          last.setLength(0);
          last.append(line);
        }
      }
    } catch (IOException e) {
      // The process is gone; its code says the rest.
    }
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
