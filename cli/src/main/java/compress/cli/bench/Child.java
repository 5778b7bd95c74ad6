package compress.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Java that does one job: it is given a line of JSON, and answers in lines of JSON. {@link
 * Parent} is what it sees of us.
 *
 * @param <T> an answer
 */
public final class Child<T> implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Process process;
  private final Class<T> type;
  private final OutputStream to;
  private final BufferedReader from;
  private final StringBuilder last = new StringBuilder();
  private final Thread errors;

  /** Takes an answer. */
  @FunctionalInterface
  public interface Taker<T> {
    void take(T answer) throws IOException;
  }

  /**
   * @param java what starts the child, whose class talks to its {@link Parent}
   * @param remarks what it says on stderr, line by line
   * @throws IOException if it does not start
   */
  Child(ProcessBuilder java, Object job, Class<T> type, Consumer<String> remarks)
      throws IOException {
    this.type = type;
    process = java.start();
    to = process.getOutputStream();
    from = process.inputReader(StandardCharsets.UTF_8);
    errors = Thread.ofPlatform().daemon().start(() -> readErrors(remarks));
    write(JSON.writeValueAsString(job));
  }

  /**
   * Returns when the child has ended.
   *
   * @param java what starts the child, whose class talks to its {@link Parent}
   * @param remarks what it says on stderr, line by line
   * @throws IOException if it does not start or does not end well; the message says what it said
   *     last
   */
  public static <T> void run(
      ProcessBuilder java, Object job, Class<T> type, Taker<T> answers, Consumer<String> remarks)
      throws IOException {
    try (Child<T> child = new Child<>(java, job, type, remarks)) {
      for (Optional<T> next = child.next(); next.isPresent(); next = child.next()) {
        answers.take(next.get());
      }
    }
  }

  /** Tells it that it is its turn. */
  void giveTurn() {
    write("");
  }

  private void write(String line) {
    try {
      to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      to.flush();
    } catch (IOException e) {
      // It has ended; what it said, or its code, is the reason, and comes next.
    }
  }

  /**
   * Waits for the next answer; empty once the child has ended.
   *
   * @throws IOException if it did not end well; the message says what it said last
   */
  Optional<T> next() throws IOException {
    for (String line = from.readLine(); line != null; line = from.readLine()) {
      try {
        return Optional.of(JSON.readValue(line, type));
      } catch (JacksonException e) {
        // A library's own print.
      }
    }
    try {
      int code = process.waitFor();
      errors.join();
      if (code != 0) {
        throw new IOException(
            "the Java that measures ended with code %d%s"
                .formatted(code, last.isEmpty() ? "" : ": " + last));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return Optional.empty();
  }

  private void readErrors(Consumer<String> remarks) {
    try (BufferedReader in = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isBlank() && !line.equals(VectorJava.WARNING)) {
          remarks.accept(line);
          last.setLength(0);
          last.append(line);
        }
      }
    } catch (IOException e) {
      // The process is gone; its code says the rest.
    }
  }

  /** Ends the child if it has not ended. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
