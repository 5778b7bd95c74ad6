package compress.kernels.measure;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Whether the virtual machine is still compiling what runs. A loop that waits for its fast version
 * can be a hundred times slower, for a second and more where other processes want the processor
 * too, and steady all the while, so that times alone do not tell. Compiler threads are hidden, but
 * the processor time that the process took and none of its threads did is theirs, or the garbage
 * collector's.
 */
final class Compilation {
  /** Shorter spans say little: thread times come in steps. */
  private static final long SPAN_NANOS = 20_000_000;

  /**
   * Share of a span from which on there is a compiler at work. A loop of vectors takes tenths of a
   * second; the small methods that are compiled now and then for as long as anything runs take some
   * milliseconds each, and are not worth waiting for.
   */
  private static final double BUSY = 0.4;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private long start = System.nanoTime();
  private long hidden = hiddenNanos();

  /** Whether a span ended since this last said so, and a compiler worked in it. */
  boolean wasBusy() {
    long now = System.nanoTime();
    if (now - start < SPAN_NANOS) {
      return false;
    }
    long nowHidden = hiddenNanos();
    boolean busy = nowHidden - hidden > BUSY * (now - start);
    start = now;
    hidden = nowHidden;
    return busy;
  }

  private static long hiddenNanos() {
    if (!(ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean process)
        || !THREADS.isThreadCpuTimeSupported()) {
      return 0;
    }
    long nanos = process.getProcessCpuTime();
    for (long id : THREADS.getAllThreadIds()) {
      nanos -= Math.max(0, THREADS.getThreadCpuTime(id));
    }
    return nanos;
  }
}
