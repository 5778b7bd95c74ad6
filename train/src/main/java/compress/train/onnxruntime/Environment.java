package compress.train.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's environment, of which a process has one. To make it, ONNX Runtime 1.29 matches the
 * process's command line by a recursion as deep as that is long: a class path of some thousand
 * letters takes the megabyte that a thread of Java has, and more than that ends the process. So it
 * is made on a thread with a larger stack.
 */
final class Environment {
  private static final long STACK = 64L << 20;

  private static @Nullable OrtEnvironment made;

  private Environment() {}

  /**
   * @throws LinkageError if ONNX Runtime for this system is not there
   */
  static synchronized OrtEnvironment get() {
    if (made == null) {
      FutureTask<OrtEnvironment> making = new FutureTask<>(OrtEnvironment::getEnvironment);
      new Thread(null, making, "onnxruntime", STACK).start();
      made = result(making);
    }
    return made;
  }

  private static OrtEnvironment result(FutureTask<OrtEnvironment> making) {
    try {
      return making.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException("ONNX Runtime cannot start: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while ONNX Runtime starts", e);
    }
  }
}
