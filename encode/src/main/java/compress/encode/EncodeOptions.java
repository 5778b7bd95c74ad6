package compress.encode;

/**
 * How to encode. The bytes written depend on {@code coder} alone.
 *
 * @param threads how many chunks are coded at a time, each in some 50 MB of memory
 * @param progress is told how far things are
 */
public record EncodeOptions(CoderChoice coder, int threads, Progress progress) {
  public EncodeOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
  }

  /** The best coders, two threads, nobody to tell. */
  public static EncodeOptions defaults() {
    return new EncodeOptions(CoderChoice.BEST, 2, Progress.NONE);
  }

  public EncodeOptions with(CoderChoice choice) {
    return new EncodeOptions(choice, threads, progress);
  }
}
