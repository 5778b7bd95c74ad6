package compress.train;

/** Where work in progress is shown. */
public interface Progress {
  /** Shows nothing. */
  Progress SILENT =
      (what, total) ->
          new Task() {
            @Override
            public void advance(long n) {}

            @Override
            public void note(String text) {}

            @Override
            public void close() {}
          };

  /**
   * Work of {@code total} equal parts begins.
   *
   * @param what in a few words: {@code train, epoch 3 of 10}
   */
  Task start(String what, long total);

  /** One piece of work. */
  interface Task extends AutoCloseable {
    /** {@code n} more parts are done. */
    void advance(long n);

    /** Something worth a few words beside the bar: {@code loss 0.031}. */
    void note(String text);

    /** The work is over. */
    @Override
    void close();
  }
}
