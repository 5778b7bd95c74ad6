package compress.cli.latency;

import java.io.IOException;
import java.nio.file.Path;

/** Something that runs whole networks. */
interface NetworkRuntime {
  /** As reports have it. */
  String name();

  /**
   * A network that is ready to run on inputs of its own.
   *
   * @param file ONNX
   * @param batch the length of open first axes
   * @throws IllegalArgumentException if this runtime cannot run the network, saying why
   */
  Loaded load(Path file, long batch, int threads) throws IOException;

  /** A network with its inputs. */
  interface Loaded extends AutoCloseable {
    /** Once, on the same inputs each time. */
    void run() throws IOException;

    @Override
    void close();
  }
}
