package compress.cli.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Runs trials in parallel, as many at once as there is memory for. What a trial needs is what the
 * hungriest so far has had: without any, the first runs by itself.
 */
final class WorkerPool {
  /** Later trials may need a little more than those that were measured. */
  private static final double MARGIN = 1.2;

  private final int jobs;
  private final long memoryBytes;
  private final boolean vectors;
  private final Listener listener;
  private final Queue<List<Order>> waiting;
  private final List<Thread> threads = new ArrayList<>();
  private long peakBytes;
  private @Nullable Throwable broken;

  /** Is told of each trial that has ended, one at a time. */
  interface Listener {
    /**
     * @param failure why it failed; empty if its files are there
     * @return the most memory that its worker has had; 0 if that is not known
     */
    long ended(Order order, Optional<String> failure) throws IOException;

    /** No trial that begins alike is left. */
    void endedAll(List<Order> group) throws IOException;
  }

  /**
   * @param groups of trials to be run one after the other, since they share their beginning
   * @param jobs trials at once at most
   * @param memoryBytes for all of them
   * @param vectors whether workers need the Vector API
   * @param peakBytes what a trial is known to take; 0 if nothing is known
   */
  WorkerPool(
      Collection<List<Order>> groups,
      int jobs,
      long memoryBytes,
      boolean vectors,
      long peakBytes,
      Listener listener) {
    this.waiting = new ArrayDeque<>(groups);
    this.jobs = jobs;
    this.memoryBytes = memoryBytes;
    this.vectors = vectors;
    this.peakBytes = peakBytes;
    this.listener = listener;
  }

  /** The memory that the system could give now: three quarters of what is free. */
  static long freeBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemAvailable:")) {
          return (Long.parseLong(line.replaceAll("\\D", "")) << 10) / 4 * 3;
        }
      }
    } catch (IOException e) {
      // Another system.
    }
    return Runtime.getRuntime().maxMemory();
  }

  /** Runs them all. */
  void run() throws IOException {
    synchronized (this) {
      startMore();
    }
    for (int i = 0; i < started(); i++) {
      try {
        thread(i).join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    switch (broken) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(broken);
    }
  }

  private synchronized int started() {
    return threads.size();
  }

  private synchronized Thread thread(int i) {
    return threads.get(i);
  }

  /** How many may run at once, by what is known now. */
  private int most() {
    if (peakBytes == 0) {
      return 1;
    }
    return Math.clamp(memoryBytes / (long) (MARGIN * peakBytes), 1, jobs);
  }

  private void startMore() {
    int wanted = Math.min(most(), threads.size() + waiting.size());
    while (threads.size() < wanted) {
      threads.add(Thread.ofPlatform().start(this::work));
    }
  }

  private synchronized @Nullable List<Order> next() {
    return broken != null ? null : waiting.poll();
  }

  private void work() {
    @Nullable Worker worker = null;
    try {
      for (List<Order> group = next(); group != null; group = next()) {
        for (Order order : group) {
          if (worker == null || !worker.isAlive()) {
            worker = new Worker(heap(), vectors);
          }
          Optional<String> failure = worker.run(order);
          ended(order, failure);
        }
        endedAll(group);
      }
    } catch (IOException | RuntimeException e) {
      fail(e);
    } finally {
      if (worker != null) {
        worker.close();
      }
    }
  }

  private synchronized long heap() {
    return memoryBytes / most();
  }

  private synchronized void ended(Order order, Optional<String> failure) throws IOException {
    peakBytes = Math.max(peakBytes, listener.ended(order, failure));
    startMore();
  }

  private synchronized void endedAll(List<Order> group) {
    try {
      listener.endedAll(group);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void fail(Throwable e) {
    broken = broken == null ? e : broken;
  }
}
