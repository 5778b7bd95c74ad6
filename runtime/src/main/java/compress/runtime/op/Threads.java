package compress.runtime.op;

import compress.kernels.Workers;
import java.util.Arrays;

/**
 * Who runs a step: the workers, and for each of them memory for a piece of a tensor. Loops over
 * arrays on the heap become vector instructions; those over memory outside do not yet (JDK 25), so
 * pieces that fit the first cache are copied to the heap, computed with there, and copied back.
 */
public final class Threads implements AutoCloseable {
  /** Floats of a piece. */
  static final int PIECE = 1024;

  /** Work below this many elements is not worth another thread. */
  private static final long WORTH = 16 << 10;

  /** One thread, for what is computed while a network is planned. */
  public static final Threads NONE = new Threads(1);

  private final Workers workers;
  private final Workers[] alone;
  private final float[][][] floats;

  public Threads(int count) {
    workers = new Workers(count);
    alone = new Workers[count];
    Arrays.setAll(alone, i -> new Workers(1));
    floats = new float[count][0][];
  }

  public int count() {
    return workers.threads();
  }

  /** All of them, for a kernel that shares its work out. */
  public Workers workers() {
    return workers;
  }

  /** One that works alone, for a kernel inside of a task. */
  Workers alone(int worker) {
    return alone[worker];
  }

  /** Runs tasks 0 to {@code tasks - 1}, by several threads if there are enough elements. */
  void run(int tasks, long elements, Workers.Task task) {
    if (count() > 1 && tasks > 1 && elements >= WORTH) {
      workers.run(tasks, task);
    } else {
      for (int i = 0; i < tasks; i++) {
        task.run(i, 0);
      }
    }
  }

  /** At least {@code length} floats of a worker's own; they hold whatever was left there. */
  float[] floats(int worker, int slot, int length) {
    float[][] mine = floats[worker];
    if (slot >= mine.length) {
      int had = mine.length;
      mine = Arrays.copyOf(mine, slot + 1);
      Arrays.fill(mine, had, slot + 1, new float[0]);
      floats[worker] = mine;
    }
    if (mine[slot].length < length) {
      mine[slot] = new float[Math.max(PIECE, length)];
    }
    return mine[slot];
  }

  @Override
  public void close() {
    workers.close();
    for (Workers w : alone) {
      w.close();
    }
  }
}
