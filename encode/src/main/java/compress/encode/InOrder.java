package compress.encode;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Does pieces of work on several threads and hands the results on in order, so that what is written
 * does not depend on the number of threads. No more pieces are under way than that number.
 */
final class InOrder {
  interface Work<R> {
    R run(int piece) throws IOException;
  }

  interface Sink<R> {
    void accept(int piece, R result) throws IOException;
  }

  private InOrder() {}

  /** {@code sink} runs on the calling thread. */
  static <R> void run(int threads, int pieces, Work<R> work, Sink<R> sink) throws IOException {
    if (threads == 1) {
      for (int p = 0; p < pieces; p++) {
        sink.accept(p, work.run(p));
      }
      return;
    }
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      Queue<Future<R>> underWay = new ArrayDeque<>();
      int done = 0;
      for (int p = 0; p < pieces; p++) {
        int piece = p;
        if (underWay.size() == threads) {
          sink.accept(done++, result(underWay.remove()));
        }
        underWay.add(executor.submit(() -> work.run(piece)));
      }
      while (!underWay.isEmpty()) {
        sink.accept(done++, result(underWay.remove()));
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private static <R> R result(Future<R> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException runtime -> throw runtime;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
