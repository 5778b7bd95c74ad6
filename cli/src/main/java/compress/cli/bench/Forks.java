package compress.cli.bench;

import compress.kernels.measure.Machine;
import compress.kernels.measure.Measurement;
import compress.kernels.measure.Result;
import compress.kernels.measure.Roof;
import compress.train.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Has a sweep measured by several virtual machines, one after the other: what one compiler makes of
 * a loop differs from run to run.
 */
public final class Forks {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Sweep sweep;
  private final List<Measurement> measurements = new ArrayList<>();
  private final List<Roof> roofs = new ArrayList<>();
  private final Set<String> remarks = Collections.synchronizedSet(new LinkedHashSet<>());
  private @Nullable Machine machine;

  private Forks(Sweep sweep) {
    this.sweep = sweep;
  }

  /**
   * @throws IOException if a virtual machine does not start or does not end well; the message says
   *     what it said
   */
  public static KernelReport measure(Sweep sweep, int forks, Progress progress) throws IOException {
    Forks all = new Forks(sweep);
    all.remarks.addAll(sweep.leftOut());
    try (Progress.Task task = progress.start("measure", (long) forks * sweep.steps())) {
      for (int i = 0; i < forks; i++) {
        all.measureOnce(task);
      }
    }
    return all.report(forks);
  }

  private KernelReport report(int forks) {
    List<Roof> best =
        roofs.stream()
            .map(Roof::threads)
            .distinct()
            .map(t -> Roof.best(roofs.stream().filter(r -> r.threads() == t).toList()))
            .toList();
    Machine measured = machine;
    if (measured == null) {
      throw new IllegalStateException("no machine was measured");
    }
    List<Result> results = new ArrayList<>(Result.join(measurements, best));
    results.sort(
        Comparator.comparingInt(Result::threads)
            .thenComparing(Result::cold)
            .thenComparingInt(Result::m)
            .thenComparingInt(Result::k)
            .thenComparingInt(Result::n));
    return new KernelReport(
        measured, best, results, List.copyOf(remarks), forks, sweep.plan(), sweep.seed());
  }

  private void measureOnce(Progress.Task task) throws IOException {
    Process process = VectorJava.of(Fork.class).start();
    try {
      StringBuilder last = new StringBuilder();
      Thread errors = Thread.ofPlatform().daemon().start(() -> readErrors(process, last));
      // Not closed before the end: the other side ends when it is.
      try (OutputStream to = process.getOutputStream()) {
        to.write((JSON.writeValueAsString(sweep) + "\n").getBytes(StandardCharsets.UTF_8));
        to.flush();
        readMessages(process, task);
      }
      int code = process.waitFor();
      errors.join();
      if (code != 0) {
        throw new IOException(
            "the Java that measures ended with code %d%s"
                .formatted(code, last.isEmpty() ? "" : ": " + last));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private void readMessages(Process process, Progress.Task task) throws IOException {
    BufferedReader in = process.inputReader(StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Message message;
      try {
        message = JSON.readValue(line, Message.class);
      } catch (JacksonException e) {
        // A library's own print.
        continue;
      }
      take(message, task);
    }
  }

  private void take(Message message, Progress.Task task) throws IOException {
    if (message.failure() != null) {
      throw new IOException(message.failure());
    }
    if (message.machine() != null) {
      machine = message.machine();
    }
    if (message.roof() != null) {
      roofs.add(message.roof());
    }
    measurements.addAll(message.measurements());
    if (message.remark() != null) {
      remarks.add(message.remark());
    }
    if (message.step()) {
      task.advance(1);
    }
  }

  private void readErrors(Process process, StringBuilder last) {
    try (BufferedReader in = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isBlank() && !line.equals(VectorJava.WARNING)) {
          remarks.add(line);
          last.setLength(0);
          last.append(line);
        }
      }
    } catch (IOException e) {
      // The process is gone; its code says the rest.
    }
  }
}
