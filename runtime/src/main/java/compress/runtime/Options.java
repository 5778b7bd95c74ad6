package compress.runtime;

/**
 * How a network is run.
 *
 * @param threads for one step; steps follow each other
 * @param fuse whether nodes that belong together become one step
 * @param sharedMemory whether values whose lifetimes do not overlap share memory
 * @param dense whether all weights are multiplied as if none were zero
 */
public record Options(int threads, boolean fuse, boolean sharedMemory, boolean dense) {
  public Options {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads; at least 1");
    }
  }

  /** All that makes it fast. */
  public static Options threads(int threads) {
    return new Options(threads, true, true, false);
  }

  public Options withFuse(boolean on) {
    return new Options(threads, on, sharedMemory, dense);
  }

  public Options withSharedMemory(boolean on) {
    return new Options(threads, fuse, on, dense);
  }

  public Options withDense(boolean on) {
    return new Options(threads, fuse, sharedMemory, on);
  }
}
