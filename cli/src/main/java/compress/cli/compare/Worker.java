package compress.cli.compare;

import compress.cli.ChildJava;
import compress.cli.bench.VectorJava;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The near end of a {@link TrialWorker}. */
final class Worker implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Process process;
  private final Writer to;
  private final BufferedReader from;
  private volatile String last = "";

  /**
   * @param heapBytes that its Java may take at most
   * @param vectors whether it needs the Vector API
   */
  Worker(long heapBytes, boolean vectors) throws IOException {
    ProcessBuilder java =
        vectors ? VectorJava.of(TrialWorker.class) : ChildJava.of(TrialWorker.class, List.of());
    // Behind the others: of several the last one counts.
    java.command().add(java.command().size() - 1, "-Xmx" + Math.max(64, heapBytes >> 20) + "m");
    // Else libtorch's threads spin while they wait, and take the processor from other trials.
    java.environment().putIfAbsent("OMP_WAIT_POLICY", "passive");
    process = java.start();
    to = process.outputWriter(StandardCharsets.UTF_8);
    from = process.inputReader(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().start(this::readErrors);
  }

  private void readErrors() {
    try (BufferedReader in = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isBlank()) {
          last = line;
        }
      }
    } catch (IOException e) {
      // The process is gone; its code says the rest.
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Runs a trial; why it failed, or nothing. */
  Optional<String> run(Order order) {
    try {
      to.write(JSON.writeValueAsString(order) + "\n");
      to.flush();
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        try {
          return JSON.readValue(line, Order.Answer.class).reason();
        } catch (JacksonException e) {
          // A library's own print.
        }
      }
    } catch (IOException e) {
      // It has ended; its code says more than the broken pipe.
    }
    return Optional.of(ending());
  }

  private String ending() {
    try {
      int code = process.waitFor();
      String killed = code == 137 ? ", killed, as the system does when memory is short" : "";
      return "its Java ended with code %d%s%s"
          .formatted(code, killed, last.isEmpty() ? "" : ": " + last);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
