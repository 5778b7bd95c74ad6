package compress.encode;

/** Is told how far a piece of work is, on one thread, in rising order. */
public interface Progress {
  /** Does nothing. */
  Progress NONE = (done, of) -> {};

  /** Of {@code of} bytes {@code done} are done. */
  void at(long done, long of);
}
