package compress.cli.bench;

import compress.kernels.measure.Machine;
import compress.kernels.measure.Measurement;
import compress.kernels.measure.Result;
import compress.kernels.measure.Roof;
import compress.train.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has a sweep measured by several virtual machines, one after the other: what one compiler makes of
 * a loop differs from run to run.
 */
public final class Forks {
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
    Child.run(VectorJava.of(Fork.class), sweep, Message.class, m -> take(m, task), remarks::add);
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
}
