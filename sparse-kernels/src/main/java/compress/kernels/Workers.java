package compress.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that wait for the next multiplication, and memory that each keeps between two. The caller
 * is worker 0; {@code threads - 1} daemon threads are the others. A waiting worker looks for work
 * for some microseconds, since waking a sleeping thread takes longer than many a multiplication,
 * then sleeps.
 */
public final class Workers implements AutoCloseable {
  private static final long SPIN_NANOS = 30_000;

  /** Scratch memory above this size lies in large pages, as weights do. */
  private static final long SMALL = 32 << 10;

  /** One piece of work. */
  @FunctionalInterface
  public interface Task {
    /**
     * @param index which piece, from 0
     * @param worker who does it, for {@link Workers#scratch}
     */
    void run(int index, int worker);
  }

  private static final class Job {
    final Task task;
    final int tasks;
    final Thread caller = Thread.currentThread();
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger busy;
    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Job(Task task, int tasks, int helpers) {
      this.task = task;
      this.tasks = tasks;
      this.busy = new AtomicInteger(helpers);
    }

    void work(int worker) {
      try {
        for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
          task.run(i, worker);
        }
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
        next.set(tasks);
      }
    }
  }

  private final Thread[] helpers;
  private final MemorySegment[][] scratch;
  private float[][] floats = new float[0][];
  private volatile @Nullable Job job;
  private volatile boolean closed;

  /** {@code threads} counts the caller's. */
  public Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads; at least 1");
    }
    scratch = new MemorySegment[threads][0];
    helpers = new Thread[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      int worker = i + 1;
      helpers[i] =
          Thread.ofPlatform().daemon().name("kernel-" + worker).unstarted(() -> help(worker));
    }
    for (Thread helper : helpers) {
      helper.start();
    }
  }

  public int threads() {
    return helpers.length + 1;
  }

  /**
   * Runs tasks 0 to {@code tasks - 1}, in no given order, and returns when all are done. What one
   * throws is thrown here. A task must not call this.
   */
  public synchronized void run(int tasks, Task task) {
    if (closed) {
      throw new IllegalStateException("the workers are closed");
    }
    if (helpers.length == 0 || tasks <= 1) {
      for (int i = 0; i < tasks; i++) {
        task.run(i, 0);
      }
      return;
    }
    Job next = new Job(task, tasks, helpers.length);
    job = next;
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
    next.work(0);
    await(() -> next.busy.get() == 0);
    Throwable failure = next.failure.get();
    if (failure instanceof Error e) {
      throw e;
    } else if (failure instanceof RuntimeException e) {
      throw e;
    }
  }

  private void help(int worker) {
    @Nullable Job last = null;
    while (true) {
      @Nullable Job seen = last;
      await(() -> job != seen || closed);
      if (closed) {
        return;
      }
      Job next = job;
      if (next != null) {
        next.work(worker);
        if (next.busy.decrementAndGet() == 0) {
          LockSupport.unpark(next.caller);
        }
      }
      last = next;
    }
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) {
    long start = System.nanoTime();
    while (!condition.holds()) {
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park();
      }
    }
  }

  /**
   * At least {@code bytes} bytes on a cache line, the same at each call for a worker and a slot
   * unless more are asked for. What they hold is whatever was left there.
   */
  public MemorySegment scratch(int worker, int slot, long bytes) {
    MemorySegment[] mine = scratch[worker];
    if (slot >= mine.length) {
      mine = Arrays.copyOf(mine, slot + 1);
      scratch[worker] = mine;
    }
    MemorySegment s = mine[slot];
    if (s == null || s.byteSize() < bytes) {
      s = OffHeap.allocate(bytes < SMALL ? bytes : Math.max(bytes, OffHeap.LARGE));
      mine[slot] = s;
    }
    return s;
  }

  /**
   * At least {@code length} floats on the heap, for the caller: the same at each call for a slot
   * unless more are asked for. What they hold is whatever was left there.
   */
  public float[] floats(int slot, int length) {
    if (slot >= floats.length) {
      int had = floats.length;
      floats = Arrays.copyOf(floats, slot + 1);
      Arrays.fill(floats, had, slot + 1, new float[0]);
    }
    if (floats[slot].length < length) {
      floats[slot] = new float[length];
    }
    return floats[slot];
  }

  /** Ends the threads. */
  @Override
  public void close() {
    closed = true;
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
  }
}
